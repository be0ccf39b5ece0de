"""How many Statements stand on each record: followed as counted from nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import duckdb
import pyarrow as pa
import pytest

from analytics.lake.history import MOMENT
from analytics.reports.catalogue import models
from analytics.reports.session import Asked, run_step
from analytics.reports.standings import following

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 1, 20)
ROWS = pa.schema(
    {
        "statement_id": pa.string(),
        "stored": MOMENT,
        "recorded_at": MOMENT,
        "person_id": pa.string(),
        "local_date": pa.date32(),
    }
)


def facts(random: Random) -> pa.Table:
    """Return Statements of three people and nobody, many of them said again later."""
    rows = []
    for number in range(40):
        stored = BEGIN + timedelta(hours=random.randrange(600))
        times = {stored + timedelta(hours=random.choice([0, 50, 200])) for _ in "123"}
        for recorded in sorted({stored, *times}):
            rows.append(
                {
                    "statement_id": f"s{number}",
                    "stored": stored,
                    "recorded_at": recorded,
                    "person_id": random.choice(["P1", "P2", "P3", None]),
                    "local_date": DAY + timedelta(days=random.randint(-9, 3)),
                }
            )
    return pa.Table.from_pylist(rows, schema=ROWS)


def counted(rows: pa.Table, known_at: datetime) -> tuple[pa.Table, pa.Table]:
    """Return how many the models say stand on each record, and what is outdated."""
    asked = Asked(as_of=DAY, known_at=known_at)
    with duckdb.connect() as connection:
        connection.register("facts", rows)
        for name in ("superseded", "latest_facts", "told"):
            run_step(connection, models()[name], asked)
        told = connection.sql("FROM told ORDER BY employee_id").to_arrow_table()
        return told, connection.sql("FROM superseded").to_arrow_table()


@pytest.mark.parametrize("seed", range(20))
def test_what_follows_is_what_is_counted_from_nothing(seed: int) -> None:
    random = Random(seed)
    rows = facts(random)
    hours = sorted(random.sample(range(900), 4))
    moments = [BEGIN + timedelta(hours=hour) for hour in hours]
    former, outdated = counted(rows, moments[0])
    for after, through in pairwise(moments):
        anew, superseded = counted(rows, through)
        with duckdb.connect() as connection:
            for name, table in {
                "all_facts": rows,
                "former_told": former,
                "former_superseded": outdated,
                "superseded": superseded,
            }.items():
                connection.register(name, table)
            for name, value in {
                "facts_after": after,
                "facts_through": through,
                "as_of": DAY,
            }.items():
                connection.execute(f"SET VARIABLE {name} = $1", [value])
            former = connection.sql(following.TOLD).to_arrow_table()
        assert former.to_pylist() == anew.to_pylist()
        outdated = superseded
