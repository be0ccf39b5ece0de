"""Clauses of the arithmetic, second half: statuses, policies, identifiers, versions.

Tested by test_arithmetic_of_a_status.py, whose docstring maps them to the text.
"""

from __future__ import annotations

from tests.oracle.inputs import Audience
from tests.unit.reports.border_days import Clause, day

NONE, OVER, NOT, OK = None, "OVERDUE", "NOT_STARTED", "COMPLIANT"
SOON, OUT, GRACE, BEGUN = "EXPIRING", "EXPIRED", "GRACE", "IN_PROGRESS"
LEAVE, EXEMPT = "ON_LEAVE", "EXEMPT"
TRIED = {"verb": "http://adlnet.gov/expapi/verbs/attempted"}


def hired(offset: int, **changes: object) -> tuple[dict[str, object]]:
    """Return the only row of who was hired so many days from D."""
    return ({"hire_date": offset, **changes},)


STATUSES = [
    # -- in the audience
    Clause(
        "audience_of_a_tenure_begins_on_its_day",
        (NONE, NOT, NOT),
        {"audience": Audience(min_tenure_days=40)},
        hired(-40),
    ),
    Clause(
        "audience_without_worker_types_has_no_partners",
        (NOT, NONE, NONE),
        rows=(
            {"hire_date": -9},
            {"hire_date": -9, "worker_type": "partner"} | {"effective_date": 0},
        ),
    ),
    # -- the first status that fits
    Clause(
        "status_exempt_from_and_to_included", (OVER, EXEMPT, OVER), exempt=[("", 0, 0)]
    ),
    Clause(
        "status_exempt_goes_before_on_leave",
        (LEAVE, EXEMPT, LEAVE),
        rows=({"status": "leave"},),
        exempt=[("", 0, 0)],
    ),
    Clause(
        "status_on_leave_goes_before_a_valid_completion",
        (OK, LEAVE, OK),
        rows=({}, {"effective_date": 0, "status": "leave"}, {"effective_date": 1}),
        facts=[(-9, {})],
        shows={"completed_at": -9},
    ),
    Clause(
        "status_expiring_from_90_days_left",
        (OK, SOON, SOON),
        {"validity_days": 100},
        facts=[(-10, {})],
        shows={"expires_at": 90},
    ),
    Clause(
        "status_compliant_for_ever_without_validity",
        (OK,) * 3,
        {"validity_days": None},
        facts=[(-400, {})],
        shows={"expires_at": None},
    ),
    Clause(
        "status_valid_through_expires_at",
        (SOON, SOON, GRACE),
        {"validity_days": 10, "grace_days": 1},
        facts=[(-10, {})],
    ),
    Clause(
        "status_grace_after_an_expiry_through_its_last_day",
        (GRACE, GRACE, OUT),
        {"validity_days": 10, "grace_days": 7},
        facts=[(-17, {})],
        shows={"expires_at": -7, "completed_at": -17},
    ),
    Clause(
        "status_grace_begins_after_the_due_date",
        (NOT, NOT, GRACE),
        {"grace_days": 7},
        hired(-30),
    ),
    Clause(
        "status_grace_after_the_due_date_through_its_last_day",
        (GRACE, GRACE, OVER),
        {"grace_days": 7},
        hired(-37),
    ),
    Clause(
        "status_expired_goes_before_overdue_and_open",
        (SOON, SOON, OUT),
        {"validity_days": 5},
        hired(-5),
        [(-5, {})],
        shows={"due_date": 25},
    ),
    Clause(
        "status_in_progress_by_any_statement",
        (NOT, BEGUN, BEGUN),
        {},
        hired(-9),
        [(0, TRIED)],
    ),
    Clause(
        "status_in_progress_from_the_look_back",
        (NONE, BEGUN, BEGUN),
        {"look_back_days": 10},
        hired(0),
        [(-10, TRIED)],
    ),
    Clause(
        "status_in_progress_not_before_the_look_back",
        (NONE, NOT, NOT),
        {"look_back_days": 10},
        hired(0),
        [(-11, TRIED)],
    ),
    Clause(
        "status_overdue_goes_before_in_progress",
        (BEGUN, BEGUN, OVER),
        {},
        hired(-30),
        [(-9, TRIED)],
    ),
    # -- policies, identifiers, versions
    Clause(
        "shift_moves_the_due_date_by_the_days_of_leave",
        (NOT, NOT, OVER),
        {"leave_policy": "shift"},
        (
            {"hire_date": -40},
            {"hire_date": -40, "effective_date": -30, "status": "leave"},
            {"hire_date": -40, "effective_date": -20},
        ),
        shows={"due_date": 0},
    ),
    Clause(
        "shift_is_no_policy_where_none_is_said",
        (OVER,) * 3,
        {},
        (
            {"hire_date": -40},
            {"hire_date": -40, "effective_date": -30, "status": "leave"},
            {"hire_date": -40, "effective_date": -20},
        ),
        shows={"due_date": -10},
    ),
    Clause(
        "rehire_after_a_gap_of_N_days_is_carried",
        (NONE, OVER, OVER),
        {"rehire_policy": "carry_if_gap_days", "carry_gap_days": 10},
        ({"termination_date": -11}, {"hire_date": 0}),
        shows={"due_date": day(-517)},
    ),
    Clause(
        "rehire_after_a_day_more_is_not",
        (NONE, NOT, NOT),
        {"rehire_policy": "carry_if_gap_days", "carry_gap_days": 10},
        ({"termination_date": -12}, {"hire_date": 0}),
        shows={"due_date": 30},
    ),
    Clause(
        "rehire_resets_after_a_single_day",
        (NONE, NOT, NOT),
        {"basis": "hire"},
        ({"termination_date": -2}, {"hire_date": 0}),
        shows={"due_date": 30},
    ),
    Clause(
        "rehire_carries_over_any_gap",
        (NONE, OVER, OVER),
        {"basis": "hire", "rehire_policy": "carry_over"},
        ({"termination_date": -200}, {"hire_date": 0}),
        shows={"due_date": day(-517)},
    ),
    Clause(
        "claim_of_another_person_acts_from_the_day_of_their_row",
        (OK,) * 3,
        rows=(
            {"email": "shared@example.com"},
            {"who": "Q", "email": "shared@example.com", "effective_date": -5},
        ),
        facts=[
            (-6, {"actor_key": "mbox mailto:shared@example.com"}),
            (-5, {"actor_key": "mbox mailto:shared@example.com"}),
        ],
        shows={"completed_at": -6},
    ),
    Clause(
        "version_in_force_on_the_day_is_used",
        (OVER, GRACE, GRACE),
        {"initial_days": 9},
        hired(-20),
        also={
            "second": {"code": "", "version": 2, "version_from": 0, "initial_days": 9}
            | {"grace_days": 30}
        },
        shows={"requirement_version": 2},
    ),
]
