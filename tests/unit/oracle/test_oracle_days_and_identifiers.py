"""Whole days where the person is, and whose identifier it is at a moment."""

import hashlib

import pytest

from tests.oracle.builders import MBOX, a_fact, a_row, ask, on, one

TOKYO, LOS_ANGELES = "Asia/Tokyo", "America/Los_Angeles"


def day_of(when: str, *rows) -> str:
    row = one("2024-12-01", rows=rows, facts=[a_fact(when)])
    return row["completed_at"].isoformat()


@pytest.mark.parametrize(
    ("zone", "expected"),
    [(None, "2024-06-01"), (TOKYO, "2024-06-02"), (LOS_ANGELES, "2024-06-01")],
)
def test_the_day_is_that_of_the_location_and_utc_where_none_is_known(zone, expected):
    row = a_row(location_time_zone=zone)
    assert day_of("2024-06-01T20:00:00+00:00", row) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2024-06-01T06:59:59.999999+00:00", "2024-05-31"),
        ("2024-06-01T07:00:00+00:00", "2024-06-01"),
        ("2024-06-01T01:00:00-06:00", "2024-06-01"),
    ],
)
def test_midnight_is_the_location_s(when, expected):
    assert day_of(when, a_row(location_time_zone=LOS_ANGELES)) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        # Tokyo until 2024-06-01 begins in Los Angeles, seven hours after UTC
        ("2024-05-31T16:00:00+00:00", "2024-06-01"),
        ("2024-06-01T06:59:00+00:00", "2024-06-01"),
        ("2024-06-02T06:59:00+00:00", "2024-06-01"),
        ("2024-06-02T07:00:00+00:00", "2024-06-02"),
    ],
)
def test_the_zone_is_the_one_in_force_at_the_moment(when, expected):
    rows = [
        a_row(location_time_zone=TOKYO),
        a_row("2024-06-01", location_time_zone=LOS_ANGELES, recorded=2),
    ]
    assert day_of(when, *rows) == expected


def test_a_row_begins_at_midnight_of_its_own_location():
    rows = [
        a_row(location_time_zone=LOS_ANGELES),
        a_row("2024-06-01", location_time_zone=TOKYO, recorded=2),
    ]
    assert day_of("2024-05-31T14:59:00+00:00", *rows) == "2024-05-31"
    assert day_of("2024-05-31T15:00:00+00:00", *rows) == "2024-06-01"


def test_a_zone_that_is_blank_again_is_utc_again():
    rows = [
        a_row(location_time_zone=TOKYO),
        a_row("2024-06-01", location_time_zone=None, recorded=2),
    ]
    assert day_of("2024-06-01T20:00:00+00:00", *rows) == "2024-06-01"


def test_before_the_first_row_the_day_is_utc():
    row = a_row("2024-01-10", location_time_zone="Pacific/Kiritimati")
    facts = [a_fact("2024-01-01T20:00:00+00:00")]
    assert ask("2024-01-31", rows=[row], facts=facts)[0]["status"] == "NOT_STARTED"


def test_as_of_is_the_end_of_the_day_where_the_person_is():
    row = a_row(location_time_zone=LOS_ANGELES)
    inside = [a_fact("2024-02-01T07:59:59+00:00")]
    outside = [a_fact("2024-02-01T08:00:00+00:00")]
    assert one("2024-01-31", rows=[row], facts=inside)["status"] == "COMPLIANT"
    assert one("2024-01-31", rows=[row], facts=outside)["status"] == "NOT_STARTED"


def holder(when: str, *rows, key: str = MBOX) -> str | None:
    """Who has the completion."""
    facts = [a_fact(when, actor_key=key)]
    for row in ask("2024-12-01", rows=rows, facts=facts):
        if row["completed_at"]:
            return row["person_id"]
    return None


SHARED = "account https://hr.example.com 7"


def claim(person: str, effective: str, **changes):
    return a_row(
        effective,
        employee_id=person,
        identities=(SHARED,),
        hire_date="2024-01-01",
        **changes,
    )


def test_an_identifier_resolves_before_the_row_that_brings_it():
    rows = [a_row(), claim("P1", "2024-06-01", recorded=2)]
    assert holder("2024-02-01", *rows, key=SHARED) == "P1"


def test_an_identifier_resolves_after_the_person_s_rows_no_longer_carry_it():
    rows = [claim("P1", "2024-01-01"), a_row("2024-06-01", recorded=2)]
    assert holder("2024-09-01", *rows, key=SHARED) == "P1"


def test_another_person_s_row_claims_an_identifier_from_its_effective_date():
    rows = [
        claim("P1", "2024-01-01"),
        a_row(employee_id="P2"),
        claim("P2", "2024-06-01", recorded=2),
    ]
    before, after = "2024-05-31T23:59:59.999999+00:00", "2024-06-01T00:00:00+00:00"
    assert holder(before, *rows, key=SHARED) == "P1"
    assert holder(after, *rows, key=SHARED) == "P2"


def test_a_claim_begins_at_midnight_of_the_claiming_row_s_location():
    rows = [
        claim("P1", "2024-01-01"),
        a_row(employee_id="P2"),
        claim("P2", "2024-06-01", location_time_zone=TOKYO, recorded=2),
    ]
    assert holder("2024-05-31T14:59:59+00:00", *rows, key=SHARED) == "P1"
    assert holder("2024-05-31T15:00:00+00:00", *rows, key=SHARED) == "P2"


def test_the_former_holder_s_next_row_with_the_identifier_takes_it_back():
    rows = [
        claim("P1", "2024-01-01"),
        a_row(employee_id="P2"),
        claim("P2", "2024-06-01", recorded=2),
        claim("P1", "2024-08-01", recorded=3),
    ]
    assert holder("2024-07-31", *rows, key=SHARED) == "P2"
    assert holder("2024-08-01", *rows, key=SHARED) == "P1"


def test_a_claim_that_was_corrected_away_is_none():
    rows = [
        a_row(employee_id="P2"),
        claim("P1", "2024-01-01"),
        a_row(recorded=2),
    ]
    assert holder("2024-02-01", *rows, key=SHARED) is None


def test_an_email_is_claimed_as_mbox_and_as_its_sha1_whatever_its_case():
    row = a_row(email="Ann.Lee@Example.com")
    digest = hashlib.sha1(b"mailto:ann.lee@example.com", usedforsecurity=False)
    assert holder("2024-02-01", row, key="mbox mailto:ann.lee@example.com") == "P1"
    sha1_key = f"mbox_sha1sum {digest.hexdigest()}"
    assert holder("2024-02-01", row, key=sha1_key) == "P1"


def test_an_identifier_that_nobody_claims_is_nobody_s():
    assert holder("2024-02-01", a_row(), key="openid https://id.example.com/x") is None


def test_a_completion_made_under_a_former_address_counts():
    rows = [
        a_row(email="old@example.com"),
        a_row("2024-06-01", email="new@example.com", recorded=2),
    ]
    facts = [a_fact("2024-08-01", actor_key="mbox mailto:old@example.com")]
    row = one("2024-12-01", rows=rows, facts=facts)
    assert row["completed_at"] == on("2024-08-01")
