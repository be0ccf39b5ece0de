"""Opening: what one call reads, in one DuckDB session, with standings that are kept.

In: the tables as they belong together, requirements, exemptions and imports as they
stand now. Out: a connection for one question on one day. A report asked month by month
opens the same call for all of its days at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from duckdb import DuckDBPyConnection, OutOfMemoryException

from analytics.lake.published import Published
from analytics.reports.catalogue import Query
from analytics.reports.session import NOTHING, Asked, Files, prepare, session
from analytics.reports.standings import demand
from analytics.reports.standings.folder import Entry
from analytics.reports.standings.inputs import OF_SEVERAL_DAYS, UNITS, Given
from analytics.reports.standings.making import unresolved
from analytics.reports.standings.standings import Standings
from analytics.requirements import Requirement
from analytics.workforce.run_records import RunRecord
from lrs.errors import NotFound, TooLarge

_UNITS = Query("path", "", "", ("unit_edges", "unit_closure", "scope"), "")
_SHARE = Query("unresolved", "", "", ("latest_facts", "voids"), "")
_PATH = """
SELECT c.ancestor_id AS unit_id, coalesce(e.name, c.ancestor_id) AS unit_name
FROM unit_closure AS c
LEFT JOIN unit_edges AS e
    ON e.unit_id = c.ancestor_id AND $as_of BETWEEN e.from_day AND e.to_day
WHERE c.unit_id = $unit AND $as_of BETWEEN c.from_day AND c.to_day
ORDER BY c.depth DESC
"""


@dataclass(frozen=True, slots=True)
class Call:
    """What one call reads; for one thread.

    ``given``: what standings are made from; None where none are kept.
    """

    tenant: str
    tables: Published
    standings: Standings | None = None
    given: Given | None = None
    requirements: Sequence[Requirement] = ()
    exemptions: Sequence[Mapping[str, Any]] = ()
    imports: Sequence[RunRecord] = field(default=())

    def note(self, *, monthly: bool) -> None:
        """Note that the present was asked for, so that it is made ahead."""
        if self.standings is not None:
            kind = demand.MONTHS if monthly else demand.DAY
            self.standings.note(self.tenant, kind)


@dataclass(frozen=True, slots=True)
class Opened:
    """A call's tables, the models that need no making, and ReportMeta's share.

    ``session`` opens a connection to them for a query: ``session(query, only=...)``.
    """

    session: Callable[..., AbstractContextManager[DuckDBPyConnection]]
    kept: Mapping[str, Files]
    unresolved_share: float | None


@contextmanager
def opened(call: Call, asked: Asked) -> Iterator[Opened]:
    """Yield what queries read on the day that is asked for.

    Raises TooLarge where what is asked for needs more memory than a call may take.
    """
    with ExitStack() as held, _within_memory():
        kept: dict[str, Files] = {}
        found = _held(held, call, asked)
        if found is not None:
            kept, share = {**found.files()}, found.unresolved
            if asked.since is not None:
                before = replace(asked, as_of=asked.since)
                if (former := _held(held, call, before)) is not None:
                    kept["present_before"] = former.file("present")
        else:
            share = _share(call.tables, asked)
        yield _opened(call, kept, share)


@contextmanager
def opened_together(
    call: Call, asked: Asked, days: Sequence[date]
) -> Iterator[Opened | None]:
    """Yield what queries read on several days at once; None where it is not kept.

    Of the first day, which is no point of its own, who was present. Raises TooLarge as
    ``opened`` does.
    """
    with ExitStack() as held, _within_memory():
        found: dict[date, Entry] = {}
        for day in days:
            entry = _held(held, call, replace(asked, as_of=day))
            if entry is None:
                held.close()
                yield None
                return
            found[day] = entry
        last = found[days[-1]]
        # How units stand is known of all days, and the same in each set.
        kept: dict[str, Files] = {name: last.file(name) for name in UNITS}
        for name in OF_SEVERAL_DAYS:
            of = days if name == "present" else days[1:]
            kept[f"{name}_at"] = {day: found[day].file(name) for day in of}
        yield _opened(call, kept, last.unresolved)


def _opened(
    call: Call, kept: Mapping[str, Files], unresolved_share: float | None
) -> Opened:
    open_for = partial(
        session,
        call.tables,
        requirements=call.requirements,
        exemptions=call.exemptions,
        imports=call.imports,
        kept=kept,
    )
    return Opened(open_for, kept, unresolved_share)


def _held(held: ExitStack, call: Call, asked: Asked) -> Entry | None:
    """Return what is kept of a day, held as long as the stack; None for nothing."""
    if call.standings is None or call.given is None:
        return None
    return held.enter_context(call.standings.hold(call.tenant, call.given, asked))


@contextmanager
def _within_memory() -> Iterator[None]:
    try:
        yield
    except OutOfMemoryException:
        raise TooLarge(
            "This needs more memory than one report may take: ask for a unit, a "
            "person or a requirement."
        ) from None


def path(
    tables: Published, asked: Asked, kept: Mapping[str, Files] = NOTHING
) -> list[dict[str, object]]:
    """Return the units from the scope's down to the one asked; raises NotFound."""
    unit = asked.unit or asked.scope_unit
    with session(tables, _UNITS, kept=kept) as connection:
        prepare(connection, _UNITS, asked, kept)
        seen = connection.execute(
            "SELECT 1 FROM scope WHERE unit_id = $unit", {"unit": unit}
        ).fetchall()
        if not seen:
            raise NotFound("There is no such unit in your area on this day.")
        found = connection.sql(
            _PATH, params={"unit": unit, "as_of": asked.as_of}
        ).to_arrow_table()
    rows: list[dict[str, object]] = found.to_pylist()
    ids = [row["unit_id"] for row in rows]
    return rows[ids.index(asked.scope_unit) if asked.scope_unit in ids else 0 :]


def _share(tables: Published, asked: Asked) -> float | None:
    with session(tables, _SHARE) as connection:
        prepare(connection, _SHARE, asked)
        return unresolved(connection, asked)
