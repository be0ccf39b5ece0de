"""Report rows as a CSV download."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask import Response

from analytics.spreadsheets import csv_text

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


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
