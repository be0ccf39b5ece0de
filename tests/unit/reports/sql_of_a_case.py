"""A case of the oracle's through the product: the as-of join, then the report's SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa

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
from tests.oracle.histories import Case, to_tables

_FIRST = "SELECT employee_id, code, first_completed_at FROM standings"
LATEST = 250_000_000_000_000_000  # microseconds: the year 9892


class SqlOfACase:
    """Answers of the SQL to a case; ``make`` gives the Requirement of a table's row."""

    def __init__(self, case: Case, make: Any = None) -> None:
        self.tables = to_tables(in_rows(case))
        self.workforce = workforce_of(self.tables["workforce"])
        self.people = people_of(self.tables["workforce"])
        self.facts = contexts(
            statements_of(self.tables["facts"]),
            FACTS.empty_table(),
            Knowledge(self.workforce),
            after=0,
            through=LATEST,
        )
        self.voids = pa.Table.from_pylist(
            [
                {
                    "statement_id": row["target_id"],
                    "voided_by": "v",
                    "recorded_at": row["recorded"],
                }
                for row in self.tables["voids"]
            ],
            schema=VOIDS,
        )
        make = make or requirement_of
        made = [make(row) for row in self.tables["requirements"]]
        self.requirements = requirements_table(made)

    def ask(self, as_of: date, known_at: int = LATEST) -> list[dict[str, Any]]:
        """Return the rows of compliance_status, with first_completed_at."""
        known_at = min(known_at, LATEST)
        exemptions = exemptions_of(self.tables["exemptions"], known_at)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET threads = 1")
            connection.register("facts", self.facts)
            connection.register("voids", self.voids)
            connection.register("workforce", self.workforce)
            connection.register("decisions", DECISIONS.empty_table())
            connection.register("people", self.people)
            connection.register("requirements", self.requirements)
            connection.register("exemptions", exemptions)
            query = question("compliance_status")
            asked = Asked(as_of, moment(known_at))
            rows: list[dict[str, Any]] = answer(connection, query, asked).to_pylist()
            found = connection.sql(_FIRST).fetchall()
            firsts = {(who, code): first for who, code, first in found}
            for row in rows:
                key = row["person_id"], row["requirement"]
                row["first_completed_at"] = firsts[key]
        return rows


def in_rows(case: Case) -> Case:
    """Return the case as the ledger would tell its rows apart.

    The ledger tells a row without effective_date from another by its hire_date, the
    model does not: given a date, both see the same rows.
    """
    dated = tuple(replace(row, effective_date=row.effective) for row in case.rows)
    return replace(case, rows=dated)


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
        return_grace_days=row["return_grace_days"],
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
