"""Asking Oracle HCM: pages of workers as of a day, a worker's history, pages of feeds.

In: an open fetch. Out: workers and entries as they stand there. Workers are asked for
by limit and offset until hasMore is false; a history as of today, then as of the day
before the row that held, and so on to the hire, and forward.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from analytics.workforce.connectors.atom import Entry, entries_of
from analytics.workforce.connectors.connector import Fetch
from analytics.workforce.connectors.oracle_people import (
    FAR,
    Manager,
    assignments_of,
    text_of,
)
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk
from lrs.errors import SetupError

_EXPAND = (
    *("names", "emails", "workRelationships.assignments.managers"),
    "workRelationships.assignments.workMeasures",
)
_HEADERS = {"REST-Framework-Version": "4"}
_ATOM = {"Accept": "application/atom+xml, application/json;q=0.9"}
_LARGEST = 64 << 20  # bytes of a page of a feed
_MOST_PAGES, _MOST_ROWS = 200_000, 1_000


@dataclass(frozen=True, slots=True)
class Asking:
    """Where and how one environment is asked."""

    system: str
    page_size: int
    resources: str
    feeds: str
    assignment_filter: str
    query: Mapping[str, str]

    def pages(
        self, fetch: Fetch, day: str, asked: Mapping[str, str], walk: Walk
    ) -> Iterator[list[Item]]:
        """Yield the pages of workers as of a day."""
        at = 0
        query = {
            "expand": ",".join(_EXPAND),
            "onlyData": "true",
            "totalResults": "true",
            "orderBy": "PersonId",
            "effectiveDate": day,
            "limit": str(self.page_size),
            **self.query,
            **asked,
        }
        path = f"{self.resources}/workers"
        for _ in range(_MOST_PAGES):
            page = {**query, "offset": str(at)}
            found = fetch.session.json(path, params=page, headers=_HEADERS)
            workers = found.get("items") if isinstance(found, dict) else None
            if not isinstance(workers, list):
                raise self._unlike(path)
            walk.told(found.get("totalResults"))
            items = [(text_of(worker, "PersonId"), "", worker) for worker in workers]
            if not all(one for one, _, _ in items):
                raise self._unlike(path)
            yield items
            at += len(items)
            if found.get("hasMore") is not True or not items:
                return
        raise SetupError(f"{self.system} has over {_MOST_PAGES:,} pages (workers).")

    def as_of(self, fetch: Fetch, one: str, day: str) -> Any:
        """Return a worker as of a day, None where there is none."""
        found = (
            worker
            for batch in self.pages(fetch, day, {"q": f"PersonId={one}"}, Walk())
            for key, _, worker in batch
            if key == one
        )
        return next(found, None)

    def history(self, fetch: Fetch, one: str, today: str) -> list[Any]:
        """Return a worker as of every day on which a row of theirs begins.

        The state of today is the first.
        """
        states: list[Any] = []
        for step, begin in ((-1, "EffectiveStartDate"), (1, "EffectiveEndDate")):
            day = today
            for _ in range(_MOST_ROWS):
                worker = states[0] if states and day == today else None
                worker = worker or self.as_of(fetch, one, day)
                if worker is None:
                    break
                if worker not in states:
                    states.append(worker)
                edges = [
                    text_of(row, begin)[:10]
                    for row in assignments_of(worker).values()
                    if text_of(row, begin)
                ]
                if not edges or (step > 0 and min(edges) >= FAR):
                    break
                following = _beside(max(edges) if step < 0 else min(edges), step)
                if (following < day) != (step < 0) or following == day:
                    break
                day = following
        return states

    def leader(
        self,
        fetch: Fetch,
        today: str,
        asked: dict[str, Manager | None],
        number: str,
    ) -> Manager | None:
        """Return whose an assignment number is; asked for once."""
        if number not in asked:
            wanted = self.assignment_filter.replace("{number}", number)
            found = (
                worker
                for batch in self.pages(fetch, today, {"q": wanted}, Walk())
                for _, _, worker in batch
                if number in assignments_of(worker)
            )
            worker = next(found, None)
            asked[number] = Manager(*manager_of(worker)) if worker else None
        return asked[number]

    def entries(
        self, fetch: Fetch, feed: str, since: datetime.datetime
    ) -> Iterator[Entry]:
        """Yield the entries of a feed that were updated since, page by page."""
        path = f"{self.feeds}/{feed}"
        asked = {
            "updated-min": since.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "page-size": str(self.page_size),
        }
        former: list[Entry] = []
        for number in range(1, _MOST_PAGES):
            body = BytesIO()
            page = {**asked, "page": str(number)}
            fetch.session.download(
                *(path, body), most=_LARGEST, params=page, headers=_ATOM, check=_is_feed
            )
            found = entries_of(body.getvalue())
            if not found or found == former:  # it does not turn pages
                return
            yield from found
            if len(found) < self.page_size:
                return
            former = found

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that Oracle HCM does not have ({path}): "
            "see to address in [source]."
        )


def manager_of(worker: Any) -> tuple[str, str]:
    """Return a worker as one who leads: PersonId and PersonNumber."""
    return text_of(worker, "PersonId"), text_of(worker, "PersonNumber")


def _beside(day: str, step: int) -> str:
    try:
        found = datetime.date.fromisoformat(day) + datetime.timedelta(days=step)
    except (ValueError, OverflowError):
        return day
    return found.isoformat()


def _is_feed(file: BinaryIO) -> None:
    entries_of(file.read())
