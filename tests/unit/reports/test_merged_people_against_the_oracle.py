"""Of several spells of one person the SQL takes, on each day, the one the rule names.

Random histories (tests/oracle) with random merges; the rule is worked out day by day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from analytics.lake.tables import DECISIONS
from analytics.reports.catalogue import Query
from analytics.reports.session import Asked, moment, prepare
from tests.oracle.histories import Case, random_case, to_tables
from tests.oracle.identity import WORKER_TYPES
from tests.oracle.random_workforce import day_after
from tests.oracle.workforce import Workforce
from tests.unit.reports.sql_of_a_case import LATEST, workforce_of

QUERY = Query("asked", "", "", ("hr", "employment"), "")
DAYS = [day_after(days) for days in range(-70, 500, 3)]


def merges_of(random: Random, people: list[str]) -> dict[str, str]:
    """Merge some into others, nobody twice and never in a circle."""
    into: dict[str, str] = {}
    for _ in range(random.randint(1, 4)):
        free = [one for one in people if one not in into]
        if len(free) > 1:
            who, other = random.sample(free, 2)
            into[who] = other
    return into


def survivor(into: dict[str, str], person: str) -> str:
    return survivor(into, into[person]) if person in into else person


def decisions_of(into: dict[str, str]) -> pa.Table:
    rows = [
        {"decision": n, "kind": "merge", "employee_id": who, "into_id": other}
        | {"recorded_at": n}
        for n, (who, other) in enumerate(into.items(), start=1)
    ]
    return pa.Table.from_pylist(rows, schema=DECISIONS)


def expected(
    workforce: Workforce, into: dict[str, str], person: str, day: date
) -> tuple[Any, bool]:
    """Return employee_id and effective date of the primary row, and if employed."""
    same = [one for one in workforce.history if survivor(into, one) == person]
    rows = [row for one in same if (row := workforce.row_in_force(one, day))]
    employed = {one: workforce.is_employed(one, day) for one in same}
    rows.sort(
        key=lambda row: (
            not employed[row.employee_id],
            WORKER_TYPES.index(row.worker_type),
            date.max - row.hire_date,
            row.employee_id,
        )
    )
    primary = (rows[0].employee_id, rows[0].effective) if rows else None
    return primary, any(employed.values())


def spans(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    return connection.sql(sql).to_arrow_table().to_pylist()


@pytest.mark.parametrize("seed", range(12))
def test_the_primary_spell_stands_on_each_day(seed: int) -> None:
    case: Case = random_case(seed)
    dated = tuple(replace(row, effective_date=row.effective) for row in case.rows)
    case = replace(case, rows=dated)
    workforce = Workforce(case.rows, LATEST)
    into = merges_of(Random(seed), sorted(workforce.history))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        tables = to_tables(case)
        connection.register("workforce", workforce_of(tables["workforce"]))
        connection.register("decisions", decisions_of(into))
        prepare(connection, QUERY, Asked(date(2024, 6, 1), moment(LATEST)))
        hr = spans(connection, "SELECT * FROM hr")
        employment = spans(connection, "SELECT * FROM employment")
    people = {survivor(into, one) for one in workforce.history}
    assert {row["employee_id"] for row in hr} == people
    for person in people:
        for day in DAYS:
            found = [
                (row["spell_id"], row["effective_date"])
                for row in hr
                if row["employee_id"] == person
                and row["from_day"] <= day <= row["to_day"]
            ]
            islands = [
                row
                for row in employment
                if row["employee_id"] == person
                and row["from_day"] <= day <= row["to_day"]
            ]
            primary, employed = expected(workforce, into, person, day)
            assert found == ([primary] if primary else []), (person, day)
            assert len(islands) == int(employed), (person, day)
    for row in hr:
        assert row["from_day"] <= row["to_day"] + timedelta(0)
