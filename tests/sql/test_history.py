"""The history's tables over given_workforce.csv say what the expected CSV files say.

The rows are recorded at the midnights in the column ``recorded``; an open end is blank
in the expected files, and so is a beginning that nobody knows. Every table is compared
whole.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from analytics.identity import actor_id
from analytics.lake.history import HISTORY
from analytics.lake.tables import WORKFORCE
from analytics.workforce.history.derivation import derived, queries

HERE = Path(__file__).parent / "history"


def given() -> pa.Table:
    with (HERE / "given_workforce.csv").open(newline="") as file:
        rows = [_row(row) for row in csv.DictReader(file)]
    return pa.Table.from_pylist(rows, schema=WORKFORCE)


def _row(cells: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: cells.get(name) or None for name in WORKFORCE.names}
    for name in WORKFORCE.names:
        if row[name] and WORKFORCE.field(name).type == pa.date32():
            row[name] = date.fromisoformat(row[name])
    row["worker_type"] = "employee"
    row["retracted"] = cells["retracted"] == "true"
    row["recorded_at"] = datetime.fromisoformat(cells["recorded"]).replace(tzinfo=UTC)
    email = cells["email"]
    row["identifiers"] = [actor_id(f"mbox mailto:{email}")] if email else []
    return row


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return derived(given())


def as_written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # a datetime is one too
        day = value.date() if isinstance(value, datetime) else value
        return "" if day.year in (1900, 9999) else day.isoformat()
    return str(value)


@pytest.mark.parametrize("name", HISTORY)
def test_table(tables: dict[str, pa.Table], name: str) -> None:
    with (HERE / f"expected_{name}.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        expected = list(reader)
        columns = reader.fieldnames or []
    addresses = {
        actor_id(f"mbox mailto:{who}@example.com"): f"{who}@example.com"
        for who in ("lea", "reh", "nxt", "res", "boss", "cir", "new")
    }
    found = [
        {
            column: addresses.get(str(row[column]), as_written(row[column]))
            for column in columns
        }
        for row in tables[name].to_pylist()
    ]
    assert sorted(map(str, found)) == sorted(map(str, expected))


@pytest.mark.parametrize("name", HISTORY)
def test_a_table_has_the_columns_of_its_schema(
    tables: dict[str, pa.Table], name: str
) -> None:
    assert tables[name].schema == HISTORY[name]


@pytest.mark.parametrize("name", HISTORY)
def test_a_table_of_nothing_is_empty(name: str) -> None:
    assert derived(WORKFORCE.empty_table(), [name])[name].num_rows == 0


@pytest.mark.parametrize("name", HISTORY)
def test_a_table_says_its_purpose_grain_and_what_it_reads(name: str) -> None:
    query = queries()[name]
    assert query.purpose
    assert query.grain.startswith("one row per ")
    assert all(read == "recorded" or read in queries() for read in query.reads)


def test_a_long_chain_of_managers_ends() -> None:
    """Two thousand people, each managed by the one before; on top a circle of three."""
    rows = given().to_pylist()[:1]
    made = []
    for n in range(2_000):
        above = f"N{n - 1}" if n else "N2"
        made.append(rows[0] | {"employee_id": f"N{n}", "manager_id": above})
    table = pa.Table.from_pylist(made, schema=WORKFORCE)
    edges = derived(table, ["manager_edges"])["manager_edges"].to_pylist()
    assert {row["employee_id"] for row in edges if row["in_circle"]} == {
        *("N0", "N1", "N2")
    }
