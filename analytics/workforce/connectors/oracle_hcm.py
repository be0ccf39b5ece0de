"""Oracle HCM (``type = "oracle_hcm"``): workers as of a day, and Atom feeds of changes.

Everybody: ``GET /hcmRestApi/resources/.../workers`` as of today, by limit and offset
until hasMore is false, proved by totalResults, or by a second walk. What has changed
tell the Atom feeds alone, those of work structures first: where a structure changed, as
its name, everybody is taken. Each worker of whom a feed speaks is read as of today,
then as of the day before the row that held, and so on to the hire, and forward: so the
whole history is known. A cancelled work relationship takes that hire back.

``[source]``: ``page_size`` (100), ``most_single`` (2000), ``overlap_minutes`` (60),
``resources`` and ``feeds`` (paths), ``employee_feeds``, ``structure_feeds``,
``manager_types``, ``assignment_filter``, ``query``. Log in: ``basic`` with ``user``,
PASSWORD; or client_credentials.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO, ClassVar

import msgspec

from analytics.workforce.connectors.atom import Entry, entries_of
from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    Stale,
    readable,
)
from analytics.workforce.connectors.oracle_people import (
    FAR,
    Manager,
    Rules,
    assignments_of,
    history_of,
    kept_of,
    present_of,
    text_of,
)
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "basic"
_RESOURCES = "hcmRestApi/resources/11.13.18.05"
_FEEDS = "hcmRestApi/atomservlet"
_EMPLOYEE = (
    *("newhire", "empupdate", "empassignment", "termination"),
    *("cancelworkrelship", "workrelshipupdate"),
)
_CANCELLED = "cancelworkrelship"
_STRUCTURES = ("organizations", "jobs", "locations", "grades")
_EXPAND = (
    *("names", "emails", "workRelationships.assignments.managers"),
    "workRelationships.assignments.workMeasures",
)
_HEADERS = {"REST-Framework-Version": "4"}
_ATOM = {"Accept": "application/atom+xml, application/json;q=0.9"}
_WORKERS, _LEADING = "workers", "leading"
_LARGEST = 64 << 20  # bytes of a page of a feed
_MOST_PAGES, _MOST_ROWS = 200_000, 1_000


def connector_of(setup: Setup) -> OracleHcm:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("page_size", "most_single", "overlap_minutes", "resources", "feeds"),
        *("employee_feeds", "structure_feeds", "manager_types"),
        *("assignment_filter", "query"),
    )
    read = setup.read
    overlap = read.number("overlap_minutes", 60.0, 0.0, 1e5)
    return OracleHcm(
        system=setup.name,
        page_size=read.number("page_size", 100, 1, 500),
        most_single=read.number("most_single", 2_000, 1, 100_000),
        overlap=datetime.timedelta(minutes=overlap),
        resources=read.text("resources", _RESOURCES).rstrip("/"),
        feeds=read.text("feeds", _FEEDS).rstrip("/"),
        employee_feeds=read.texts("employee_feeds", _EMPLOYEE),
        structure_feeds=read.texts("structure_feeds", _STRUCTURES),
        assignment_filter=read.text(
            "assignment_filter",
            "workRelationships.assignments.AssignmentNumber='{number}'",
        ),
        rules=Rules(read.texts("manager_types", ("LINE_MANAGER",))),
        query=read.pairs("query"),
    )


class _Cursor(msgspec.Struct):
    """Up to where the feeds were read: those of employees, and of structures.

    ``told``: everybody was taken since, so nothing the feeds say asks for that again.
    """

    since: datetime.datetime
    structures: datetime.datetime
    told: bool = False


@dataclass(frozen=True, slots=True)
class OracleHcm:
    """One environment of Oracle HCM."""

    system: str
    page_size: int
    most_single: int
    overlap: datetime.timedelta
    resources: str
    feeds: str
    employee_feeds: tuple[str, ...]
    structure_feeds: tuple[str, ...]
    assignment_filter: str
    rules: Rules
    query: Mapping[str, str]

    has_delta: ClassVar[bool] = True
    people_are_whole: ClassVar[bool] = True

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody as of today; the first time also from the hire on."""
        # The feeds are asked from here on, whatever comes while pages are read.
        today = self._today(fetch)
        take_whole(fetch, _WORKERS, partial(self._pages, fetch, today, {}))
        leading = (
            (number, "", _manager(worker))
            for _, worker in fetch.shelf.all(_WORKERS)
            for number in assignments_of(worker)
        )
        fetch.shelf.put(_LEADING, leading)

        def known(number: str) -> Manager | None:
            found = fetch.shelf.of(_LEADING, number)
            return Manager(*found[0]) if found else None

        is_first = not fetch.former
        for _, worker in fetch.shelf.all(_WORKERS):
            yield from present_of(worker, self.rules, known, today, is_first=is_first)
        self._move(fetch, self._former(fetch))

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield the whole history of each of whom the feeds speak; raises Stale."""
        try:
            known = msgspec.json.decode(cursor, type=_Cursor)
        except msgspec.DecodeError:
            raise Stale("where the last delta ended is not known.") from None
        today = self._today(fetch)
        for feed in self.structure_feeds:
            for _ in self._entries(fetch, f"workstructures/{feed}", known.structures):
                raise Stale(f"work structures have changed ({feed}).")
        ids: set[str] = set()
        cancelled: dict[str, list[Entry]] = {}
        for feed in self.employee_feeds:
            for entry in self._entries(fetch, f"employee/{feed}", known.since):
                if one := text_of(entry, "PersonId"):
                    ids.add(one)
                    if feed == _CANCELLED:
                        cancelled.setdefault(one, []).append(entry)
        if len(ids) > self.most_single:
            if not known.told:
                raise Stale(f"over {self.most_single:,} workers have changed.")
            ids.clear()
        asked: dict[str, Manager | None] = {}
        leaders = partial(self._leader, fetch, today, asked)
        for one in sorted(ids):
            states = self._history(fetch, one, today)
            if not states:
                if one not in cancelled and not known.told:
                    raise Stale("a worker is no longer there.")
                yield from map(_rescinded, cancelled.get(one, []))
                continue
            yield from history_of(states, self.rules, leaders)
        fetch.settled = known.told
        self._move(fetch, None)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first workers."""
        today = self._today(fetch)
        for batch in islice(self._pages(fetch, today, {}, Walk()), 1):
            fetch.shelf.put(_WORKERS, batch)
        rules = self.rules
        found = (
            record
            for _, worker in fetch.shelf.all(_WORKERS)
            for record in present_of(
                worker, rules, lambda number: Manager(number, number), today
            )
        )
        yield from islice(found, number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for a page of workers, and each feed."""
        pages = self._pages(fetch, self._today(fetch), {}, Walk())
        yield readable("The list of workers", partial(next, pages, None))
        now = fetch.moment
        names = [f"workstructures/{feed}" for feed in self.structure_feeds]
        for name in (*names, *(f"employee/{feed}" for feed in self.employee_feeds)):
            ask = partial(next, self._entries(fetch, name, now), None)
            yield readable(f"The feed {name}", ask)

    # -- workers --------------------------------------------------------------------

    def _pages(
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

    def _as_of(self, fetch: Fetch, one: str, day: str) -> Any:
        """Return a worker as of a day, None where there is none."""
        found = (
            worker
            for batch in self._pages(fetch, day, {"q": f"PersonId={one}"}, Walk())
            for key, _, worker in batch
            if key == one
        )
        return next(found, None)

    def _history(self, fetch: Fetch, one: str, today: str) -> list[Any]:
        """Return a worker as of every day on which a row of theirs begins.

        The state of today is the first.
        """
        states: list[Any] = []
        for step, begin in ((-1, "EffectiveStartDate"), (1, "EffectiveEndDate")):
            day = today
            for _ in range(_MOST_ROWS):
                worker = states[0] if states and day == today else None
                worker = worker or self._as_of(fetch, one, day)
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

    def _leader(
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
                for batch in self._pages(fetch, today, {"q": wanted}, Walk())
                for _, _, worker in batch
                if number in assignments_of(worker)
            )
            worker = next(found, None)
            asked[number] = Manager(*_manager(worker)) if worker else None
        return asked[number]

    # -- feeds ----------------------------------------------------------------------

    def _entries(
        self, fetch: Fetch, feed: str, since: datetime.datetime
    ) -> Iterator[Entry]:
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

    def _today(self, fetch: Fetch) -> str:
        return fetch.moment.date().isoformat()

    def _former(self, fetch: Fetch) -> datetime.datetime | None:
        """Return up to where the feeds were read when everybody is taken.

        What they say since then is read behind it: everybody tells the present only.
        """
        try:
            return msgspec.json.decode(fetch.former, type=_Cursor).since
        except msgspec.DecodeError:
            return None

    def _move(self, fetch: Fetch, since: datetime.datetime | None) -> None:
        now = fetch.moment
        told = since is not None
        made = _Cursor(since or now - self.overlap, structures=now, told=told)
        fetch.cursor = msgspec.json.encode(made).decode()

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that Oracle HCM does not have ({path}): "
            "see to address in [source]."
        )


def _manager(worker: Any) -> tuple[str, str]:
    return text_of(worker, "PersonId"), text_of(worker, "PersonNumber")


def _rescinded(entry: Entry) -> Record:
    hired = text_of(entry, "EffectiveStartDate") or text_of(entry, "EffectiveDate")
    return {
        **kept_of(entry),
        "date": hired[:10],
        "hireDate": hired[:10],
        "rescinded": "hire",
    }


def _beside(day: str, step: int) -> str:
    try:
        found = datetime.date.fromisoformat(day) + datetime.timedelta(days=step)
    except (ValueError, OverflowError):
        return day
    return found.isoformat()


def _is_feed(file: BinaryIO) -> None:
    entries_of(file.read())
