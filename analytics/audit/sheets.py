"""A sheet: rows as CSV for people and spreadsheets, and as NDJSON for programs.

In CSV text that a spreadsheet would run begins with a quote (analytics.spreadsheets);
NDJSON has every value as it is. Both are written in one pass over the rows: the second
waits in an unnamed file.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, cast

import orjson

from analytics.audit.archive import Archive
from analytics.audit.form import BLOCK
from analytics.spreadsheets import cell

Row = Mapping[str, Any]
_JSON = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def add_sheet(
    archive: Archive,
    path: str,
    columns: Sequence[str],
    batches: Iterable[Sequence[Row]],
) -> int:
    """Add ``path``.csv and ``path``.ndjson; return how many rows they have."""
    count = 0
    with tempfile.TemporaryFile() as waiting:
        with archive.entry(f"{path}.csv") as out:
            out.write(_lines([columns]))
            for rows in batches:
                out.write(_lines([row.get(name) for name in columns] for row in rows))
                for row in rows:
                    waiting.write(line({name: row.get(name) for name in columns}))
                count += len(rows)
        copy(archive, f"{path}.ndjson", waiting)
    return count


def copy(archive: Archive, path: str, waiting: IO[bytes]) -> None:
    """Add what waits in a file."""
    waiting.seek(0)
    with archive.entry(path) as out:
        shutil.copyfileobj(waiting, cast(IO[bytes], out), BLOCK)


def line(row: Row) -> bytes:
    """Return a line of NDJSON; moments in UTC with a Z."""
    return orjson.dumps(row, option=_JSON)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[cell(value) for value in row] for row in rows])
    return out.getvalue().encode()
