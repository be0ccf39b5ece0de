"""The first that fits: every status and its border days."""

import pytest

from tests.oracle.builders import (
    a_fact,
    a_requirement,
    a_row,
    an_exemption,
    on,
    one,
    status,
)

EXPERIENCED = "http://adlnet.gov/expapi/verbs/experienced"
DONE = [a_fact("2024-01-05")]  # expires 2025-01-04
WITH_GRACE = a_requirement(grace_days=7)


def on_leave(start: str, end: str):
    return [
        a_row(),
        a_row(start, status="leave", recorded=2),
        a_row(end, recorded=3),
    ]


def test_not_in_the_audience_has_no_row():
    assert status("2024-01-10", rows=[a_row(worker_type="customer")]) == "NO ROW"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-02-04", "OVERDUE"),
        ("2024-02-05", "EXEMPT"),
        ("2024-02-10", "EXEMPT"),
        ("2024-02-11", "OVERDUE"),
    ],
)
def test_an_exemption_holds_from_its_first_through_its_last_day(day, expected):
    exemptions = [an_exemption("2024-02-05", "2024-02-10")]
    assert status(day, exemptions=exemptions) == expected


def test_an_open_exemption_goes_on():
    assert status("2044-01-01", exemptions=[an_exemption("2024-02-05", None)]) == (
        "EXEMPT"
    )


@pytest.mark.parametrize("other", [{"employee_id": "P2"}, {"requirement": "X-1"}])
def test_an_exemption_is_of_one_person_and_one_requirement(other):
    exemptions = [an_exemption("2024-01-01", None, **other)]
    assert status("2024-01-10", exemptions=exemptions) == "NOT_STARTED"


def test_an_exemption_acts_from_its_recorded_time():
    exemptions = [an_exemption("2024-01-01", None, recorded=7)]
    assert status("2024-01-10", exemptions=exemptions, known_at=6) == "NOT_STARTED"
    assert status("2024-01-10", exemptions=exemptions, known_at=7) == "EXEMPT"


def test_exempt_goes_before_on_leave_and_before_a_valid_completion():
    given = {
        "exemptions": [an_exemption("2024-01-01", None)],
        "rows": on_leave("2024-01-10", "2024-02-01"),
        "facts": DONE,
    }
    assert status("2024-01-09", **given) == "EXEMPT"
    row = one("2024-01-10", **given)
    assert (row["status"], row["completed_at"]) == ("EXEMPT", on("2024-01-05"))


def test_on_leave_is_from_the_leave_row_until_the_next():
    rows = on_leave("2024-01-10", "2024-02-01")
    assert status("2024-01-09", rows=rows) == "NOT_STARTED"
    assert status("2024-01-10", rows=rows) == "ON_LEAVE"
    assert status("2024-01-31", rows=rows) == "ON_LEAVE"
    assert status("2024-02-01", rows=rows) == "OVERDUE"


def test_on_leave_goes_before_a_valid_completion_and_keeps_its_columns():
    row = one("2024-01-10", rows=on_leave("2024-01-10", "2024-02-01"), facts=DONE)
    assert row["status"] == "ON_LEAVE"
    assert (row["due_date"], row["statement_id"]) == (on("2024-01-31"), "s1")
    assert row["expires_at"] == on("2025-01-04")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-04", "NOT_STARTED"),
        ("2024-01-05", "COMPLIANT"),
        ("2024-10-05", "COMPLIANT"),  # 91 days left
        ("2024-10-06", "EXPIRING"),  # 90 days left
        ("2025-01-04", "EXPIRING"),  # the last good day
        ("2025-01-05", "EXPIRED"),
    ],
)
def test_a_completion_is_valid_through_its_last_good_day(day, expected):
    assert status(day, facts=DONE) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-01-04", "EXPIRING"),
        ("2025-01-05", "GRACE"),
        ("2025-01-11", "GRACE"),
        ("2025-01-12", "EXPIRED"),
    ],
)
def test_grace_follows_the_expiry_of_a_completion_that_ran_out(day, expected):
    assert status(day, requirements=WITH_GRACE, facts=DONE) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-31", "NOT_STARTED"),
        ("2024-02-01", "GRACE"),
        ("2024-02-07", "GRACE"),
        ("2024-02-08", "OVERDUE"),
    ],
)
def test_grace_follows_the_due_date_where_nothing_was_completed(day, expected):
    assert status(day, requirements=WITH_GRACE) == expected


def test_a_completion_that_ran_out_keeps_its_columns():
    row = one("2025-02-01", facts=DONE)
    assert row["status"] == "EXPIRED"
    assert row["due_date"] == on("2024-01-31")
    assert row["completed_at"] == on("2024-01-05")
    assert row["expires_at"] == on("2025-01-04")
    assert row["statement_id"] == "s1"


def test_what_ran_out_before_the_due_date_is_expired_and_not_open():
    requirement = a_requirement(look_back_days=90, validity_days=60)
    facts = [a_fact("2023-11-03")]  # 2024-01-02 is its last good day
    given = {"requirements": requirement, "facts": facts}
    assert status("2024-01-02", **given) == "EXPIRING"
    assert status("2024-01-03", **given) == "EXPIRED"


def test_a_late_completion_is_valid():
    facts = [a_fact("2024-03-01")]
    assert status("2024-02-29", facts=facts) == "OVERDUE"
    assert status("2024-03-01", facts=facts) == "COMPLIANT"


def test_any_statement_on_the_activity_is_progress():
    facts = [a_fact("2024-01-05", verb=EXPERIENCED)]
    assert status("2024-01-04", facts=facts) == "NOT_STARTED"
    assert status("2024-01-05", facts=facts) == "IN_PROGRESS"
    assert status("2024-01-31", facts=facts) == "IN_PROGRESS"
    assert one("2024-01-31", facts=facts)["statement_id"] is None


@pytest.mark.parametrize("look_back", [0, 1])
def test_progress_too_is_seen_from_base_minus_look_back(look_back):
    facts = [a_fact("2023-12-31", verb=EXPERIENCED)]
    requirement = a_requirement(look_back_days=look_back)
    expected = "IN_PROGRESS" if look_back else "NOT_STARTED"
    assert status("2024-01-10", requirements=requirement, facts=facts) == expected


def test_progress_does_not_keep_from_being_overdue():
    facts = [a_fact("2024-01-05", verb=EXPERIENCED)]
    assert status("2024-02-01", facts=facts) == "OVERDUE"
    assert status("2024-02-01", requirements=WITH_GRACE, facts=facts) == "GRACE"
