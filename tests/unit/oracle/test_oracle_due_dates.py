"""Entered, base and due date: every basis, leave and rehire."""

import pytest

from tests.oracle.builders import (
    a_fact,
    a_requirement,
    a_row,
    due,
    on,
    one,
    status,
)
from tests.oracle.completion import end_of_period
from tests.oracle.inputs import Audience

OPS_ONLY = Audience(org_unit=("OPS",))
CALENDAR = a_requirement(
    basis="calendar",
    calendar_basis="2017-03-05",
    validity_days=365,
    effective_from="2017-01-01",
    initial_days=0,
)
HIRED_2017 = [a_row("2017-01-01", hire_date="2017-01-01")]


def test_published_thirty_days_from_hire_2017_06_01_are_2017_07_01():
    rows = [a_row("2017-06-01", hire_date="2017-06-01")]
    requirement = a_requirement(basis="hire", effective_from="2017-01-01")
    assert due("2017-06-01", rows=rows, requirements=requirement) == "2017-07-01"
    assert status("2017-07-01", rows=rows, requirements=requirement) == "NOT_STARTED"
    assert status("2017-07-02", rows=rows, requirements=requirement) == "OVERDUE"


def test_the_due_date_is_the_last_good_day():
    assert due("2024-01-10") == "2024-01-31"
    assert status("2024-01-31") == "NOT_STARTED"
    assert status("2024-02-01") == "OVERDUE"


def test_the_due_date_does_not_change_by_completion():
    assert due("2024-01-20", facts=[a_fact("2024-01-15")]) == "2024-01-31"
    assert due("2025-06-01", facts=[a_fact("2024-01-15")]) == "2024-01-31"


def test_base_is_effective_from_where_that_is_later():
    requirement = a_requirement(effective_from="2024-02-01")
    assert due("2024-02-10", requirements=requirement) == "2024-03-02"


def test_base_by_entry_is_the_day_of_entering_the_audience():
    rows = [a_row(org_unit_id="HQ"), a_row("2024-03-01", recorded=2)]
    requirement = a_requirement(audience=OPS_ONLY)
    assert due("2024-03-10", rows=rows, requirements=requirement) == "2024-03-31"


def test_base_by_hire_looks_at_the_hire_date_not_at_entering():
    rows = [a_row(org_unit_id="HQ"), a_row("2024-03-01", recorded=2)]
    requirement = a_requirement(audience=OPS_ONLY, basis="hire")
    assert due("2024-03-10", rows=rows, requirements=requirement) == "2024-01-31"
    assert status("2024-03-01", rows=rows, requirements=requirement) == "OVERDUE"


def test_who_leaves_the_audience_and_comes_back_enters_anew():
    rows = [
        a_row(),
        a_row("2024-02-01", org_unit_id="HQ", recorded=2),
        a_row("2024-02-02", recorded=3),
    ]
    requirement = a_requirement(audience=OPS_ONLY, rehire_policy="carry_over")
    assert due("2024-01-31", rows=rows, requirements=requirement) == "2024-01-31"
    assert due("2024-02-02", rows=rows, requirements=requirement) == "2024-03-03"


def test_entered_is_as_of_as_of():
    rows = [a_row(), a_row("2024-02-01", org_unit_id="HQ", recorded=2)]
    requirement = a_requirement(audience=OPS_ONLY)
    assert due("2024-01-31", rows=rows, requirements=requirement) == "2024-01-31"


def test_leave_interrupts_neither_employment_nor_membership():
    rows = [
        a_row(),
        a_row("2024-01-10", status="leave", recorded=2),
        a_row("2024-03-01", recorded=3),
    ]
    assert due("2024-03-01", rows=rows) == "2024-01-31"
    assert status("2024-03-01", rows=rows) == "OVERDUE"


def test_published_calendar_periods():
    ends = [
        end_of_period(CALENDAR, on(day)).isoformat()
        for day in ("2017-03-05", "2018-03-04", "2018-03-05", "2019-03-05")
    ]
    assert ends == ["2018-03-04", "2018-03-04", "2019-03-04", "2020-03-03"]


def test_a_calendar_due_date_is_the_end_of_the_period_that_is_due():
    given = {"rows": HIRED_2017, "requirements": CALENDAR}
    assert due("2017-02-01", **given) == "2018-03-04"
    assert status("2018-03-04", **given) == "NOT_STARTED"
    assert status("2018-03-05", **given) == "OVERDUE"
    assert due("2019-05-01", **given) == "2018-03-04"


def test_published_a_completion_holds_to_the_end_of_the_next_period():
    row = one(
        "2018-03-04",
        rows=HIRED_2017,
        requirements=CALENDAR,
        facts=[a_fact("2017-03-05")],
    )
    assert row["expires_at"] == on("2019-03-04")
    assert row["status"] == "COMPLIANT"


def test_published_a_late_completion_inside_a_period_satisfies_it():
    given = {
        "rows": HIRED_2017,
        "requirements": CALENDAR,
        "facts": [a_fact("2018-06-01")],
    }
    assert status("2018-05-31", **given) == "OVERDUE"
    assert status("2018-06-01", **given) == "COMPLIANT"
    assert one("2018-06-01", **given)["expires_at"] == on("2020-03-03")
    assert status("2020-03-03", **given) == "EXPIRING"
    assert status("2020-03-04", **given) == "EXPIRED"


@pytest.mark.parametrize(
    ("hired", "expected"),
    [("2018-02-02", "2018-03-04"), ("2018-02-03", "2019-03-04")],
)
def test_a_calendar_period_is_found_by_entry_and_initial_days(hired, expected):
    rows = [a_row(hired, hire_date=hired)]
    requirement = a_requirement(
        basis="calendar", calendar_basis="2017-03-05", effective_from="2017-01-01"
    )
    assert due("2018-02-10", rows=rows, requirements=requirement) == expected


def test_a_calendar_goes_by_entry_and_not_by_hire():
    rows = [
        a_row("2017-03-05", hire_date="2017-03-05", org_unit_id="HQ"),
        a_row("2018-03-05", hire_date="2017-03-05", recorded=2),
    ]
    requirement = a_requirement(
        basis="calendar",
        calendar_basis="2017-03-05",
        effective_from="2017-01-01",
        audience=OPS_ONLY,
    )
    assert due("2018-03-05", rows=rows, requirements=requirement) == "2019-03-04"


def test_before_the_calendar_begins_its_first_period_is_due():
    requirement = a_requirement(basis="calendar", calendar_basis="2025-01-01")
    assert due("2024-06-01", requirements=requirement) == "2025-12-31"


def test_a_completion_before_the_calendar_holds_to_the_end_of_the_first_period():
    requirement = a_requirement(basis="calendar", calendar_basis="2025-01-01")
    row = one("2024-12-31", requirements=requirement, facts=[a_fact("2024-12-31")])
    assert row["expires_at"] == on("2025-12-31")


def leave(start: str, end: str, **changes):
    return [
        a_row(),
        a_row(start, status="leave", recorded=2, **changes),
        a_row(end, recorded=3),
    ]


SHIFT = a_requirement(leave_policy="shift")


def test_leave_shifts_the_due_date_by_its_days():
    rows = leave("2024-01-10", "2024-01-20")
    assert due("2024-06-01", rows=rows, requirements=SHIFT) == "2024-02-10"
    assert due("2024-06-01", rows=rows) == "2024-01-31"


def test_a_shifted_due_date_is_the_last_good_day():
    rows = leave("2024-01-10", "2024-01-20")
    assert status("2024-02-10", rows=rows, requirements=SHIFT) == "NOT_STARTED"
    assert status("2024-02-11", rows=rows, requirements=SHIFT) == "OVERDUE"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-01-01", "2024-01-02", "2024-02-01"),  # the base day itself
        ("2024-01-31", "2024-02-10", "2024-02-10"),  # the due date itself
        ("2024-02-01", "2024-02-10", "2024-01-31"),  # the day after it
    ],
)
def test_leave_counts_from_base_through_the_due_date(start, end, expected):
    rows = leave(start, end)
    assert due("2024-06-01", rows=rows, requirements=SHIFT) == expected


def test_leave_within_the_days_gained_shifts_further():
    rows = [
        *leave("2024-01-10", "2024-01-20"),  # ten days, so through 2024-02-10
        a_row("2024-02-05", status="leave", recorded=4),
        a_row("2024-02-07", recorded=5),
    ]
    assert due("2024-06-01", rows=rows, requirements=SHIFT) == "2024-02-12"


def test_leave_after_as_of_is_not_yet_counted():
    rows = leave("2024-01-10", "2024-01-20")
    assert due("2024-01-09", rows=rows, requirements=SHIFT) == "2024-01-31"
    assert due("2024-01-10", rows=rows, requirements=SHIFT) == "2024-02-01"
    assert due("2024-01-15", rows=rows, requirements=SHIFT) == "2024-02-06"


def test_leave_before_base_shifts_nothing():
    requirement = a_requirement(leave_policy="shift", effective_from="2024-02-01")
    rows = leave("2024-01-10", "2024-02-01")
    assert due("2024-06-01", rows=rows, requirements=requirement) == "2024-03-02"


def test_leave_shifts_the_end_of_a_calendar_period():
    requirement = a_requirement(
        basis="calendar", calendar_basis="2024-01-01", leave_policy="shift"
    )
    rows = leave("2024-01-10", "2024-01-20")
    assert due("2024-01-09", rows=rows, requirements=requirement) == "2024-12-30"
    assert due("2024-06-01", rows=rows, requirements=requirement) == "2025-01-09"


def test_leave_does_not_shift_the_expiry():
    rows = leave("2024-01-10", "2024-01-20")
    row = one("2024-06-01", rows=rows, requirements=SHIFT, facts=[a_fact("2024-01-05")])
    assert row["expires_at"] == on("2025-01-04")
