"""The reports service: from a name and its parameters to rows.

Row-level scope is part of every query: ``scope_unit`` bounds what the caller may see,
whatever they ask for. A unit outside it is answered like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from analytics.enrichment.hr_tables import HrRows
from analytics.enrichment.runs import LastRun
from analytics.lake.lake import Lake
from analytics.reports import effect
from analytics.reports.catalogue import PARAMETERS, Query, question, sources, steps
from analytics.reports.result import NO_PARAMETERS, ReportMeta, ReportResult
from analytics.reports.session import (
    Asked,
    answer,
    microseconds,
    moment,
    prepare,
    session,
)
from analytics.reports.standings.folder import Entry
from analytics.reports.standings.making import unresolved
from analytics.reports.standings.standings import Standings
from analytics.requirements import WORKER_TYPES, load
from analytics.workforce.run_records import RunRecord
from lrs.errors import BadRequest, NotFound

STATUSES = (
    "COMPLIANT",
    "EXPIRING",
    "GRACE",
    "IN_PROGRESS",
    "NOT_STARTED",
    "OVERDUE",
    "EXPIRED",
    "ON_LEAVE",
    "EXEMPT",
)
_MOST_IMPORTS = 10_000  # the newest: three months of one source every quarter hour
_UNITS = Query("units", "", "", ("units", "unit_closure", "scope"), "")
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_PATH = """
SELECT c.ancestor_id AS unit_id, u.unit_name
FROM unit_closure AS c LEFT JOIN units AS u ON u.unit_id = c.ancestor_id
WHERE c.unit_id = $unit AND $as_of BETWEEN c.from_day AND c.to_day
ORDER BY c.depth DESC
"""


class RunsReader(Protocol):
    """What the reports need to know of the last enrichment."""

    def get(self, tenant: str) -> LastRun | None:
        """Return the last pass of the tenant, or None."""
        ...


class ImportsReader(Protocol):
    """What the reports need to know of the imports."""

    def __call__(
        self, tenant: str, known_at: datetime | None, limit: int, /
    ) -> Sequence[RunRecord]:
        """Return the newest runs that had ended by then (None: until now)."""
        ...


def _no_imports(
    tenant: str, known_at: datetime | None, limit: int, /
) -> Sequence[RunRecord]:
    return ()


@dataclass(frozen=True, slots=True)
class Reports:
    """Answers every question of the catalogue; stateless, for any thread."""

    lake: Lake
    hr: HrRows
    runs: RunsReader
    requirements_dir: Path
    effects_file: Path
    imports: ImportsReader = _no_imports
    standings: Standings | None = None

    def run(
        self,
        name: str,
        tenant: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        unit: str | None = None,
        scope_unit: str | None = None,
        person: str | None = None,
        parameters: Mapping[str, str] = NO_PARAMETERS,
    ) -> ReportResult:
        """Return a report's rows inside ``scope_unit`` and everything below it.

        ``as_of`` None means today (UTC), ``known_at`` None everything known now.
        Raises NotFound for an unknown report or a unit that is not in the scope on
        that day, BadRequest for a known_at that is not enriched yet and for a parameter
        that the report does not take: left unsaid, it would look as if it had acted.
        """
        query = question(name)
        _check(query, {**parameters, **({} if person is None else {"person": person})})
        through = self.enriched_through(tenant)
        asked = self._asked(tenant, through, as_of, known_at, parameters)
        asked = replace(asked, unit=unit, scope_unit=scope_unit, person=person)
        if name in effect.REPORTS:
            plan = effect.plan(self.effects_file, parameters)
            asked = replace(asked, activity=plan.activity, metric=plan.metric)
        extra: dict[str, object] = {}
        needed = sources(query)
        requirements = load(self.requirements_dir) if "requirements" in needed else []
        extra["titles"] = {item.code: item.title for item in requirements}
        exemptions: list[dict[str, Any]] = []
        if "exemptions" in needed:
            # Not bound to the last pass: an exemption acts as soon as it is recorded.
            bound = {} if known_at is None else {"through": microseconds(known_at)}
            for batch in self.hr.rows(tenant, "exemptions", **bound):
                exemptions += batch
        imports: Sequence[RunRecord] = ()
        if "imports" in needed:
            imports = self.imports(tenant, known_at, _MOST_IMPORTS)
        with ExitStack() as held:
            found: Entry | None = None
            if self.standings is not None and "requirements" in needed:
                given = self.standings.given(
                    self.lake, tenant, requirements, exemptions
                )
                found = held.enter_context(self.standings.hold(tenant, given, asked))
            kept = found.files() if found else {}
            if unit is not None or scope_unit is not None:
                extra["path"] = self._path(tenant, asked, kept)
            connection = held.enter_context(
                session(
                    self.lake,
                    tenant,
                    query,
                    requirements=requirements,
                    exemptions=exemptions,
                    imports=imports,
                    kept=kept,
                )
            )
            table = answer(connection, query, asked, kept)
            share = found.unresolved if found else self._unresolved(tenant, asked)
        meta = ReportMeta(asked.as_of, asked.known_at, moment(through), share)
        if name in effect.REPORTS:
            return effect.finish(name, table, plan, meta)
        extra["schema"] = table.schema
        return ReportResult(table.column_names, table.to_pylist(), meta, extra)

    def enriched_through(self, tenant: str) -> int:
        """Return up to where the truth is in the tables; raises NotFound before."""
        position = self.lake.position(tenant, "facts")
        last: LastRun | None = self.runs.get(tenant)
        if last is not None and position >= last.position:
            return max(last.through, position)
        if position:
            return position
        raise NotFound("Nothing has been enriched yet for this tenant: run lrs enrich.")

    def _asked(
        self,
        tenant: str,
        through: int,
        as_of: date | None,
        known_at: datetime | None,
        parameters: Mapping[str, str],
    ) -> Asked:
        if known_at is not None and known_at.tzinfo is None:
            raise BadRequest("known_at needs a time zone, for example a Z at its end.")
        if known_at is not None and microseconds(known_at) > through:
            raise BadRequest(
                f"known_at lies after what is enriched, {moment(through).isoformat()}; "
                "leave it out, or ask again after the next enrichment."
            )
        if as_of is not None and not _FIRST_DAY <= as_of <= _LAST_DAY:
            raise BadRequest(f"as_of lies between {_FIRST_DAY} and {_LAST_DAY}.")
        return Asked(
            as_of=as_of or datetime.now(UTC).date(),
            known_at=known_at or moment(through),
            **{key: parameters.get(key) for key in PARAMETERS},
        )

    def _path(
        self, tenant: str, asked: Asked, kept: Mapping[str, str]
    ) -> list[dict[str, object]]:
        """Return the units from the scope's down to the one asked; raises NotFound."""
        unit = asked.unit or asked.scope_unit
        with session(self.lake, tenant, _UNITS, kept=kept) as connection:
            prepare(connection, _UNITS, asked, kept)
            seen = connection.execute(
                "SELECT 1 FROM scope WHERE unit_id = $unit", {"unit": unit}
            ).fetchall()
            if not seen:
                raise NotFound("There is no such unit in your area on this day.")
            path = connection.sql(
                _PATH, params={"unit": unit, "as_of": asked.as_of}
            ).to_arrow_table()
        rows: list[dict[str, object]] = path.to_pylist()
        ids = [row["unit_id"] for row in rows]
        return rows[ids.index(asked.scope_unit) if asked.scope_unit in ids else 0 :]

    def _unresolved(self, tenant: str, asked: Asked) -> float | None:
        query = Query("unresolved", "", "", ("facts", "voids"), "")
        with session(self.lake, tenant, query) as connection:
            return unresolved(connection, asked)


def _check(query: Query, given: Mapping[str, str]) -> None:
    taken = query.parameters.union(*(step.parameters for step in steps(query)))
    wrong = sorted(set(given) - (taken & (PARAMETERS | {"person"})))
    if wrong:
        raise BadRequest(f"The report {query.name} takes no {wrong[0][:40]}.")
    if given.get("status", STATUSES[0]) not in STATUSES:
        raise BadRequest(f"A status is one of: {', '.join(STATUSES)}.")
    if given.get("worker_type", WORKER_TYPES[0]) not in WORKER_TYPES:
        raise BadRequest(f"A worker_type is one of: {', '.join(WORKER_TYPES)}.")
