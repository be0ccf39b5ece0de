"""return_grace_days, with its border days.

The text is config/requirements/README.md, "Return from leave". Where nothing else is
said the leave lasts from D - 25 through D - 10, so that ten days after it end on D.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.reports.border_days import Clause, Clauses, day

OVER, NOT, GRACE = "OVERDUE", "NOT_STARTED", "GRACE"
SOON, OUT, LEAVE = "EXPIRING", "EXPIRED", "ON_LEAVE"
THROUGH_D = (GRACE, GRACE, OVER)
TEN: dict[str, Any] = {"return_grace_days": 10}


def hired(
    offset: int, *leaves: tuple[int, int], **changes: Any
) -> tuple[dict[str, Any], ...]:
    """Return the rows of who was hired then and away from day to day, both included."""
    rows: list[dict[str, Any]] = [{"hire_date": offset, **changes}]
    for first, last in leaves or [(-25, -10)]:
        rows.append(rows[0] | {"effective_date": first, "status": "leave"})
        rows.append(rows[0] | {"effective_date": last + 1})
    return tuple(rows)


CLAUSES = [
    Clause(
        "return_gives_time_for_what_was_due_meanwhile",
        THROUGH_D,
        TEN,
        hired(-50),
        shows={"due_date": -20},
    ),
    Clause("return_gives_none_where_nothing_is_said", (OVER,) * 3, {}, hired(-50)),
    Clause(
        "return_after_what_was_overdue_on_the_first_day", THROUGH_D, TEN, hired(-56)
    ),
    Clause(
        "return_after_what_was_overdue_the_day_before", (OVER,) * 3, TEN, hired(-57)
    ),
    Clause(
        "return_after_grace_that_ended_the_day_before",
        THROUGH_D,
        TEN | {"grace_days": 3},
        hired(-59),
    ),
    Clause("return_gives_time_for_what_is_due_within_it", THROUGH_D, TEN, hired(-33)),
    Clause("return_shortens_nothing", (NOT, NOT, OVER), TEN, hired(-30)),
    Clause(
        "return_shortens_no_grace",
        THROUGH_D,
        {"return_grace_days": 1, "grace_days": 5},
        hired(-35),
    ),
    Clause(
        "return_gives_a_day_from_the_day_of_the_return",
        (LEAVE, GRACE, OVER),
        {"return_grace_days": 1},
        hired(-50, (-25, -1)),
    ),
    Clause(
        "return_gives_time_for_what_ran_out_meanwhile",
        (GRACE, GRACE, OUT),
        TEN | {"validity_days": 20},
        hired(-500),
        [(-35, {})],
        shows={"expires_at": -15, "completed_at": -35},
    ),
    Clause(
        "return_gives_none_for_what_had_run_out_before",
        (OUT,) * 3,
        TEN | {"validity_days": 20},
        hired(-500),
        [(-47, {})],
    ),
    Clause(
        "return_leaves_what_is_valid_valid",
        (SOON, SOON, GRACE),
        {"validity_days": 20, "return_grace_days": 12},
        hired(-500),
        [(-20, {})],
    ),
    Clause(
        "return_from_a_leave_within_the_time_gained_gives_more",
        THROUGH_D,
        TEN,
        hired(-65, (-40, -30), (-19, -10)),
    ),
    Clause(
        "return_from_a_leave_a_day_after_it_does_not",
        (OVER,) * 3,
        TEN,
        hired(-65, (-40, -30), (-18, -10)),
    ),
    Clause(
        "return_from_a_leave_told_in_two_rows",
        THROUGH_D,
        TEN,
        (
            *hired(-50)[:2],
            {"hire_date": -50, "effective_date": -18, "status": "leave"}
            | {"job_code": "J2"},
            hired(-50)[2],
        ),
    ),
    Clause(
        "return_counts_from_where_shift_has_moved_the_due_date",
        THROUGH_D,
        {"return_grace_days": 16, "leave_policy": "shift"},
        hired(-60, (-35, -16)),
        shows={"due_date": -10},
    ),
    Clause(
        "return_to_a_curriculum_is_its_own",
        THROUGH_D,
        TEN | {"items": ("A",)},
        hired(-50),
        also={"A": {"activities": ("a",), "return_grace_days": 3}},
    ),
]


@pytest.fixture(scope="module")
def world() -> Clauses:
    return Clauses(CLAUSES)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.name)
def test_clause(world: Clauses, clause: Clause) -> None:
    world.check(clause)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_plain_model_says_the_same_of_all_of_them(
    world: Clauses, offset: int
) -> None:
    assert world.disagreements(day(offset)) == []
