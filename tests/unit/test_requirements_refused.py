"""Requirement files that are refused: with the file, the key and the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics.requirements import WrongRequirement, read
from tests.requirement_files import EXAMPLE, a_file


def refusal(path: Path) -> str:
    with pytest.raises(WrongRequirement) as caught:
        read(path)
    return caught.value.message


OF_ITEMS: dict[str, str | None] = {
    "activities": None,
    "satisfied_by": None,
    "items": '["A"]',
}
# what is changed in the least file; the key that the refusal names; a piece of why
REFUSED: list[tuple[dict[str, str | None], str, str]] = [
    ({"code": None}, "code", "is missing"),
    ({"code": '""'}, "code", "is empty"),
    ({"code": "7"}, "code", "type str"),
    ({"title": None}, "title", "is missing"),
    ({"title": '" "'}, "title", "is empty"),
    ({"activities": None}, "activities", "and one only"),
    ({"activities": "[]"}, "activities", "and one only"),
    ({"all_of": '["https://a.b/c"]'}, "activities", "and one only"),
    ({"activities": '"https://a.b/c"'}, "activities", "type list"),
    ({"activities": "[1]"}, "activities", "list of texts"),
    ({"activities": '[""]'}, "activities", "list of texts"),
    ({"satisfied_by": None}, "satisfied_by", "is missing"),
    ({"satisfied_by": '"attempted"'}, "satisfied_by", "completed_or_passed"),
    ({"satisfied_by": "true"}, "satisfied_by", "type str"),
    ({"min_score": "80"}, "min_score", "between -1 and 1"),
    ({"min_score": "nan"}, "min_score", "between -1 and 1"),
    ({"min_score": '"0.8"'}, "min_score", "type float"),
    ({"min_score": "true"}, "min_score", "type float"),
    ({"basis": None}, "basis", "is missing"),
    ({"basis": '"birthday"'}, "basis", "entry, hire, calendar"),
    ({"basis": '"calendar"'}, "basis", "needs calendar_basis and validity_days"),
    (
        {"basis": '"calendar"', "calendar_basis": "2025-01-01"},
        "basis",
        "needs calendar_basis and validity_days",
    ),
    (
        {"basis": '"calendar"', "validity_days": "365"},
        "basis",
        "needs calendar_basis and validity_days",
    ),
    ({"calendar_basis": '"2025-01-01"'}, "calendar_basis", "type date"),
    ({"calendar_basis": "2025-01-01T00:00:00Z"}, "calendar_basis", "type date"),
    ({"initial_days": "-1"}, "initial_days", "between 0 and 36500"),
    ({"initial_days": "30.0"}, "initial_days", "type int"),
    ({"initial_days": "true"}, "initial_days", "type int"),
    ({"validity_days": "0"}, "validity_days", "between 1 and 36500"),
    ({"validity_days": "40000"}, "validity_days", "between 1 and 36500"),
    ({"grace_days": '"7"'}, "grace_days", "type int"),
    ({"return_grace_days": "366"}, "return_grace_days", "between 0 and 365"),
    ({"return_grace_days": "-1"}, "return_grace_days", "between 0 and 365"),
    ({"return_grace_days": "true"}, "return_grace_days", "type int"),
    ({"retention_years": "-1"}, "retention_years", 'between 0 and 100, or "forever"'),
    ({"retention_years": "101"}, "retention_years", "between 0 and 100"),
    ({"retention_years": "true"}, "retention_years", "between 0 and 100"),
    ({"retention_years": '"3"'}, "retention_years", "between 0 and 100"),
    ({"retention_from": '"training"'}, "retention_from", "needs retention_years"),
    ({"retention_basis": '"a rule"'}, "retention_basis", "needs retention_years"),
    (
        {"retention_years": "3", "retention_from": '"hire"'},
        "retention_from",
        "training, employment",
    ),
    ({"retention_years": "3", "retention_basis": '" "'}, "retention_basis", "1 to 500"),
    ({**OF_ITEMS, "retention_years": "3"}, "retention_years", "items of a curriculum"),
    ({"look_back_days": "-90"}, "look_back_days", "between 0 and 36500"),
    ({"leave_policy": '"pause"'}, "leave_policy", "none, shift"),
    ({"rehire_policy": '"forget"'}, "rehire_policy", "carry_if_gap_days = N"),
    ({"rehire_policy": '""'}, "rehire_policy", "carry_if_gap_days = N"),
    ({"rehire_policy": "90"}, "rehire_policy", "carry_if_gap_days = N"),
    ({"rehire_policy": '"carry_if_gap_days"'}, "rehire_policy", "= N"),
    ({"rehire_policy": '"carry_if_gap_days = -1"'}, "rehire_policy", "= N"),
    ({"rehire_policy": '"carry_if_gap_days = 99999"'}, "rehire_policy", "= N"),
    ({"rehire_policy": "{ carry_if_gap_days = true }"}, "rehire_policy", "= N"),
    ({"rehire_policy": "{ gap = 90 }"}, "rehire_policy", "= N"),
    ({"carry_if_gap_days": "-1"}, "carry_if_gap_days", "between 0 and 36500"),
    (
        {"carry_if_gap_days": "9", "rehire_policy": '"reset"'},
        "carry_if_gap_days",
        "contradicts",
    ),
    ({"effective_from": None}, "effective_from", "is missing"),
    ({"effective_from": '"2025-01-01"'}, "effective_from", "type date"),
    ({"version": "0"}, "version", "between 1"),
    ({"version": '"1"'}, "version", "type int"),
    ({"version": "99999999999"}, "version", "between 1"),
    ({"version_from": '"soon"'}, "version_from", "type date"),
    ({"audience": '["OPS"]'}, "audience", "type dict"),
    ({"audience__org_unit": '"OPS"'}, "audience.org_unit", "type list"),
    ({"audience__job_code": "[7]"}, "audience.job_code", "list of texts"),
    ({"audience__location": '[""]'}, "audience.location", "list of texts"),
    ({"audience__worker_type": '["staff"]'}, "audience.worker_type", "partner"),
    ({"audience__regulatory_class": "7"}, "audience.regulatory_class", "type list"),
    ({"audience__min_tenure_days": "-1"}, "audience.min_tenure_days", "between 0"),
    ({"audience__country": '["DE"]'}, "audience.country", "not a key"),
    ({"vailidity_days": "365"}, "vailidity_days", "not a key"),
    ({"any_of": '[{ activities = ["a:b"] }]'}, "activities", "and one only"),
    ({"activities": None, "any_of": "[{}]"}, "any_of[1].activities", "one of the two"),
    ({"activities": None, "any_of": '["a:b"]'}, "any_of", "list of tables"),
    (
        {"activities": None, "any_of": '[{ all_of = ["a:b"], x = 1 }]'},
        "any_of[1].x",
        "not a key",
    ),
    ({"activities": None, "items": '["A"]'}, "satisfied_by", "items of a curriculum"),
    ({**OF_ITEMS, "min_score": "0.8"}, "min_score", "items of a curriculum"),
    ({**OF_ITEMS, "validity_days": "9"}, "validity_days", "items of a curriculum"),
    ({**OF_ITEMS, "basis": '"calendar"'}, "basis", "entry, hire"),
    ({**OF_ITEMS, "items": '["FIRE-01"]'}, "items", "the curriculum itself"),
    ({**OF_ITEMS, "items": '["A", "A"]'}, "items", "twice"),
    ({"recurrence": '"yearly"'}, "recurrence", "event, calendar"),
    ({"recurrence": '"event"'}, "recurrence", "needs validity_days"),
    (
        {"recurrence": '"calendar"', "validity_days": "365"},
        "recurrence",
        "needs calendar_basis",
    ),
    ({"early_renewal_days": "9"}, "early_renewal_days", "needs validity_days"),
    (
        {"early_renewal_days": "9", "validity_days": "9"},
        "early_renewal_days",
        "less than validity_days",
    ),
    (
        {"early_renewal_days": "9", "validity_days": "90", "recurrence": '"calendar"'}
        | {"calendar_basis": "2025-01-01"},
        "early_renewal_days",
        "recurrence by event",
    ),
    ({"effective_to": "2024-12-31"}, "effective_to", "before effective_from"),
    (
        {"effective_to": "2025-12-31", "version_from": "2026-01-01"},
        "version_from",
        "after effective_to",
    ),
    (
        {"satisfied_by": '"satisfied"', "min_score": "0.8"},
        "min_score",
        "never met by satisfied",
    ),
]


@pytest.mark.parametrize(("changes", "key", "reason"), REFUSED)
def test_a_wrong_file_is_refused_with_its_name_the_key_and_the_reason(
    tmp_path: Path, changes: dict[str, str | None], key: str, reason: str
) -> None:
    said = refusal(a_file(tmp_path, **changes))
    assert re.match(rf"fire\.toml, line \d+: {re.escape(key)} ", said)
    assert reason in said


def test_every_key_of_a_requirement_stands_in_the_table_of_refusals() -> None:
    named = {key for _, key, _ in REFUSED}
    keys = {line.split(" = ")[0] for line in EXAMPLE.splitlines() if " = " in line}
    below = {"org_unit", "job_code", "location", "worker_type", "regulatory_class"}
    below.add("min_tenure_days")
    assert (keys - below) | {f"audience.{key}" for key in below} <= named


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"# one\ncode = ", 2, "Invalid value, at the end"),
        (b"code = 'a'\n\n\xff\xfe", 3, "invalid start byte"),
        (b"code = 'a'\ncode = 'b'", 2, "Cannot overwrite a value, at the end"),
        (b"code = 'a'\nall_of = [\n'b',\n", 4, "Invalid value, at the end"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_by_name_line_and_reason(
    tmp_path: Path, content: bytes, line: int, reason: str
) -> None:
    path = tmp_path / "fire.toml"
    path.write_bytes(content)
    assert refusal(path) == f"fire.toml, line {line}: it is not TOML ({reason})."


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "fire.toml"
    path.mkdir()
    assert refusal(path).startswith("fire.toml: it cannot be read (")


@pytest.mark.parametrize("content", [b"a = " + b"[" * 5_000, b"#" * (1 << 20) + b"#"])
def test_a_file_that_would_take_all_the_room_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "fire.toml"
    path.write_bytes(content)
    assert re.match(r"fire.toml: it is (nested too deeply|over 1 MiB)", refusal(path))


LONG = """\
# A comment, and a list that goes on

code = "FIRE-01"
activities = [
    "https://a.b/c",  # ] no end here
    "[audience]",
]
title = \'\'\'
satisfied_by = 7
\'\'\'
satisfied_by = "completed"
basis = "entry"
effective_from = 2025-01-01
{top}

[audience]
org_unit = ["OPS"]
{below}
"""


@pytest.mark.parametrize(
    ("top", "below", "line", "key"),
    [
        ("grace_days = -1", "", 14, "grace_days"),
        ("", "location = 'BER'", 18, "audience.location"),
        ("rehire_policy.carry = 9", "", 14, "rehire_policy"),
        ("", "[[any_of]]\n[[any_of]]\nfoo = 1", 18, "any_of[1].activities"),
        ("look_back_days = [\n1,\n]", "", 14, "look_back_days"),
    ],
)
def test_the_line_is_that_of_the_key(
    tmp_path: Path, top: str, below: str, line: int, key: str
) -> None:
    path = tmp_path / "fire.toml"
    for ending in ("\n", "\r\n"):
        text = LONG.format(top=top, below=below).replace("\n", ending)
        path.write_bytes(text.encode())
        assert refusal(path).startswith(f"fire.toml, line {line}: {key} ")


def test_the_line_of_a_group_is_its_own(tmp_path: Path) -> None:
    path = a_file(tmp_path, activities=None)
    text = path.read_text()
    groups = '\n[[any_of]]\nall_of = ["a:b"]\n\n[[any_of]]\nall_of = 7\n'
    path.write_text(text + groups)
    lines = text.count("\n") + 1
    said = f"fire.toml, line {lines + 5}: any_of[2].all_of must be of type list."
    assert refusal(path) == said


def test_a_key_that_is_missing_is_told_where_its_table_begins(tmp_path: Path) -> None:
    path = a_file(tmp_path, code=None)
    assert refusal(path) == "fire.toml, line 1: code is missing."
