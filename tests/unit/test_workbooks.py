"""XLSX as any reader sees it: types, harmless text, what it holds for, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import IO, Any
from xml.etree import ElementTree

import pytest

from analytics import workbooks
from analytics.workbooks import workbook
from lrs.errors import BadRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MADE = datetime(2026, 6, 30, 12, tzinfo=UTC)


def sheets(file: IO[bytes]) -> list[list[list[Any]]]:
    """Return the cells of each sheet, read from the file's own XML (ECMA-376)."""
    with zipfile.ZipFile(file) as parts:
        styles = ElementTree.fromstring(parts.read("xl/styles.xml"))  # noqa: S314
        formats = {
            item.get("numFmtId"): item.get("formatCode", "")
            for item in styles.iter(f"{_NS}numFmt")
        }
        (shapes,) = styles.iter(f"{_NS}cellXfs")
        kinds = [formats.get(shape.get("numFmtId"), "") for shape in shapes]
        names = sorted(name for name in parts.namelist() if "worksheets/sheet" in name)
        return [list(_rows(parts.read(name), kinds)) for name in names]


def _rows(xml: bytes, kinds: list[str]) -> Iterator[list[Any]]:
    assert b"<f>" not in xml  # no formula anywhere
    for row in ElementTree.fromstring(xml).iter(f"{_NS}row"):  # noqa: S314
        cells: dict[str, Any] = {}
        for cell in row.iter(f"{_NS}c"):
            column = re.sub(r"[0-9]", "", cell.get("r", ""))
            cells[column] = _value(cell, kinds)
        last = max(cells, key=lambda name: (len(name), name), default="@")
        yield [cells.get(chr(at)) for at in range(ord("A"), ord(last) + 1)]


def _value(cell: ElementTree.Element, kinds: list[str]) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    number = cell.findtext(f"{_NS}v") or ""
    if cell.get("t") == "b":
        return number == "1"
    kind = kinds[int(cell.get("s", "0"))]
    if "yy" in kind:
        at = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=float(number))
        return at if "hh" in kind else at.date()
    return float(number)


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
