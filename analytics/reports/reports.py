"""The reports service: from a name and its parameters to rows.

Row-level scope is part of every query: ``scope_unit`` bounds what the caller may see,
whatever they ask for. A unit outside it is answered like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import IOException

from analytics.enrichment.hr_tables import HrRows
from analytics.enrichment.runs import LastRun
from analytics.lake.lake import Lake
from analytics.lake.published import Published, published
from analytics.reports import effect
from analytics.reports.asking import check_area, check_requirement
from analytics.reports.catalogue import Query, question, sources
from analytics.reports.choices import STATUSES, check, filters
from analytics.reports.documents import StatementReader, no_statements, with_documents
from analytics.reports.monthly import ask_monthly
from analytics.reports.needs import (
    ImportsReader,
    RunsReader,
    SourcesReader,
    no_imports,
    no_sources,
)
from analytics.reports.opening import Call, opened, path
from analytics.reports.paging import Page, ask
from analytics.reports.reading import Reading, together
from analytics.reports.result import NO_PARAMETERS, ReportMeta, ReportResult
from analytics.reports.session import Asked, microseconds, moment, prepare
from analytics.reports.standings.standings import Standings
from analytics.requirements import Requirement, WrongRequirement, load
from analytics.workforce.run_records import RunRecord
from lrs.errors import BadRequest, NotFound, Unavailable

__all__ = ["STATUSES", "ImportsReader", "Reports", "RunsReader"]
_MOST_IMPORTS = 10_000  # the newest: three months of one source every quarter hour
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Reports:
    """Answers every question of the catalogue; stateless, for any thread."""

    lake: Lake
    hr: HrRows
    runs: RunsReader
    requirements_dir: Path
    effects_file: Path
    imports: ImportsReader = no_imports
    statements: StatementReader = no_statements
    sources: SourcesReader = no_sources
    standings: Standings | None = None
    former_manager_days: int = 0

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
        limit: int | None = None,
        after: str | None = None,
    ) -> ReportResult:
        """Return a report's rows inside ``scope_unit`` and everything below it.

        ``as_of`` None means today (UTC), ``known_at`` None everything known now.
        ``limit`` rows beginning ``after`` a page; see analytics.reports.paging.
        Raises NotFound for an unknown report or a unit that is not in the scope on
        that day, BadRequest for a known_at that is not enriched yet and for a parameter
        that the report does not take: left unsaid, it would look as if it had acted.
        """
        query = question(name)
        given = {**parameters, **({} if person is None else {"person": person})}
        check(query, given)
        page = Page(limit, after)
        epoch = self.standings.epoch(tenant) if self.standings else b""
        tables, through = self.tables_of(tenant)
        asked = self._asked(tenant, through, as_of, known_at, parameters)
        asked = replace(asked, unit=unit, scope_unit=scope_unit, person=person)
        if name in effect.REPORTS:
            plan = effect.plan(self.effects_file, parameters)
            asked = replace(asked, activity=plan.activity, metric=plan.metric)
        extra: dict[str, object] = {}
        needed = sources(query)
        requirements, standings = self._rules(query)
        check_requirement(requirements, asked)
        extra["titles"] = {item.code: item.title for item in requirements}
        exemptions: list[dict[str, Any]] = []
        if "exemptions" in needed or standings is not None:
            # Not bound to the last pass: an exemption acts as soon as it is recorded.
            bound = {} if known_at is None else {"through": microseconds(known_at)}
            for batch in self.hr.rows(tenant, "exemptions", **bound):
                exemptions += batch
        imports: Sequence[RunRecord] = ()
        if "imports" in needed:
            imports = self.imports(tenant, known_at, _MOST_IMPORTS)
        made_from = None
        if standings is not None:
            made_from = standings.given(epoch, tables, requirements, exemptions)
        call = Call(
            *(tenant, tables, standings, made_from),
            *(requirements, exemptions, imports),
        )
        with opened(call, asked) as at_hand:
            if at_hand.kept and known_at is None and asked.as_of == _today():
                call.note(monthly=query.monthly)
            if unit is not None or scope_unit is not None:
                extra["path"] = path(tables, asked, at_hand.kept)
            check_area(tables, asked, at_hand.kept)
            if query.monthly:
                found = ask_monthly(call, query, asked, page)
            else:
                found = ask(at_hand, query, asked, page)
        meta = ReportMeta(
            asked.as_of,
            asked.known_at,
            moment(through),
            at_hand.unresolved_share,
            self._ages(tenant, known_at),
            given if unit is None else {"unit": unit, **given},
            self.former_manager_days,
        )
        if name in effect.REPORTS:
            return effect.finish(name, found.table, plan, meta)
        table = found.table
        if query.adds:
            table = with_documents(table, tenant, self.statements)
        extra["schema"] = table.schema
        rows = table.to_pylist()
        return ReportResult(
            table.column_names, rows, meta, extra, found.total, found.after
        )

    @contextmanager
    def reading(
        self,
        tenant: str,
        queries: Iterable[Query],
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        unit: str | None = None,
    ) -> Iterator[Reading]:
        """Give what answers these queries one after another, rows in batches.

        For many rows: nothing is held as a whole, and steps that queries share are run
        once. Everything is as known at ``known_at``, exemptions too. Raises as ``run``.
        """
        epoch = self.standings.epoch(tenant) if self.standings else b""
        tables, through = self.tables_of(tenant)
        asked = self._asked(tenant, through, as_of, known_at, NO_PARAMETERS)
        asked = replace(asked, unit=unit)
        bound = microseconds(asked.known_at)
        exemptions = self.hr.rows(tenant, "exemptions", through=bound)
        rules = load(self.requirements_dir), list(chain.from_iterable(exemptions))
        made_from = None
        if self.standings is not None:
            made_from = self.standings.given(epoch, tables, *rules)
        call = Call(tenant, tables, self.standings, made_from, *rules)
        all_of = together(queries)

        def points(query: Query, months: int) -> pa.Table:
            return ask_monthly(call, query, replace(asked, months=months), Page()).table

        try:
            with opened(call, asked) as at_hand:
                if unit is not None:
                    path(tables, asked, at_hand.kept)
                with at_hand.session(all_of) as connection:
                    prepare(connection, all_of, asked, at_hand.kept)
                    yield Reading(
                        connection,
                        asked,
                        at_hand.unresolved_share,
                        lambda rows: with_documents(rows, tenant, self.statements),
                        points,
                    )
        except IOException:  # a file of the version at hand was removed
            raise Unavailable(
                "The tables were made anew meanwhile; ask again."
            ) from None

    def _rules(self, query: Query) -> tuple[Sequence[Requirement], Standings | None]:
        """Return the requirements, where a query reads them, and what is kept.

        What does not read them does without the kept where a requirement is wrong.
        """
        if "requirements" not in sources(query):
            try:
                return load(self.requirements_dir), self.standings
            except WrongRequirement:
                return (), None
        return load(self.requirements_dir), self.standings

    def enriched_through(self, tenant: str) -> int:
        """Return up to where the truth is in the tables; raises NotFound before."""
        return self.tables_of(tenant)[1]

    def tables_of(self, tenant: str) -> tuple[Published, int]:
        """Return the tables that belong together, and up to where the truth is there.

        In this order: a pass is noted when its tables are published, so what is noted
        now stands in the tables opened next.
        """
        last: LastRun | None = self.runs.get(tenant)
        tables = published(self.lake, tenant)
        return tables, _through(tables.position("facts"), last)

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
            as_of=as_of or _today(),
            known_at=known_at or moment(through),
            former_manager_days=self.former_manager_days,
            **filters(parameters),  # type: ignore[arg-type]
        )

    def _ages(self, tenant: str, known_at: datetime | None) -> Mapping[str, datetime]:
        """Return when each source last delivered, of what was known by then."""
        newest = self.sources(tenant)
        if known_at is None or all(at <= known_at for at in newest.values()):
            return newest
        ages: dict[str, datetime] = {}
        for run in self.imports(tenant, known_at, _MOST_IMPORTS):
            if run.kind == "workforce" and run.recorded is not None:
                at = moment(run.recorded)
                ages[run.source] = max(at, ages.get(run.source, at))
        return ages


def _today() -> date:
    return datetime.now(UTC).date()


def _through(position: int, last: LastRun | None) -> int:
    if last is not None and position >= last.position:
        return max(last.through, position)
    if position:
        return position
    raise NotFound("Nothing has been enriched yet for this tenant: run lrs enrich.")
