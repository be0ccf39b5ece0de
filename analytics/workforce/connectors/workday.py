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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from tempfile import TemporaryFile

from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    readable,
)
from analytics.workforce.connectors.wholeness import WALKS
from analytics.workforce.connectors.workday_report import (
    Columns,
    digest_of,
    go_through,
    is_employed,
    items,
    others,
    records_of,
    rows_in,
    text_of,
)
from analytics.workforce.connectors.workday_tables import (
    Changes,
    Partition,
    Workers,
    read_tables,
)
from lrs.errors import SetupError, Unavailable

LOGIN = "basic"
_ROWS = "workers"
_REFUSED = "status 401)"
_SAMPLE = 1_000  # rows that check looks at


def connector_of(setup: Setup) -> Workday:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    tables = read_tables(setup)
    return Workday(setup.name, setup.fields, *tables)


@dataclass(frozen=True, slots=True)
class Workday:
    """One tenant's report of its workers; ``largest`` in bytes."""

    system: str
    fields: tuple[str, ...]
    report: str
    prompts: Mapping[str, str]
    columns: Columns
    largest: int
    parts: Partition | None
    changes: Changes | None
    workers: Workers | None

    @property
    def has_delta(self) -> bool:
        """Tell whether the report can be asked for changes."""
        return self.changes is not None

    @property
    def people_are_whole(self) -> bool:
        """Tell whether a delta has all rows of each worker in it."""
        return self.changes is not None and self.changes.people_are_whole

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, proved by the count, or by a second reading."""
        self._take_whole(fetch)
        fetch.cursor = self._moment(fetch)
        yield from self._records(fetch)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield who has changed since."""
        assert self.changes is not None  # noqa: S101
        since = datetime.datetime.fromisoformat(cursor)
        # Where it was asked nothing yet, the system's clock is not known: ours then.
        asked = self.changes.asked(since, fetch.moment)
        report = self.changes.report or self.report
        for number, prompts in enumerate(
            self._in_parts(fetch) if self.changes.in_parts else [{}]
        ):
            self._take(fetch, report, {**prompts, **asked}, number)
        fetch.cursor = self._moment(fetch)
        yield from self._records(fetch)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the records of the first workers."""
        if not fetch.shelf.count(_ROWS):
            self._take_first(fetch)
        yield from islice(self._records(fetch), number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for the report, its parts, its changes, and the count of workers."""
        if self.parts is not None:
            yield readable(
                f"What the report is read by ({self.parts.prompt})",
                partial(self._in_parts, fetch),
            )
        finding = readable(
            f"The report {_name(self.report)}", partial(self._take_first, fetch)
        )
        yield finding
        if _REFUSED in finding.text:
            return  # asked on and on, an account may be locked
        if finding.well:
            yield from self._unnamed(fetch)
        if self.changes is not None:
            yield from self._check_changes(fetch, self.changes)
        if self.workers is not None:
            yield readable("The count of workers (REST)", partial(self._count, fetch))

    # -- everybody ------------------------------------------------------------------

    def _take_whole(self, fetch: Fetch) -> None:
        """Put all rows on the shelf; raises Unavailable where that is not proved."""
        former, met, told = b"", 0, 0
        for number in range(1, WALKS + 1):
            fetch.shelf.clear(_ROWS)
            before = self._count(fetch) if self.workers else 0
            for at, prompts in enumerate(self._in_parts(fetch)):
                self._take(fetch, self.report, prompts, at)
            if self.workers is not None:
                told, met = self._count(fetch), self._met(fetch)
                if before == told == met:
                    return
                fetch.remark(
                    f"Reading {number} of {_name(self.report)} met {met} workers; "
                    f"counted are {before}, and {told} behind it."
                )
                continue
            if self.parts is None:
                return  # one answer, which did not break off
            ids = digest_of(self._workers(fetch))
            if ids == former:
                return
            former = ids
        if self.workers is not None:
            raise Unavailable(
                f"{self._place(self.report)} has {met} workers, Workday counts "
                f"{told}, also after {WALKS} readings. So somebody is missing in it, "
                "or hidden from one of the two: see to the report's filter, to "
                "[source.partition], to counts in [source.workers], and to what the "
                "user may see. Nothing was taken."
            )
        raise Unavailable(
            f"{self._place(self.report)} had other workers each time it was read. "
            "Nothing was taken; let it run when fewer people work there."
        )

    def _in_parts(self, fetch: Fetch) -> list[dict[str, str]]:
        """Return the prompts of each part."""
        if self.parts is None:
            return [{}]
        values: Iterable[str] = self.parts.values
        if self.parts.report and self.parts.column:
            with self._read(fetch, self.parts.report, {}) as rows:
                found = (text_of(row, self.parts.column) for row in rows)
                values = sorted({value for value in found if value})
        prompts = [{self.parts.prompt: value} for value in values]
        if not prompts:
            raise SetupError(
                f"{self.system}: there is no {self.parts.prompt} to read the report "
                "by: see to report and column in [source.partition]."
            )
        return prompts

    def _take(
        self, fetch: Fetch, report: str, prompts: Mapping[str, str], number: int
    ) -> None:
        with self._read(fetch, report, prompts) as rows:
            place = self._place(report)
            fetch.shelf.put(_ROWS, items(place, rows, self.columns, number))

    def _take_first(self, fetch: Fetch) -> None:
        """Put some rows of the first part on the shelf."""
        fetch.shelf.clear(_ROWS)
        [prompts, *_] = self._in_parts(fetch)
        with self._read(fetch, self.report, prompts) as rows:
            first = islice(rows, _SAMPLE)
            place = self._place(self.report)
            fetch.shelf.put(_ROWS, items(place, first, self.columns, 0))

    @contextmanager
    def _read(
        self, fetch: Fetch, report: str, prompts: Mapping[str, str]
    ) -> Iterator[Iterator[Record]]:
        """Write a report to a file, and open its rows."""
        place = self._place(report)
        with TemporaryFile() as file:
            fetch.session.download(
                report,
                file,
                most=self.largest,
                params={**self.prompts, **prompts, "format": "json"},
                check=partial(go_through, place),
            )
            with closing(rows_in(place, file)) as rows:
                yield rows

    def _place(self, report: str) -> str:
        return f"{self.system}: {_name(report)}"

    # -- joined and counted ---------------------------------------------------------

    def _workers(self, fetch: Fetch) -> Iterator[str]:
        """Yield the id of each worker once."""
        return (one for one, _ in groupby(one for one, _ in fetch.shelf.ids(_ROWS)))

    def _kept(self, fetch: Fetch) -> Iterator[list[Record]]:
        """Yield the rows of each worker."""
        by_worker = groupby(fetch.shelf.all(_ROWS), key=lambda found: found[0])
        return ([kept for _, kept in group] for _, group in by_worker)

    def _records(self, fetch: Fetch) -> Iterator[Record]:
        for kept in self._kept(fetch):
            yield from records_of(kept, self.columns.several)

    def _count(self, fetch: Fetch) -> int:
        assert self.workers is not None  # noqa: S101
        asked = {**self.workers.query, "limit": "1", "offset": "0"}
        found = fetch.session.json(self.workers.path, params=asked)
        total = found.get("total") if isinstance(found, dict) else None
        if isinstance(total, bool) or not isinstance(total, int):
            raise SetupError(
                f"{self.system} tells no total of workers ({self.workers.path}): see "
                "to path in [source.workers], or leave that table out."
            )
        return total

    def _met(self, fetch: Fetch) -> int:
        """Return how many workers there are of those whom Workday counts."""
        if self.workers is None or self.workers.counts == "all":
            return sum(1 for _ in self._workers(fetch))
        today = fetch.moment.date().isoformat()
        return sum(is_employed(kept, self.columns, today) for kept in self._kept(fetch))

    def _moment(self, fetch: Fetch) -> str:
        """Return from when the next delta is asked."""
        overlap = self.changes.overlap if self.changes else datetime.timedelta()
        return (fetch.moment - overlap).isoformat()

    # -- checked --------------------------------------------------------------------

    def _unnamed(self, fetch: Fetch) -> Iterator[Finding]:
        """Say which columns the report has that nobody asks for: one may be renamed."""
        rows = (kept["row"] for _, kept in fetch.shelf.all(_ROWS))
        if found := others(rows, self.columns, self.fields):
            yield Finding(
                None,
                f"The report also has {', '.join(found)}, which the mapping does not "
                "name: is one of them what it calls otherwise?",
            )

    def _check_changes(self, fetch: Fetch, changes: Changes) -> Iterator[Finding]:
        number = 0
        report = changes.report or self.report
        [part, *_] = self._in_parts(fetch) if changes.in_parts else [{}]

        def ask() -> None:
            nonlocal number
            asked = changes.asked(fetch.moment, fetch.moment)
            with self._read(fetch, report, {**part, **asked}) as rows:
                number = sum(1 for _ in islice(rows, _SAMPLE))

        yield readable(f"What has changed ({changes.prompt})", ask)
        if number >= fetch.shelf.count(_ROWS) > 1:
            yield Finding(
                None,
                "Asked for what has changed since this moment, the report has as many "
                f"rows as ever: is its prompt called {changes.prompt}, and does a "
                "filter of the report use it?",
            )


def _name(report: str) -> str:
    return report.rpartition("/")[2]
