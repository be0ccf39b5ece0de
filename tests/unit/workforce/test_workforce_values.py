"""What a cell may hold, and the identifiers a row claims."""

from __future__ import annotations

from hashlib import sha1

import pytest

from analytics.workforce.identifiers import identifier_keys, identities
from analytics.workforce.model import TABLES, WORKFORCE
from analytics.workforce.rules import RULES, broken_rule
from analytics.workforce.values import (
    address,
    day,
    names,
    number,
    one_of,
    share_of_full_time,
    text,
    time_zone,
)


def hashed(address: str) -> str:
    digest = sha1(f"mailto:{address}".encode(), usedforsecurity=False)
    return f"mbox_sha1sum {digest.hexdigest()}"


@pytest.mark.parametrize("cell", ["2024-02-29", "1999-12-31", "9999-12-31"])
def test_a_day_is_kept_as_written(cell):
    assert day(cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-29",
        "2024-1-1",
        "20240101",
        "2024-W01-1",
        "2024-01-01T00:00",
        "\u0662\u0660\u0662\u0664-01-01",
    ],
)
def test_what_is_not_an_iso_day_is_refused(cell):
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        day(cell)


def test_a_day_can_follow_another_pattern():
    assert day("31.01.2024", "%d.%m.%Y") == "2024-01-31"


@pytest.mark.parametrize(
    "cell", ["nan", "inf", "1_000", "1,5", "0x1", "1e999", "\u0663"]
)
def test_what_is_not_a_finite_decimal_number_is_refused(cell):
    with pytest.raises(ValueError, match="number"):
        number(cell)


def test_minus_zero_is_zero():
    assert str(number("-0.0")) == "0.0"


@pytest.mark.parametrize("cell", ["-0.1", "100", "2.01"])
def test_a_full_time_equivalent_is_no_percentage(cell):
    with pytest.raises(ValueError, match="full-time"):
        share_of_full_time(cell)


def test_a_name_of_a_list_is_taken_in_any_case():
    assert one_of("active", "leave")("Leave") == "leave"


def test_a_time_zone_must_be_in_the_iana_database():
    assert time_zone("America/Argentina/Buenos_Aires")
    with pytest.raises(ValueError, match="IANA"):
        time_zone("CEST")


@pytest.mark.parametrize("cell", ["a\x1fb", "a\nb", "a\x00b"])
def test_text_with_a_control_character_is_refused(cell):
    with pytest.raises(ValueError, match="control character"):
        text(cell)


def test_text_of_any_script_is_kept():
    assert text("Zoë 山田\u00a0太郎") == "Zoë 山田\u00a0太郎"


def test_text_over_the_bound_is_refused_with_its_length_only():
    with pytest.raises(ValueError, match=r"^has 4,001 characters"):
        text("x" * 4001)


@pytest.mark.parametrize(
    "cell", ["ada", "a@b@c", "a@b, c@d", "A <a@b.c>", "@", "a b@c"]
)
def test_what_is_not_one_address_is_refused_and_never_quoted(cell):
    with pytest.raises(ValueError, match="address") as caught:
        address(cell)
    assert cell not in str(caught.value) or cell in "@"


def test_the_order_of_a_list_says_nothing():
    assert names("b; a ;;b") == names("a;b") == ["a", "b"]


def test_identities_become_ifi_keys():
    cell = (
        f"mailto:Ada@Example.com sha1:{'AB' * 20} openid:https://id.example.com/ada  "
        "account:https://lms.example.com|ada lovelace|1"
    )
    assert set(identities(cell)) == {
        "mbox mailto:ada@example.com",
        hashed("ada@example.com"),
        hashed("Ada@Example.com"),
        f"mbox_sha1sum {'ab' * 20}",
        "openid https://id.example.com/ada",
        "account https://lms.example.com ada lovelace|1",
    }


@pytest.mark.parametrize(
    "cell",
    [
        "ada@example.com",
        "mailto:ada",
        "sha1:abc",
        "openid:ada",
        "account:https://lms.example.com",
        "account:lms|ada",
        "account:https://lms.example.com|",
        "mailto:a@b.c rest",
    ],
)
def test_an_identity_that_cannot_be_read_is_refused_by_position(cell):
    with pytest.raises(ValueError, match="has at position 1") as caught:
        identities(cell)
    assert cell not in str(caught.value)


def test_a_row_claims_its_address_both_hashes_and_its_identities_once():
    row = {"email": "Ada@X.org", "identities": identities("mailto:ada@x.org")}
    assert identifier_keys(row) == [
        "mbox mailto:ada@x.org",
        hashed("ada@x.org"),
        hashed("Ada@X.org"),
    ]


def test_a_row_without_identifiers_claims_none():
    assert identifier_keys({"email": None, "identities": None}) == []


def test_every_kind_has_rules_and_a_key_of_its_columns():
    assert set(RULES) == set(TABLES)
    for table in TABLES.values():
        assert all(table.column(name) for name in table.key)


def test_personal_columns_are_the_names_and_the_identifiers():
    personal = {column.name for column in WORKFORCE.columns if column.personal}
    assert personal == {"given_name", "family_name", "email", "identities"}


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        (
            "workforce",
            {"hire_date": "2024-01-02", "termination_date": "2024-01-01"},
            "termination_date",
        ),
        ("workforce", {"org_unit_id": "A", "org_parent_id": "A"}, "org_parent_id"),
        ("workforce", {"employee_id": "1", "manager_id": "1"}, "manager_id"),
        (
            "kpi",
            {"period_start": "2024-02-01", "period_end": "2024-01-31"},
            "period_end",
        ),
        ("exemptions", {"from": "2024-02-01", "to": "2024-01-31"}, "to"),
    ],
)
def test_a_row_at_odds_with_itself_breaks_a_rule(kind, row, column):
    broken = broken_rule(kind, row)
    assert broken is not None
    assert broken[0] == column


def test_a_single_day_of_employment_and_a_late_effective_date_break_none():
    row = {
        "hire_date": "2024-01-01",
        "termination_date": "2024-01-01",
        "effective_date": "2025-01-01",
    }
    assert broken_rule("workforce", row) is None
