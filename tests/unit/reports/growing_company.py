"""A company that becomes known bit by bit, as tables from which standings are made.

In: a seed. Out: the lake's tables as Parquet files with everything in them; up to when
their rows count is what the inputs say, so one lake serves every moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.enrichment.context import Knowledge, contexts
from analytics.lake.lake import TableState
from analytics.lake.tables import DECISIONS, FACTS, VOIDS
from analytics.reports.session import Asked, moment, requirements_table
from analytics.reports.standings.inputs import Given
from tests.oracle.histories import random_case, to_tables
from tests.unit.reports.sql_of_a_case import (
    LATEST,
    exemptions_of,
    people_of,
    requirement_of,
    statements_of,
    workforce_of,
)


@dataclass(frozen=True, slots=True)
class Bits:
    """The company of a seed: its tables, and moments at which something was said."""

    tables: dict[str, TableState]
    requirements: pa.Table
    exemptions: list[dict[str, Any]]
    asked: list[Asked]

    def given(self, asked: Asked) -> Given:
        """Return what is known then."""
        known_at = int(asked.known_at.timestamp() * 1_000_000)
        exempt = exemptions_of(self.exemptions, known_at)
        return Given(b"", self.tables, self.requirements, exempt)


def bits(seed: int, folder: Path, moments: int) -> Bits:
    """Make the company, and ask of one day at so many moments, in their order."""
    case = random_case(seed)
    rows = tuple(replace(row, effective_date=row.effective) for row in case.rows)
    tables, random = to_tables(replace(case, rows=rows)), Random(seed)
    workforce = workforce_of(tables["workforce"])
    decisions = list(_decisions(random, [row.employee_id for row in rows], case.facts))
    decided = pa.Table.from_pylist(decisions, schema=DECISIONS)
    voids = [
        {"statement_id": row["target_id"], "recorded_at": row["recorded"]}
        for row in tables["voids"]
    ]
    facts = contexts(
        statements_of(tables["facts"]),
        FACTS.empty_table(),
        Knowledge(workforce, decisions=decided),
        after=0,
        through=LATEST,
    )
    made = {
        "workforce": workforce,
        "people": people_of(tables["workforce"]),
        "facts": facts,
        "voids": pa.Table.from_pylist(voids, schema=VOIDS),
        "decisions": decided,
    }
    states, recorded = {}, set()
    for name, table in made.items():
        path = str(folder / f"{name}.parquet")
        pq.write_table(table, path)
        states[name] = TableState(name, 0, LATEST, [path])
        recorded.update(table["recorded_at"].cast(pa.int64()).to_pylist())
    recorded.update(row["recorded"] for row in tables["exemptions"])
    day = random.choice(case.questions).as_of
    chosen = sorted(random.sample(sorted(recorded), min(moments, len(recorded))))
    return Bits(
        states,
        requirements_table([requirement_of(row) for row in tables["requirements"]]),
        tables["exemptions"],
        [Asked(as_of=day, known_at=moment(known_at)) for known_at in chosen],
    )


def _decisions(
    random: Random, people: list[str], facts: tuple[Any, ...]
) -> Iterator[dict[str, Any]]:
    """Yield merges and undos, each recorded at some Statement's time."""
    known = sorted(set(people))
    times = sorted(random.sample([fact.stored for fact in facts], 6))
    merged: set[str] = set()
    for number, at in enumerate(times, start=1):
        kind = random.choice(["merge", "merge", "undo"]) if number > 1 else "merge"
        row: dict[str, Any] = {"decision": number, "recorded_at": at, "kind": kind}
        if kind == "undo":
            yield row | {"undoes": random.randint(1, number - 1)}
            continue
        free = [one for one in known if one not in merged]
        if len(free) > 1:
            who, into = random.sample(free, 2)
            merged.add(who)
            yield row | {"employee_id": who, "into_id": into}
