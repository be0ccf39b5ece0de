"""The enrichment: from the truth into the lake, exactly once.

One pass reads what the truth has recorded since each table's position, up to the
feed's consistent-through, and appends it; position and rows stand in one commit, and a
manifest lets all of it be read at the end. Killed anywhere, the next pass goes on from
the positions. Rows are a function of the truth alone: a rebuild gives the same.

The facts come last: Statements are read from their position on, so no other table may
be behind it, and the history says what units stood above. Where an HR row or a decision
about identity is recorded after a Statement it concerns, the Statement gets a further
row with that recorded time; nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from analytics.enrichment.actors import after as later
from analytics.enrichment.actors import knowledge, unknown_actors
from analytics.enrichment.context import Knowledge, contexts, no_statements
from analytics.enrichment.decision_tables import (
    DecisionRows,
    NoDecisions,
    decision_table,
)
from analytics.enrichment.hidden_actors import hidden_actors
from analytics.enrichment.hr_tables import HrRows, hr_batches
from analytics.enrichment.needs import Copies, Lost, NoCopies, Runs, Veils, unless
from analytics.enrichment.statement_facts import Extracted, extract, joined, unseen
from analytics.lake.lake import Lake
from analytics.lake.pass_tables import PassTables
from analytics.lake.purging import has_tables, purge
from analytics.lake.reading import has_rows
from analytics.lake.upkeep import Upkeep
from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.history.publishing import publish
from lrs.feed import Feed

_HR = ("workforce", "people", "kpi")
_CHUNK = 100_000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PassResult:
    """What a pass did: rows appended to each table, and how far the truth is in."""

    through: int
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Enrichment:
    """The pass over one tenant; ``lost`` of ``run`` stops it before a commit.

    ``chunk`` Statements, or a batch of the feed where that is more, are joined and
    committed at once; it bounds the memory.
    """

    feed: Feed
    hr: HrRows
    lake: Lake
    runs: Runs
    chunk: int = _CHUNK
    identity: DecisionRows = NoDecisions()  # noqa: RUF009 (it holds nothing)
    veils: Veils | None = None
    upkeep: Upkeep = Upkeep()  # noqa: RUF009 (frozen)
    copies: Copies = NoCopies()  # noqa: RUF009 (it holds nothing)

    def run(
        self,
        tenant: str,
        *,
        progress: Progress | None = None,
        lost: Lost | None = None,
    ) -> PassResult:
        """Append what is new; raises LakeConflict when another run was faster.

        Where a former release derived the facts in another way, all is made anew; and
        where new rules may lead further accounts to somebody anonymous.
        """
        tables = PassTables(self.lake, tenant)
        if tables.is_outdated("facts"):
            return self.rebuild(tenant, progress=progress, lost=lost)
        self._begin(tables, lost)
        through = self.feed.consistent_through()
        if self._veil(tenant) is not None and any(
            row["kind"] == "rules"
            for row in self.identity.rows(tenant, tables.position("facts"), through)
        ):
            return self.rebuild(tenant, progress=progress, lost=lost)
        rows = {name: self._append_hr(tables, name, through, lost) for name in _HR}
        rows["decisions"] = self._append_decisions(tables, through, lost)
        publish(tables, lost=lost)
        rows |= {"actors": 0, "voids": 0, "facts": 0}
        for chunk, end in self._chunks(tables, through):
            for name, added in self._append_chunk(tables, chunk, end, lost).items():
                rows[name] += added
            if progress:
                progress(chunk.statements.num_rows)
        rows["facts"] += self._append_facts(tables, None, through, lost)
        unless(lost)
        tables.publish()
        self.runs.put(tenant, through, tables.position("facts"))
        self.upkeep.after_pass(tables, still=partial(unless, lost))
        return PassResult(through, rows)

    def rebuild(
        self,
        tenant: str,
        *,
        progress: Progress | None = None,
        lost: Lost | None = None,
    ) -> PassResult:
        """Make every table anew from the truth, each replaced in one commit.

        Where people are anonymous, what the tables were before goes too.
        """
        tables = PassTables(self.lake, tenant)
        self._begin(tables, lost)
        through = self.feed.consistent_through()
        counts: dict[str, int] = {}

        def replace(table: str, batches: Iterable[pa.Table]) -> None:
            def counted() -> Iterator[pa.Table]:
                for batch in batches:
                    counts[table] += batch.num_rows
                    yield batch

            unless(lost)
            counts[table] = 0
            tables.overwrite(table, counted(), position=through)

        for table in _HR:
            rows = hr_batches(self.hr, tenant, table, 0, through, self._veil(tenant))
            replace(table, rows)
        decisions = self.identity.rows(tenant, 0, through)
        replace("decisions", [decision_table(decisions)])
        for table, batches in self._actors_and_voids(tenant, through).items():
            replace(table, batches)
        publish(tables, anew=True, lost=lost)
        # Opened here: the lake cannot be opened while it takes in the stream.
        known = self._knowledge(tables)
        replace("facts", self._facts(tenant, known, through, progress))
        unless(lost)
        tables.publish()
        if self._veil(tenant) is not None:
            unless(lost)
            purge(self.lake, tenant)
            self.copies.forget(tenant)
        self.runs.put(tenant, through, through)
        tables = PassTables(self.lake, tenant)
        self.upkeep.after_pass(tables, still=partial(unless, lost))
        return PassResult(through, counts)

    def forget(self, tenant: str, *, lost: Lost | None = None) -> None:
        """Make the tables anew where there are any, and remove what they were."""
        if has_tables(self.lake, tenant):
            self.rebuild(tenant, lost=lost)

    def pending(self, tenant: str, *, rebuild: bool = False) -> int:
        """Return how many Statements the next pass will read, for a progress bar."""
        rebuild = rebuild or self.lake.is_outdated(tenant, "facts")
        after = 0 if rebuild else self.lake.position(tenant, "facts")
        return self.feed.count(tenant, after, self.feed.consistent_through())

    def _begin(self, tables: PassTables, lost: Lost | None) -> None:
        unless(lost)
        tables.begin()
        self.identity.note_rules(tables.tenant)

    def _append_hr(
        self, tables: PassTables, table: str, through: int, lost: Lost | None
    ) -> int:
        before = tables.position(table)
        veil = self._veil(tables.tenant)
        rows = list(hr_batches(self.hr, tables.tenant, table, before, through, veil))
        if not rows:
            return 0
        unless(lost)
        tables.append(table, pa.concat_tables(rows), before=before, position=through)
        return sum(int(batch.num_rows) for batch in rows)

    def _append_decisions(
        self, tables: PassTables, through: int, lost: Lost | None
    ) -> int:
        before = tables.position("decisions")
        found = self.identity.rows(tables.tenant, before, through)
        if not found:
            return 0
        unless(lost)
        table = decision_table(found)
        tables.append("decisions", table, before=before, position=through)
        return len(found)

    def _append_chunk(
        self, tables: PassTables, chunk: Extracted, end: int, lost: Lost | None
    ) -> dict[str, int]:
        added = {}
        for table, rows in (("actors", chunk.actors), ("voids", chunk.voids)):
            before = tables.position(table)
            if table == "actors":
                rows = unknown_actors(tables, rows)
            rows = later(rows, before)
            if rows.num_rows:
                unless(lost)
                tables.append(table, rows, before=before, position=end)
            added[table] = int(rows.num_rows)
        added["facts"] = self._append_facts(tables, chunk.statements, end, lost)
        return added

    def _append_facts(
        self,
        tables: PassTables,
        fresh: pa.Table | None,
        end: int,
        lost: Lost | None,
    ) -> int:
        """Append the facts of (position, end]: of what is new, and what it changes."""
        tenant, before = tables.tenant, tables.position("facts")
        if before >= end:
            return 0
        facts = tables.rows("facts")
        if fresh is None:
            if not has_rows(facts) or not (
                self.hr.count(tenant, "workforce", before, end)
                or self.identity.rows(tenant, before, end)
            ):
                return 0
            fresh = no_statements()
        known = self._knowledge(tables)
        rows = contexts(fresh, facts, known, after=before, through=end)
        unless(lost)
        # Without rows too: the next pass need not join the same news again.
        tables.append("facts", rows, before=before, position=end)
        return int(rows.num_rows)

    def _actors_and_voids(self, tenant: str, through: int) -> dict[str, list[pa.Table]]:
        """Return the rows of these two, few beside the facts.

        A reading of their own: taken from the facts' one, they could only be
        committed after the facts, and a kill in between would lose them.
        """
        rows: dict[str, list[pa.Table]] = {"actors": [], "voids": []}
        seen: set[str] = set()
        for chunk in self._extracted(tenant, 0, through):
            rows["actors"].append(unseen(chunk.actors, seen))
            rows["voids"].append(chunk.voids)
        return rows

    def _facts(
        self,
        tenant: str,
        known: Knowledge,
        through: int,
        progress: Progress | None,
    ) -> Iterator[pa.Table]:
        for chunk in self._extracted(tenant, 0, through):
            fresh = chunk.statements
            yield contexts(fresh, [], known, after=0, through=through)
            if progress:
                progress(fresh.num_rows)

    def _veil(self, tenant: str) -> Veil | None:
        return self.veils.veil(tenant) if self.veils else None

    def _knowledge(self, tables: PassTables) -> Knowledge:
        tenant, veil = tables.tenant, self._veil(tables.tenant)
        hidden = hidden_actors(self.lake, self.feed, tenant, veil) if veil else None
        return knowledge(tables, hidden)

    # -- the feed -------------------------------------------------------------------

    def _chunks(
        self, tables: PassTables, through: int
    ) -> Iterator[tuple[Extracted, int]]:
        """Yield what is new for the facts, with the time up to which it is whole."""
        after = tables.position("facts")
        for chunk in self._extracted(tables.tenant, after, through):
            last = chunk.statements.column("stored")[-1].cast(pa.int64()).as_py()
            yield chunk, last

    def _extracted(self, tenant: str, after: int, through: int) -> Iterator[Extracted]:
        """Yield chunks in stored order; equal stored times stand in one chunk."""
        veil = self._veil(tenant)
        waiting: list[Extracted] = []
        size = last = 0
        for batch in self.feed.read(tenant, after, through):
            if size >= self.chunk and batch[0].stored != last:
                yield joined(waiting)
                waiting, size = [], 0
            waiting.append(extract(batch, veil))
            size += len(batch)
            last = batch[-1].stored
        if waiting:
            yield joined(waiting)
