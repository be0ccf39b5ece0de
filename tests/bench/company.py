"""A lake of a large company, written directly: what the reports are measured on.

The tables have the columns and the shape that the enrichment gives them: facts in the
order of their recorded time, one in forty with a later row (HR spoke late), one in two
hundred voided, one in fifty of somebody unknown. Left out: the Statements themselves
(MongoDB has none), the history's tables, and whom the facts' context names, which no
report of compliance reads. HR rows, three a person, in 1,500 units on six levels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.lake.lake import Lake
from analytics.lake.tables import TABLES

TENANT = "default"
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
_CHUNK = 250_000
_SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_LATER = """
SELECT * REPLACE (stored + INTERVAL 30 DAY AS recorded_at, 'L0' AS location_id)
FROM facts_of_chunk
WHERE hash(statement_id) % 40 = 0 AND stored + INTERVAL 30 DAY <= $now
"""
_VOIDED = """
SELECT statement_id, 'v' AS voided_by, stored + INTERVAL 1 DAY AS recorded_at
FROM facts_of_chunk
WHERE hash(statement_id) % 200 = 1 AND stored + INTERVAL 1 DAY <= $now
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a company is."""

    people: int
    requirements: int
    facts: int


def microseconds(when: datetime) -> int:
    """Return a moment as the lake's positions count."""
    return int(when.timestamp() * 1_000_000)


def drawn(size: Size) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB that can draw every table of the company."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    text = _SQL
    for name in Size.__slots__:
        text = text.replace(f"${name}", str(getattr(size, name)))
    connection.execute(text)
    return connection


def write(size: Size, lake: Lake) -> None:
    """Write the lake's tables, all of them as of NOW."""
    connection, now = drawn(size), microseconds(NOW)
    for table in ("workforce", "people", "kpi"):
        rows = as_table(connection.sql(f"FROM {table}").to_arrow_table(), table)
        lake.append(TENANT, table, rows, before=0, position=now)
    for before, first in enumerate(range(0, size.facts, _CHUNK)):
        last = first + _CHUNK >= size.facts
        for table, rows in facts(connection, first, min(size.facts, first + _CHUNK)):
            end = now if last else before + 1
            lake.append(TENANT, table, rows, before=before, position=end)


def facts(
    connection: duckdb.DuckDBPyConnection, first: int, beyond: int
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of some Statements, and what was said of them later."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE facts_of_chunk AS "
        f"FROM fact_rows({first:d}, {beyond:d})"
    )
    given = {"now": NOW}
    voids = connection.sql(_VOIDED, params=given).to_arrow_table()
    later = connection.sql(_LATER, params=given).to_arrow_table()
    rows = connection.sql("FROM facts_of_chunk").to_arrow_table()
    yield "voids", as_table(voids, "voids")
    both = [as_table(rows, "facts"), as_table(later, "facts")]
    yield "facts", pa.concat_tables(both)


def as_table(rows: pa.Table, name: str) -> pa.Table:
    """Return rows with the columns of one of the lake's tables."""
    for field in TABLES[name]:
        if field.name not in rows.column_names:  # what no report of these reads
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select(TABLES[name].names).cast(TABLES[name])


def write_requirements(size: Size, folder: Path) -> None:
    """Write the files: each asks a fifth of the people, in one way of five."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(size.requirements):
        courses = [n, size.requirements + n // 2] if n % 2 else [n]
        audience = (
            f'org_unit = ["U{1 + n % 5:04}"]',
            f'location = ["L{n % 12}", "L{(n + 5) % 12}"]',
            f"job_code = {[f'J{(n + k) % 20}' for k in range(4)]}",
            'regulatory_class = ["gxp"]',
            f'org_unit = ["U{6 + n % 25:04}", "U{6 + (n + 7) % 25:04}", '
            f'"U{6 + (n + 12) % 25:04}", "U{6 + (n + 18) % 25:04}", '
            f'"U{6 + (n + 21) % 25:04}"]',
        )[n % 5]
        lines = [
            f'code = "R-{n:02}"',
            f'title = "Requirement {n}"',
            f"activities = {[f'https://courses.example.com/{c}' for c in courses]}",
            f'satisfied_by = "{("completed", "passed", "completed_or_passed")[n % 3]}"',
            f'basis = "{("entry", "hire")[n % 2]}"',
            f"initial_days = {(30, 60, 365)[n % 3]}",
            *([f"validity_days = {(365, 730)[n % 2]}"] if n % 4 else []),
            "grace_days = 14",
            "look_back_days = 1000",
            f'leave_policy = "{("none", "shift")[n % 2]}"',
            "effective_from = 2024-01-01",
            "[audience]",
            audience,
        ]
        (folder / f"{n:02}.toml").write_text("\n".join(lines) + "\n")
