"""The history agrees with a slow, plain Python model on every day as known at any time.

The model (tests/oracle/workforce.py) was written apart from the SQL: it goes through
the rows known at a moment, again for every question. Some rows are retracted here, as
a full delivery that lacks them does.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from analytics.identity import actor_id
from analytics.lake.tables import WORKFORCE
from analytics.reports.session import moment
from analytics.workforce.history.derivation import derived
from tests.oracle.inputs import HrRow
from tests.oracle.random_workforce import a_workforce, day_after
from tests.oracle.workforce import Workforce, keys_of

# More with ORACLE_CASES=300; the first ones are the same in every run.
CASES = min(int(os.environ.get("ORACLE_CASES", "12")), 2_000)
QUESTIONS = 60
FOREVER = date(9999, 12, 31)


class Said:
    """A random workforce, and what of it was retracted when."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        # Identifiers change hands at midnight where the person is; days are asked here.
        self.rows = [
            replace(row, location_time_zone=None, effective_date=row.effective)
            for row in a_workforce(random)
        ]
        first: dict[tuple[str, date], int] = {}
        for row in self.rows:
            key = row.employee_id, row.effective
            first[key] = min(row.recorded, first.get(key, row.recorded))
        chosen = random.sample(sorted(first), len(first) // 5)
        late = timedelta(days=90) // timedelta(microseconds=1)
        self.retracted = [(*key, first[key] + random.randrange(late)) for key in chosen]

    def known(self, at: int) -> Workforce:
        """What the model makes of the rows that hold at that moment."""
        ended: dict[tuple[str, date], int] = {
            (person, day): when for person, day, when in self.retracted if when <= at
        }
        return Workforce(
            [
                row
                for row in self.rows
                if row.recorded > ended.get((row.employee_id, row.effective), 0)
            ],
            at,
        )

    def table(self) -> pa.Table:
        """The same as the lake has it."""
        made: list[dict[str, Any]] = []
        for row in self.rows:
            found = {name: asdict(row).get(name) for name in WORKFORCE.names}
            found["identifiers"] = sorted(map(actor_id, keys_of(row)))
            found["regulatory_classes"] = list(row.regulatory_classes)
            found["recorded_at"] = row.recorded
            made.append(found)
        made += [
            dict.fromkeys(WORKFORCE.names)
            | {"employee_id": person, "effective_date": day, "recorded_at": when}
            | {"retracted": True, "identifiers": []}
            for person, day, when in self.retracted
        ]
        return pa.Table.from_pylist(made, schema=WORKFORCE)

    def questions(self, random: Random) -> list[tuple[date, int]]:
        """Days and moments, some of them just before or at an event."""
        moments = [row.recorded for row in self.rows]
        moments += [when for *_, when in self.retracted]
        days = [row.effective for row in self.rows]
        days += [row.hire_date for row in self.rows]
        asked = []
        for _ in range(QUESTIONS):
            day = random.choice(days) + timedelta(days=random.choice([-1, 0, 1]))
            if random.random() < 0.4:
                day = day_after(random.randint(-80, 500))
            at = random.choice(moments) - random.choice([0, 0, 1])
            asked.append((day, max(moments) if random.random() < 0.2 else at))
        return asked


def at(rows: list[dict[str, Any]], day: date, known: datetime) -> list[dict[str, Any]]:
    return [
        row
        for row in rows
        if row["valid_from"] <= day < row["valid_to"]
        and row["recorded_from"] <= known < row["recorded_to"]
    ]


def in_force(model: Workforce, person: str, day: date) -> HrRow | None:
    if not model.is_employed(person, day):
        return None
    return model.row_in_force(person, day)


def circle_of(model: Workforce, person: str, day: date) -> bool:
    seen: list[str] = []
    above: str | None = person
    while above is not None and above not in seen:
        seen.append(above)
        row = in_force(model, above, day)
        above = row.manager_id if row else None
    return above == person


def told(model: Workforce, people: list[str], day: date) -> dict[str, Any]:
    """What the model says of a day."""
    rows = {person: in_force(model, person, day) for person in people}
    there = {person: row for person, row in rows.items() if row is not None}
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    units = {row.org_unit_id for row in model.rows}
    units |= {row.org_parent_id for row in model.rows if row.org_parent_id}
    holders = {key: model.person_of(key, noon) for key in model.claims}
    return {
        "employment_spells": sorted(
            person for person in people if model.is_employed(person, day)
        ),
        "assignments": sorted(
            (person, row.org_unit_id, row.job_code, status_of(row), row.effective)
            for person, row in there.items()
        ),
        "leave_spells": sorted(
            person for person in people if model.is_on_leave(person, day)
        ),
        "manager_edges": sorted(
            (person, row.manager_id)
            for person, row in there.items()
            if row.manager_id is not None
        ),
        "org_unit_closure": sorted(
            (unit, above, depth)
            for unit in units
            for depth, above in enumerate(model.units_above(unit, day))
        ),
        "person_identifiers": sorted(
            (holder, actor_id(key)) for key, holder in holders.items() if holder
        ),
    }


def status_of(row: Any) -> str:
    """Return the status of somebody who is employed: nobody's is terminated then."""
    return "active" if row.status == "terminated" else row.status


COLUMNS = {
    "assignments": (
        *("employee_id", "org_unit_id", "job_code"),
        *("status", "effective_date"),
    ),
    "manager_edges": ("employee_id", "manager_id"),
    "org_unit_closure": ("unit_id", "ancestor_id", "depth"),
    "person_identifiers": ("employee_id", "identifier"),
}


@pytest.mark.parametrize("seed", range(CASES))
def test_history_and_model_agree_on_any_day_as_known_at_any_time(seed: int) -> None:
    said = Said(seed)
    tables = {name: rows.to_pylist() for name, rows in derived(said.table()).items()}
    people = sorted({row.employee_id for row in said.rows})
    for day, known in said.questions(Random(seed)):
        model = said.known(known)
        expected = told(model, people, day)
        for name, wanted in expected.items():
            rows = at(tables[name], day, moment(known))
            names = COLUMNS.get(name, ("employee_id",))
            found = [tuple(row[column] for column in names) for row in rows]
            plain = [row[0] if len(row) == 1 else row for row in found]
            assert sorted(plain) == wanted, (seed, name, day, known)
        for row in at(tables["manager_edges"], day, moment(known)):
            # A flag covers whole stretches: it may be up on days beside the circle.
            if circle_of(model, row["employee_id"], day):
                assert row["in_circle"], (seed, row)


@pytest.mark.parametrize("seed", range(CASES))
def test_no_two_rows_of_a_table_hold_at_the_same_time(seed: int) -> None:
    keys = {
        "employment_spells": ("employee_id",),
        "assignments": ("employee_id",),
        "leave_spells": ("employee_id",),
        "manager_edges": ("employee_id",),
        "org_units": ("unit_id",),
        "org_unit_closure": ("unit_id", "ancestor_id"),
        "person_identifiers": ("identifier",),
    }
    for name, rows in derived(Said(seed).table()).items():
        groups = defaultdict(list)
        for row in rows.to_pylist():
            assert row["valid_from"] < row["valid_to"]
            assert row["recorded_from"] < row["recorded_to"]
            groups[tuple(row[column] for column in keys[name])].append(row)
        for group in groups.values():
            for n, one in enumerate(group):
                for other in group[n + 1 :]:
                    assert not (
                        one["valid_from"] < other["valid_to"]
                        and other["valid_from"] < one["valid_to"]
                        and one["recorded_from"] < other["recorded_to"]
                        and other["recorded_from"] < one["recorded_to"]
                    ), (seed, name, one, other)
