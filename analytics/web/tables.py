"""Report rows as a CSV download that a spreadsheet can open without harm.

A cell of text that a spreadsheet would run as a formula gets a quote in front of it
(OWASP, CSV injection). Numbers, dates and nothing are left as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

from flask import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


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
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Return header and rows as CSV (RFC 4180), the columns in their order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([cell(column) for column in columns])
    for row in rows:
        writer.writerow([cell(row.get(column)) for column in columns])
    return out.getvalue()


def download(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    *name: str,
) -> Response:
    """Return the CSV as a download; the parts of ``name`` become its file name."""
    response = Response(csv_text(columns, rows), content_type="text/csv; charset=utf-8")
    parts = (_NOT_IN_A_NAME.sub("_", part) for part in name)
    response.headers.set(
        "Content-Disposition", "attachment", filename="-".join(parts) + ".csv"
    )
    return response
