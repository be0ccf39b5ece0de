"""XLSX: a report's rows with their own types, and a sheet that says what they hold for.

Days and times are Excel's own (times in UTC, to the millisecond), numbers are numbers,
text that a spreadsheet would run as a formula gets a quote in front of it, as in every
CSV. Rows are written as they come, so memory does not grow with them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import xlsxwriter

from analytics.spreadsheets import cell
from lrs.errors import BadRequest

MOST_ROWS = 1_048_575  # of a sheet, less its header
_MOST_TEXT = 32_767  # characters of a cell
_CUT = "... (cut)"
_FIRST_DAY = date(1900, 3, 1)  # Excel counts a 29th of February 1900
_WIDEST = 60  # characters
_LIKE_SHEETS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
Said = Sequence[tuple[str, object]]


def workbook(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    holds_for: Said,
    made: datetime,
) -> bytes:
    """Return the file; its date is ``made``, so that the same rows are the same file.

    Raises BadRequest where there are more rows than a sheet holds.
    """
    if len(rows) > MOST_ROWS:
        raise BadRequest(
            f"{len(rows)} rows are more than a sheet holds ({MOST_ROWS}): ask for "
            "less, or for CSV or Parquet."
        )
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _LIKE_SHEETS)
    book.set_properties({"created": made.astimezone(UTC).replace(tzinfo=None)})
    book.remove_timezone = True
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
    }
    sheet = book.add_worksheet("Rows")
    sheet.freeze_panes(1, 0)
    for at, width in enumerate(_widths(columns, rows)):
        sheet.set_column(at, at, width)
    _write(sheet, 0, columns, formats, head=True)
    for number, row in enumerate(rows, 1):
        _write(sheet, number, [row.get(name) for name in columns], formats)
    about = book.add_worksheet("Holds for")
    about.set_column(0, 0, 26)
    about.set_column(1, 1, _WIDEST)
    for number, line in enumerate(holds_for):
        _write(about, number, line, formats)
    book.close()
    return out.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    number: int,
    values: Sequence[object],
    formats: Mapping[str, xlsxwriter.format.Format],
    *,
    head: bool = False,
) -> None:
    for at, value in enumerate(values):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(number, at, value)
        elif isinstance(value, (int, float)):
            sheet.write_number(number, at, value)
        elif isinstance(value, datetime) and value.date() >= _FIRST_DAY:
            plain = (
                value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            )
            sheet.write_datetime(number, at, plain, formats["time"])
        elif (
            isinstance(value, date)
            and not isinstance(value, datetime)
            and value >= _FIRST_DAY
        ):
            sheet.write_datetime(number, at, value, formats["day"])
        else:
            sheet.write_string(
                number, at, _text(value), formats["head"] if head else None
            )


def _text(value: object) -> str:
    text = str(cell(value))
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - len(_CUT)] + _CUT


def _widths(
    columns: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> Sequence[int]:
    """Return the columns' widths in characters, after the first rows."""
    seen = rows[:100]
    return [
        min(
            _WIDEST,
            max([len(name), *(len(str(row.get(name) or "")) for row in seen)]) + 2,
        )
        for name in columns
    ]
