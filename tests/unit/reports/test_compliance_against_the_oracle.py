"""The SQL of the compliance status agrees with a slow, plain Python model of the text.

The model (tests/oracle) was written apart from the SQL. The worlds go through the
enrichment's as-of join first, so that identity, time zones and late corrections are
compared too; many are put into one, since a question costs the SQL the same of one
as of many.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from analytics.enrichment.context import Knowledge, contexts
from analytics.identity import actor_id
from analytics.lake.tables import (
    DECISIONS,
    FACTS,
    PEOPLE,
    STATEMENT_COLUMNS,
    VOIDS,
    WORKFORCE,
)
from analytics.reports.catalogue import question
from analytics.reports.session import (
    EXEMPTIONS,
    Asked,
    answer,
    moment,
    requirements_table,
)
from analytics.requirements import Requirement
from analytics.requirements.model import way_of
from tests.oracle.histories import Case, Question, random_case, to_tables
from tests.oracle.merging import answers, merged, questions_of

# More with ORACLE_CASES=3000; the first ones are the same in every run.
CASES = int(os.environ.get("ORACLE_CASES", "25"))
LATEST = 250_000_000_000_000_000  # microseconds: the year 9892
CHUNK = 25  # worlds in one
QUESTIONS = 25  # asked of all of them: one of each world's own


def workforce_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Return the lake's table of these rows."""
    made = []
    for row in rows:
        found = {name: row.get(name) for name in WORKFORCE.names}
        found["effective_date"] = row["effective_date"] or row["hire_date"]
        found["identifiers"] = [actor_id(key) for key in row["keys"]]
        found["recorded_at"] = row["recorded"]
        made.append(found)
    return pa.Table.from_pylist(made, schema=WORKFORCE)


def people_of(rows: list[dict[str, Any]]) -> pa.Table:
    made = [
        {name: row.get(name) for name in PEOPLE.names}
        | {
            "effective_date": row["effective_date"] or row["hire_date"],
            "recorded_at": row["recorded"],
        }
        for row in rows
    ]
    return pa.Table.from_pylist(made, schema=PEOPLE)


def statements_of(rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema(list(STATEMENT_COLUMNS.items()))
    made = [
        {
            "statement_id": row["statement_id"],
            "stored": row["stored"],
            "timestamp": row["timestamp"],
            "actor_id": actor_id(row["actor_key"]),
            "actor_kind": row["actor_key"].split(" ", 1)[0],
            "verb": row["verb"],
            "object_type": "Activity" if row["activity_id"] else "Agent",
            "activity_id": row["activity_id"],
            "success": row["success"],
            "completion": row["completion"],
            "score_scaled": row["scaled"],
        }
        for row in rows
    ]
    return pa.Table.from_pylist(made, schema=schema)


def requirement_of(row: dict[str, Any]) -> Requirement:
    policy = row["rehire_policy"]
    carry = {"reset": None, "carry_over": 1_000_000}.get(policy, row["carry_gap_days"])
    names = ("org_unit", "job_code", "location", "worker_type", "regulatory_class")
    ways = tuple(
        way_of(
            tuple(group["activities"] or group["all_of"]), all_of=bool(group["all_of"])
        )
        for group in row["any_of"]
    )
    named = dict.fromkeys(one for way in ways for part in way for one in part)
    return Requirement(
        code=row["code"],
        title=row["code"],
        activities=tuple(row["activities"] or row["all_of"] or named),
        all_of=bool(row["all_of"]),
        any_of=ways,
        items=tuple(row["items"]),
        recurrence=row["recurrence"],
        early_renewal_days=row["early_renewal_days"],
        effective_to=row["effective_to"],
        satisfied_by=row["satisfied_by"],
        min_score=row["min_score"],
        basis=row["basis"],
        calendar_basis=row["calendar_basis"],
        initial_days=row["initial_days"],
        validity_days=row["validity_days"],
        grace_days=row["grace_days"],
        look_back_days=row["look_back_days"],
        leave_policy=row["leave_policy"],
        carry_gap_days=carry,
        effective_from=row["effective_from"],
        version=row["version"],
        version_from=row["version_from"] or row["effective_from"],
        audience={name: tuple(row[f"audience_{name}"] or ()) for name in names},
        min_tenure_days=row["audience_min_tenure_days"] or 0,
    )


def exemptions_of(rows: list[dict[str, Any]], known_at: int) -> pa.Table:
    made = [
        {
            "employee_id": row["employee_id"],
            "requirement": row["requirement"],
            "from_day": row["from_"],
            "to_day": row["to"] or datetime(9999, 12, 31, tzinfo=UTC).date(),
        }
        for row in rows
        if row["recorded"] <= known_at
    ]
    return pa.Table.from_pylist(made, schema=EXEMPTIONS)


def in_rows(case: Case) -> Case:
    """Return the case as the ledger would tell its rows apart.

    The ledger tells a row without effective_date from another by its hire_date, the
    model does not: given a date, both see the same rows.
    """
    dated = tuple(replace(row, effective_date=row.effective) for row in case.rows)
    return replace(case, rows=dated)


def disagreements(cases: Sequence[Case], asked: Sequence[Question]) -> list[str]:
    """Return where SQL and model differ, question by question."""
    cases = [in_rows(case) for case in cases]
    tables = to_tables(merged(cases))
    workforce = workforce_of(tables["workforce"])
    people = people_of(tables["workforce"])
    facts = contexts(
        statements_of(tables["facts"]),
        FACTS.empty_table(),
        Knowledge(workforce),
        after=0,
        through=LATEST,
    )
    voids = pa.Table.from_pylist(
        [
            {
                "statement_id": row["target_id"],
                "voided_by": "v",
                "recorded_at": row["recorded"],
            }
            for row in tables["voids"]
        ],
        schema=VOIDS,
    )
    requirements = [requirement_of(row) for row in tables["requirements"]]
    query = question("compliance_status")
    found = []
    for one in asked:
        known_at = min(one.known_at, LATEST)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET threads = 1")
            connection.register("facts", facts)
            connection.register("voids", voids)
            connection.register("workforce", workforce)
            connection.register("decisions", DECISIONS.empty_table())
            connection.register("people", people)
            connection.register("requirements", requirements_table(requirements))
            connection.register(
                "exemptions", exemptions_of(tables["exemptions"], known_at)
            )
            rows = answer(
                connection, query, Asked(one.as_of, moment(known_at))
            ).to_pylist()
        by_key = {(row["person_id"], row["requirement"]): row for row in rows}
        wanted = answers(cases, one)
        for key in sorted({*by_key, *wanted}):
            ours, theirs = by_key.get(key), wanted.get(key)
            if ours != theirs:
                found.append(f"{one} {key}:\n  sql   {ours}\n  model {theirs}")
    return found


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_sql_and_model_agree_on_random_histories(first: int) -> None:
    cases = [random_case(seed) for seed in range(first, min(first + CHUNK, CASES))]
    found = disagreements(cases, questions_of(cases, QUESTIONS))
    assert not found, f"{len(found)} disagreements\n" + "\n".join(found[:5])


def test_a_requirement_that_holds_longer_in_the_sql_would_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = [random_case(seed) for seed in range(3)]
    made = requirement_of

    def longer(row: dict[str, Any]) -> Requirement:
        return replace(made(row), grace_days=row["grace_days"] + 1)

    monkeypatch.setitem(globals(), "requirement_of", longer)
    asked = [one for case in cases for one in case.questions]
    assert disagreements(cases, asked[:12])
