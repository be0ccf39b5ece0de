"""CSV for spreadsheets: formulas are made harmless, all else stays as it is."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.spreadsheets import cell, csv_text

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\xa0=1"),
        *("=cmd|' /C calc'!A0", "-", "+49 30 1234", "-1-2", "-2026-01-01"),
        *("\uff1d1+1", "\uff0b1", "\uff0d1+1", "\uff20A1", "-1\n", "+1.", "-.5", "-1e"),
    ],
)
def test_text_that_begins_like_a_formula_gets_a_quote(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-1", "+1", "-0.5", "-1e-7", "a=b", "x@example.com", "", "'=1", "1-1", "é"]
)
def test_other_text_and_numbers_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_values_of_other_types_are_written_plainly() -> None:
    values = [None, True, False, -1, -0.5, date(2026, 1, 31)]
    assert [cell(value) for value in values] == [
        *("", "true", "false"),
        *(-1, -0.5),
        "2026-01-31",
    ]


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_no_cell_of_any_text_begins_like_a_formula(rows: list[tuple[str, str]]) -> None:
    written = csv_text(["a", "=b"], [{"a": a, "=b": b} for a, b in rows])
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert read[0] == ["a", "'=b"]
    for (a, b), found in zip(rows, read[1:], strict=True):
        for text, shown in zip((a, b), found, strict=True):
            assert shown.removeprefix("'") == text.removeprefix("'")
            plain = shown.lstrip("+-").replace(".", "", 1)
            assert shown[:1] not in tuple("=+-@\t\r\n") or plain[:1].isdigit()
