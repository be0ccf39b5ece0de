"""CSV that we write out: rows that a spreadsheet can open without harm.

Text that a spreadsheet would run as a formula gets a quote in front of it (OWASP, CSV
injection). Numbers, also those written as text, dates and nothing are left as they are;
a list is written as JSON. Every CSV of reports, pages and API is written here; of what
comes back corrected the quote is taken away again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

import orjson

# The signs of OWASP's list, those of full width, which some programs take for them,
# and blanks before them, which some programs take away.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]").match
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z").match


def cell(value: object) -> object:
    """Return the value as a cell: text that begins like a formula made harmless."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (list, dict)):
        return orjson.dumps(value).decode()
    text = str(value)
    return f"'{text}" if _FORMULA(text) and not _NUMBER(text) else text


def without_quote(text: str) -> str:
    """Return a cell's text without the quote that made a formula harmless."""
    bare = text[1:]
    return bare if text.startswith("'") and cell(bare) == text else text


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Return header and rows as CSV (RFC 4180), the columns in their order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([cell(column) for column in columns])
    for row in rows:
        writer.writerow([cell(row.get(column)) for column in columns])
    return out.getvalue()
