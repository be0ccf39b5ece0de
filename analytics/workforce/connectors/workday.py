"""Workday (``type = "workday"``): a report as a web service, and the count of workers.

Everybody: the report, whole or part by part (``partition``: one prompt and its values),
written to a file while it comes. What has changed: the same report, or another, with a
prompt that takes a moment (``delta``). A report has no count; that of the REST workers
(``workers``) before and behind it proves it whole, or a second reading where it comes
in parts.

``[source]``: ``workday_tenant``, ``report`` (OWNER/NAME), ``id``, ``effective``,
``sequence``, ``hired``, ``ended``, ``several`` (columns), ``largest_report_mb`` (2048),
and the tables ``prompts`` (with every question), ``partition`` (``prompt``, and
``values``, or ``report`` and ``column`` which list them), ``delta`` (``prompt``,
``through``, ``format``, ``report``, ``parts``, ``overlap_minutes``,
``people_are_whole``), ``workers`` (``path``, ``query``, ``counts``: all or employed).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice

from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    readable,
)
from analytics.workforce.connectors.wholeness import WALKS
from analytics.workforce.connectors.workday_questions import (
    ROWS,
    SAMPLE,
    Questions,
    name_of,
)
from analytics.workforce.connectors.workday_report import (
    digest_of,
    is_employed,
    others,
    records_of,
)
from analytics.workforce.connectors.workday_tables import Changes, read_tables
from lrs.errors import Unavailable

LOGIN = "basic"
_REFUSED = "status 401)"


def connector_of(setup: Setup) -> Workday:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    return Workday(setup.fields, Questions(setup.name, *read_tables(setup)))


@dataclass(frozen=True, slots=True)
class Workday:
    """One tenant's report of its workers; ``fields`` are those that are mapped."""

    fields: tuple[str, ...]
    ask: Questions

    @property
    def has_delta(self) -> bool:
        """Tell whether the report can be asked for changes."""
        return self.ask.changes is not None

    @property
    def people_are_whole(self) -> bool:
        """Tell whether a delta has all rows of each worker in it."""
        return self.ask.changes is not None and self.ask.changes.people_are_whole

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, proved by the count, or by a second reading."""
        self._take_whole(fetch)
        fetch.cursor = self._moment(fetch)
        yield from self._records(fetch)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield who has changed since."""
        assert self.ask.changes is not None  # noqa: S101
        since = datetime.datetime.fromisoformat(cursor)
        # Where it was asked nothing yet, the system's clock is not known: ours then.
        asked = self.ask.changes.asked(since, fetch.moment)
        report = self.ask.changes.report or self.ask.report
        for number, prompts in enumerate(
            self.ask.in_parts(fetch) if self.ask.changes.in_parts else [{}]
        ):
            self.ask.take(fetch, report, {**prompts, **asked}, number)
        fetch.cursor = self._moment(fetch)
        yield from self._records(fetch)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the records of the first workers."""
        if not fetch.shelf.count(ROWS):
            self.ask.take_first(fetch)
        yield from islice(self._records(fetch), number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for the report, its parts, its changes, and the count of workers."""
        if self.ask.parts is not None:
            yield readable(
                f"What the report is read by ({self.ask.parts.prompt})",
                partial(self.ask.in_parts, fetch),
            )
        finding = readable(
            f"The report {name_of(self.ask.report)}",
            partial(self.ask.take_first, fetch),
        )
        yield finding
        if _REFUSED in finding.text:
            return  # asked on and on, an account may be locked
        if finding.well:
            yield from self._unnamed(fetch)
        if self.ask.changes is not None:
            yield from self._check_changes(fetch, self.ask.changes)
        if self.ask.workers is not None:
            yield readable(
                "The count of workers (REST)", partial(self.ask.count, fetch)
            )

    # -- everybody ------------------------------------------------------------------

    def _take_whole(self, fetch: Fetch) -> None:
        """Put all rows on the shelf; raises Unavailable where that is not proved."""
        report = name_of(self.ask.report)
        former, counted, met, told = b"", (-1, -1), 0, 0
        for number in range(1, WALKS + 1):
            fetch.shelf.clear(ROWS)
            before = self.ask.count(fetch) if self.ask.workers else 0
            for at, prompts in enumerate(self.ask.in_parts(fetch)):
                self.ask.take(fetch, self.ask.report, prompts, at)
            if self.ask.workers is not None:
                told, met = self.ask.count(fetch), self._met(fetch)
                if before == told == met:
                    return
                fetch.remark(
                    f"Reading {number} of {report} met {met} workers; counted are "
                    f"{before}, and {told} behind it."
                )
                if (met, told) == counted and before == told:
                    break  # nothing moves: it will never agree
                counted = met, told
                continue
            if self.ask.parts is None:
                return  # one answer, which did not break off
            ids = digest_of(self._workers(fetch))
            if ids == former:
                return
            former = ids
        if self.ask.workers is not None:
            raise Unavailable(
                f"{self.ask.system}: {report} has {met} workers, Workday counts "
                f"{told}, also when read again. So somebody is missing in it, "
                "or hidden from one of the two: see to the report's filter, to "
                "[source.partition], to counts in [source.workers], and to what the "
                "user may see. Nothing was taken."
            )
        raise Unavailable(
            f"{self.ask.system}: {report} had other workers each time it was read. "
            "Nothing was taken; let it run when fewer people work there."
        )

    # -- joined and counted ---------------------------------------------------------

    def _workers(self, fetch: Fetch) -> Iterator[str]:
        """Yield the id of each worker once."""
        return (one for one, _ in groupby(one for one, _ in fetch.shelf.ids(ROWS)))

    def _kept(self, fetch: Fetch) -> Iterator[list[Record]]:
        """Yield the rows of each worker."""
        by_worker = groupby(fetch.shelf.all(ROWS), key=lambda found: found[0])
        return ([kept for _, kept in group] for _, group in by_worker)

    def _records(self, fetch: Fetch) -> Iterator[Record]:
        for kept in self._kept(fetch):
            yield from records_of(kept, self.ask.columns.several)

    def _met(self, fetch: Fetch) -> int:
        """Return how many workers there are of those whom Workday counts."""
        if self.ask.workers is None or self.ask.workers.counts == "all":
            return sum(1 for _ in self._workers(fetch))
        today = fetch.moment.date().isoformat()
        return sum(
            is_employed(kept, self.ask.columns, today) for kept in self._kept(fetch)
        )

    def _moment(self, fetch: Fetch) -> str:
        """Return from when the next delta is asked."""
        overlap = self.ask.changes.overlap if self.ask.changes else datetime.timedelta()
        return (fetch.moment - overlap).isoformat()

    # -- checked --------------------------------------------------------------------

    def _unnamed(self, fetch: Fetch) -> Iterator[Finding]:
        """Say which columns the report has that nobody asks for: one may be renamed."""
        rows = (kept["row"] for _, kept in fetch.shelf.all(ROWS))
        if found := others(rows, self.ask.columns, self.fields):
            yield Finding(
                None,
                f"The report also has {', '.join(found)}, which the mapping does not "
                "name: is one of them what it calls otherwise?",
            )

    def _check_changes(self, fetch: Fetch, changes: Changes) -> Iterator[Finding]:
        number = 0
        report = changes.report or self.ask.report
        [part, *_] = self.ask.in_parts(fetch) if changes.in_parts else [{}]

        def ask() -> None:
            nonlocal number
            asked = changes.asked(fetch.moment, fetch.moment)
            with self.ask.read(fetch, report, {**part, **asked}) as rows:
                number = sum(1 for _ in islice(rows, SAMPLE))

        yield readable(f"What has changed ({changes.prompt})", ask)
        if number >= fetch.shelf.count(ROWS) > 1:
            yield Finding(
                None,
                "Asked for what has changed since this moment, the report has as many "
                f"rows as ever: is its prompt called {changes.prompt}, and does a "
                "filter of the report use it?",
            )
