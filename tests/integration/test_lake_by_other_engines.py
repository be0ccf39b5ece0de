"""The lake's tables as other engines read them: the same figures."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable, QueryBuilder

from analytics.lake.lake import Lake
from lrs.services import Services
from tests.builders import COMPLETED, a_statement, a_void
from tests.integration.lakes import deliver, enrichment, record

COURSE = "https://courses.example.com/code-of-conduct"
DAY = date(2026, 6, 1)

# As the README shows it.
COMPLETIONS = """
WITH latest AS (
    SELECT *, row_number() OVER (
        PARTITION BY statement_id ORDER BY recorded_at DESC
    ) AS place
    FROM facts
)
SELECT org_unit_id, count(*) AS completions
FROM latest
WHERE place = 1 AND person_id IS NOT NULL
    AND verb = 'http://adlnet.gov/expapi/verbs/completed'
    AND statement_id NOT IN (SELECT statement_id FROM voids)
GROUP BY org_unit_id
"""


@pytest.fixture
def lake(services: Services, tmp_path: Path) -> Lake:
    """Completions of three units; one is voided, one person moves, after a pass."""
    found = services.analytics().lake
    people = [
        {
            "employee_id": f"P{number}",
            "hire_date": "2025-01-01",
            "org_unit_id": f"U{number % 3}",
            "email": f"p{number}@example.com",
        }
        for number in range(12)
    ]
    deliver(services, tmp_path, people)
    done = [
        a_statement(
            actor=f"p{number}@example.com",
            verb=COMPLETED,
            activity=COURSE,
            timestamp=f"2026-01-{number + 1:02}T12:00:00Z",
        )
        for number in range(14)  # two of nobody
    ]
    record(services, "default", done)
    enrichment(services, found).run("default")
    record(services, "default", [a_void(done[3]["id"])])
    deliver(services, tmp_path, [people[4] | {"org_unit_id": "U2"}])
    enrichment(services, found).run("default")
    return found


def published(lake: Lake) -> dict[str, DeltaTable]:
    """Open the tables at the versions that the manifest names, with deltalake alone."""
    manifest = DeltaTable(lake.path("default", "manifest"))
    rows = QueryBuilder().register("manifest", manifest)
    named = pa.table(rows.execute('SELECT "table", version FROM manifest').read_all())
    return {
        row["table"]: DeltaTable(lake.path("default", row["table"]), row["version"])
        for row in named.to_pylist()
    }


def ours(services: Services) -> dict[str, int]:
    """Return what our report says: completions of the course by the unit then."""
    rows = services.analytics().reports.run("evidence", "default", as_of=DAY).rows
    mine: list[Any] = [row["unit_id"] for row in rows if row["activity_id"] == COURSE]
    return dict(Counter(mine))


EXPECTED = {"U0": 3, "U1": 3, "U2": 5}


def test_the_query_engine_of_deltalake_counts_what_our_report_counts(
    services: Services, lake: Lake
) -> None:
    assert ours(services) == EXPECTED
    tables = published(lake)
    engine = QueryBuilder()
    for name in ("facts", "voids"):
        engine.register(name, tables[name])
    found = pa.table(engine.execute(COMPLETIONS).read_all())
    assert {
        row["org_unit_id"]: row["completions"] for row in found.to_pylist()
    } == EXPECTED


def test_pyarrow_counts_it_too(services: Services, lake: Lake) -> None:
    tables = published(lake)
    rows = (
        tables["facts"]
        .to_pyarrow_dataset()
        .to_table(filter=ds.field("person_id").is_valid())
        .sort_by("recorded_at")
        .to_pylist()
    )
    voided = set(tables["voids"].to_pyarrow_table().column("statement_id").to_pylist())
    latest = {row["statement_id"]: row for row in rows}
    found = Counter(
        row["org_unit_id"]
        for row in latest.values()
        if row["verb"] == COMPLETED and row["statement_id"] not in voided
    )
    assert dict(found) == EXPECTED
