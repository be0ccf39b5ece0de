"""Every clause of "The arithmetic of a status" by name, with its border days.

Each is asked of the SQL the day before its border, on it and the day after; the plain
model has to say the same. Where a clause has names of its own in tests/unit/oracle
(the plain model, clause by clause) the file is given.

| interface.md | tests here, by the beginning of their names |
| --- | --- |
| whole days, in the zone of the person's location in force, else UTC | day_ |
| as_of means the end of that day; known_at | as_of_, test_known_at |
| employed from hire_date through termination_date | employed_ |
| leave interrupts neither employment nor membership | leave_interrupts |
| entered, base, due_date; it does not change by completion | entered_, base_, due_ |
| calendar: periods, due_date, how long a completion holds | calendar_ |
| a completion counts if its day lies in base - look_back .. as_of | counts_ |
| not voided, of it, satisfied_by, min_score | void_, of_the_, by_, score_ |
| the latest counts; expires_at; halves; all_of | latest_, halves_, all_of_ |
| no row | audience_, employed_ |
| EXEMPT, ON_LEAVE, EXPIRING, COMPLIANT, GRACE, EXPIRED, OVERDUE, IN_PROGRESS, \
NOT_STARTED: the first that fits | status_ |
| leave_policy, rehire_policy | shift_, rehire_; test_oracle_due_dates, _rehire |
| an identifier resolves until another row claims it | claim_; \
test_oracle_days_and_identifiers |
| versions | version_ |

The keys beyond interface.md: test_arithmetic_of_further_keys.py.
"""

from __future__ import annotations

import pytest

from tests.oracle.completion import PASSED
from tests.oracle.inputs import Audience
from tests.unit.reports.border_days import Clause, Clauses, day
from tests.unit.reports.clauses_of_statuses import STATUSES

NONE, OVER, NOT, OK = None, "OVERDUE", "NOT_STARTED", "COMPLIANT"
SOON, OUT, GRACE, BEGUN = "EXPIRING", "EXPIRED", "GRACE", "IN_PROGRESS"
LEAVE, EXEMPT = "ON_LEAVE", "EXEMPT"
TRIED = {"verb": "http://adlnet.gov/expapi/verbs/attempted"}
WON = {"verb": PASSED}
MOVED = {"effective_date": 0, "job_code": "J2"}
IN_J2 = {"audience": Audience(job_code=("J2",))}


def hired(offset: int, **changes: object) -> tuple[dict[str, object]]:
    """Return the only row of who was hired so many days from D."""
    return ({"hire_date": offset, **changes},)


CLAUSES = [
    # -- whole days, where the person then is
    Clause(
        "day_is_that_of_the_location",
        (OVER, SOON, SOON),
        {"validity_days": 30},
        ({"location_time_zone": "Pacific/Kiritimati"},),
        [("2025-06-30T10:00:00+00:00", {})],  # there it is D, from the first moment
        shows={"completed_at": 0},
    ),
    Clause(
        "day_before_midnight_of_the_location_is_the_day_before",
        (SOON, SOON, SOON),
        {"validity_days": 30},
        ({"location_time_zone": "Pacific/Kiritimati"},),
        [("2025-06-30T09:59:59.999999+00:00", {})],
        shows={"completed_at": -1},
    ),
    Clause(
        "day_is_utc_where_no_location_is_known",
        (OVER, OK, OK),
        facts=[("2025-07-01T00:00:00+00:00", {})],
        shows={"completed_at": 0},
    ),
    Clause(
        "day_goes_by_the_location_in_force_at_the_moment",
        (OVER, OK, OK),
        rows=(
            {"location_time_zone": "Pacific/Kiritimati"},
            {"effective_date": 0, "location_time_zone": "Pacific/Pago_Pago"},
        ),
        facts=[("2025-07-01T12:00:00+00:00", {})],  # in Pago Pago one in the morning
        shows={"completed_at": 0},
    ),
    Clause(
        "as_of_means_the_end_of_that_day",
        (OVER, OK, OK),
        facts=[("2025-07-01T23:59:59.999999+00:00", {})],
    ),
    # -- employed, entered, base
    Clause("employed_from_hire_date", (NONE, NOT, NOT), rows=hired(0)),
    Clause(
        "employed_from_hire_date_though_the_row_came_before",
        (NONE, NOT, NOT),
        rows=hired(0, effective_date=-20),
    ),
    Clause(
        "employed_through_termination_date",
        (OVER, OVER, NONE),
        rows=({"termination_date": 0},),
    ),
    Clause(
        "employed_whatever_an_early_terminated_row_says",
        (OVER, OVER, NONE),
        rows=(
            {},
            {"effective_date": -9, "status": "terminated"} | {"termination_date": 0},
        ),
    ),
    Clause(
        "employed_no_longer_whatever_a_late_terminated_row_says",
        (OVER, OVER, NONE),
        rows=({}, {"effective_date": 9, "status": "terminated", "termination_date": 0}),
    ),
    Clause(
        "leave_interrupts_neither_employment_nor_membership",
        (OVER, LEAVE, OVER),
        rows=({}, {"effective_date": 0, "status": "leave"}, {"effective_date": 1}),
        shows={"due_date": day(-517)},
    ),
    Clause(
        "entered_on_the_first_day_of_membership",
        (NONE, NOT, NOT),
        IN_J2,
        ({}, MOVED),
        shows={"due_date": 30},
    ),
    Clause(
        "entered_anew_after_a_day_outside",
        (NONE, NOT, NOT),
        IN_J2,
        ({"job_code": "J2"}, {"effective_date": -1, "job_code": "J1"}, MOVED),
        shows={"due_date": 30},
    ),
    Clause(
        "base_is_effective_from_where_that_is_later",
        (NONE, NOT, NOT),
        {"effective_from": 0},
        shows={"due_date": 30},
    ),
    Clause(
        "base_by_hire_is_the_hire_date_and_not_the_day_of_entering",
        (NOT, NOT, OVER),
        IN_J2 | {"basis": "hire"},
        ({"hire_date": -30}, {"hire_date": -30} | MOVED | {"effective_date": -5}),
        shows={"due_date": 0},
    ),
    # -- due_date
    Clause("due_date_is_the_last_good_day", (NOT, NOT, OVER), rows=hired(-30)),
    Clause(
        "due_date_stands_and_does_not_change_by_completion",
        (SOON, SOON, SOON),
        {"validity_days": 60},
        hired(-30),
        [(-10, {})],
        shows={"due_date": 0, "expires_at": 50},
    ),
    Clause(
        "calendar_due_date_is_the_last_day_of_the_period",
        (NOT, NOT, OVER),
        {"basis": "calendar", "calendar_basis": -99, "validity_days": 100},
        hired(-60),
        shows={"due_date": 0},
    ),
    Clause(
        "calendar_period_is_that_of_entry_and_initial_days",
        (NOT, NOT, OVER),
        {"basis": "calendar", "calendar_basis": -99, "validity_days": 100},
        hired(-30),
        shows={"due_date": 0},
    ),
    Clause(
        "calendar_period_is_the_next_one_a_day_later",
        (NOT, NOT, NOT),
        {"basis": "calendar", "calendar_basis": -99, "validity_days": 100},
        hired(-29),
        shows={"due_date": 100},
    ),
    Clause(
        "calendar_begins_with_its_first_period",
        (NOT, NOT, NOT),
        {"basis": "calendar", "calendar_basis": 10, "validity_days": 100},
        hired(-60),
        shows={"due_date": 109},
    ),
    Clause(
        "calendar_completion_holds_to_the_end_of_the_period_after_its_own",
        (SOON, SOON, OUT),
        {"basis": "calendar", "calendar_basis": -199, "validity_days": 100},
        facts=[(-100, {})],
        shows={"expires_at": 0},
    ),
    Clause(
        "calendar_completion_of_the_next_day_holds_a_period_longer",
        (OK, OK, OK),
        {"basis": "calendar", "calendar_basis": -199, "validity_days": 100},
        facts=[(-99, {})],
        shows={"expires_at": 100},
    ),
    # -- what counts
    Clause("counts_from_the_base", (NONE, OK, OK), rows=hired(0), facts=[(0, {})]),
    Clause("counts_not_before_the_base", (NONE, NOT, NOT), {}, hired(0), [(-1, {})]),
    Clause(
        "counts_from_look_back_days_before_the_base",
        (NONE, OK, OK),
        {"look_back_days": 10},
        hired(0),
        [(-10, {})],
    ),
    Clause(
        "counts_not_a_day_before_the_look_back",
        (NONE, NOT, NOT),
        {"look_back_days": 10},
        hired(0),
        [(-11, {})],
    ),
    Clause("counts_through_as_of", (OVER, OK, OK), facts=[(0, {})]),
    Clause("void_statement_does_not_count", (OVER,) * 3, facts=[(-5, {})], voids=[0]),
    Clause(
        "void_of_the_latest_leaves_the_one_before",
        (OK,) * 3,
        facts=[(-9, {}), (-5, {})],
        voids=[1],
        shows={"completed_at": -9},
    ),
    Clause("of_the_requirement_only", (OVER,) * 3, facts=[(-5, {"activity": "other"})]),
    Clause(
        "of_the_requirement_are_any_of_its_activities",
        (OVER, OK, OK),
        {"activities": ("a", "b")},
        facts=[(0, {"activity": "b"})],
    ),
    Clause("by_the_verb_completed", (OVER, OK, OK), facts=[(0, {})]),
    Clause(
        "by_completion_true_under_any_verb",
        (OVER, OK, OK),
        facts=[(0, TRIED | {"completion": True})],
    ),
    Clause("by_completed_is_not_passed", (OVER,) * 3, facts=[(0, WON)]),
    Clause(
        "by_the_verb_passed",
        (OVER, OK, OK),
        {"satisfied_by": "passed"},
        facts=[(0, WON)],
    ),
    Clause(
        "by_success_true_under_any_verb",
        (OVER, OK, OK),
        {"satisfied_by": "passed"},
        facts=[(0, TRIED | {"success": True})],
    ),
    Clause(
        "by_passed_is_not_completed",
        (OVER,) * 3,
        {"satisfied_by": "passed"},
        facts=[(0, {})],
    ),
    Clause(
        "by_completed_or_passed",
        (OK,) * 3,
        {"satisfied_by": "completed_or_passed"},
        facts=[(-9, {}), (0, WON)],
        shows={"completed_at": 0},
    ),
    Clause(
        "score_of_min_score_is_enough",
        (OVER, OK, OK),
        {"min_score": 0.8},
        facts=[(0, {"scaled": 0.8})],
    ),
    Clause(
        "score_below_min_score_is_not",
        (OVER,) * 3,
        {"min_score": 0.8},
        facts=[(0, {"scaled": 0.79})],
    ),
    Clause("score_must_be_there", (OVER,) * 3, {"min_score": 0.8}, facts=[(0, {})]),
    Clause(
        "latest_completion_counts",
        (SOON, SOON, OUT),
        {"validity_days": 10},
        facts=[(-20, {}), (-10, {})],
        shows={"completed_at": -10, "expires_at": 0, "first_completed_at": -20},
    ),
    Clause(
        "halves_in_two_statements_are_completed_at_the_later",
        (OVER, OK, OK),
        {"satisfied_by": "completed_and_passed"},
        facts=[(-20, {}), (0, WON)],
        shows={"completed_at": 0},
    ),
    Clause(
        "halves_are_the_latest_of_each",
        (SOON, SOON, SOON),
        {"satisfied_by": "completed_and_passed", "validity_days": 40},
        facts=[(-30, {}), (-20, WON), (0, {})],
        shows={"completed_at": 0, "expires_at": 40},
    ),
    Clause(
        "all_of_wants_every_activity",
        (OVER, SOON, SOON),
        {"all_of": ("a", "b"), "validity_days": 30},
        facts=[(-9, {"activity": "a"}), (0, {"activity": "b"})],
        shows={"completed_at": 0, "expires_at": 21},
    ),
    *STATUSES,
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


def test_known_at_is_the_last_moment_that_is_known(world: Clauses) -> None:
    assert {row.recorded for row in world.case.rows} == {1}
    assert world.sql.ask(day(0), known_at=0) == []
    assert world.sql.ask(day(0), known_at=1)
