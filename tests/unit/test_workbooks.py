"""XLSX as any reader sees it: types, harmless text, what it holds for, same bytes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from analytics import workbooks
from analytics.workbooks import workbook
from lrs.errors import BadRequest
from tests.workbook_reader import sheets

MADE = datetime(2026, 6, 30, 12, tzinfo=UTC)


def made(columns: list[str], rows: list[dict[str, object]]) -> list[list[list[Any]]]:
    file = workbook(columns, rows, [("As of", date(2026, 6, 30))], MADE)
    return sheets(io.BytesIO(file))


def test_values_keep_their_types() -> None:
    vienna = datetime(2026, 6, 30, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    row: dict[str, object] = {
        "text": "0012",
        "whole": 7,
        "rate": 0.25,
        "yes": True,
        "day": date(2026, 6, 30),
        "time": vienna,
        "none": None,
        "list": ["a", "b"],
    }
    rows, about = made(list(row), [row])
    assert rows[0] == list(row)
    assert rows[1] == [
        *("0012", 7, 0.25, True, date(2026, 6, 30)),
        datetime(2026, 6, 30, 12, 30, tzinfo=UTC),
        *(None, '["a","b"]'),
    ]
    assert about == [["As of", date(2026, 6, 30)]]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1+1", "\t=1", "https://a.b/"])
def test_text_is_no_formula_and_no_link(text: str) -> None:
    rows, _about = made(["name"], [{"name": text}])
    harmless = text if text.startswith("https") else f"'{text}"
    assert rows[1] == [harmless]


def test_a_day_that_excel_does_not_know_is_text() -> None:
    rows, _about = made(["day"], [{"day": date(1899, 12, 31)}])
    assert rows[1] == ["1899-12-31"]


def test_a_text_too_long_for_a_cell_says_that_it_is_cut() -> None:
    rows, _about = made(["name"], [{"name": "x" * 40_000}])
    assert len(rows[1][0]) == 32_767
    assert rows[1][0].endswith("xx... (cut)")


def test_more_rows_than_a_sheet_holds_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1)
    with pytest.raises(BadRequest, match="CSV or Parquet"):
        made(["n"], [{"n": 1}, {"n": 2}])


def test_the_same_rows_are_the_same_file() -> None:
    given: Any = (["n"], [{"n": 1}], [("As of", "a day")], MADE)
    assert workbook(*given) == workbook(*given)
