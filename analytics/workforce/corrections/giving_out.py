"""Giving out: what a run set aside and still waits, as a table to be corrected.

A row a record: its name, why it was set aside, and the fields that the mapping reads
with the cells that are kept. Where none are (cells in the wrong places mean nothing)
they are empty, to be filled in. Sensitive fields are never among them; a field that is
not in the file stays as it was kept.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from analytics.spreadsheets import cell
from analytics.workforce.corrections.form import (
    given_fields,
    own_columns,
    written,
    written_name,
)
from analytics.workforce.ledger import Ledger, chunks
from analytics.workforce.mapping import Mapping
from analytics.workforce.quarantine import Aside, asides, said_now
from analytics.workforce.run_records import RunRecord, check_mapping
from analytics.workforce.staging import CHUNK
from lrs.errors import BadRequest, Conflict

Row = dict[str, str]


def give_out(
    ledger: Ledger, tenant: str, run: RunRecord, mapping: Mapping, path: Path
) -> int:
    """Write what still waits to a new file that its owner may read; return how many.

    Raises BadRequest where nothing waits, and Conflict where there is such a file: it
    may hold corrections.
    """
    check_mapping(run, mapping)
    if path.exists():
        raise Conflict(
            f"{path.name} exists already and may hold corrections: name another file."
        )
    columns = [*own_columns(mapping), *given_fields(mapping)]
    number = 0
    # Readable by its owner alone from the start, and whole or not there.
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # With a mark, or spreadsheets take the names of people for Latin-1.
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([str(cell(column)) for column in columns])
            for row in _rows(ledger, tenant, run, mapping):
                writer.writerow(row)
                number += 1
        if not number:
            raise BadRequest("Of this run nothing waits that can be corrected.")
        Path(made).replace(path)
    finally:
        Path(made).unlink(missing_ok=True)
    return number


def _rows(
    ledger: Ledger, tenant: str, run: RunRecord, mapping: Mapping
) -> Iterator[list[str]]:
    fields = given_fields(mapping)
    open_ones = (one for one in asides(ledger, tenant, run.run) if one.open)
    for chunk in chunks(open_ones, CHUNK):
        kept = said_now(ledger, tenant, run.run, [one.number for one in chunk])
        for one in chunk:
            cells = orjson.loads(kept.get(one.number) or "{}")
            told = [written(cells.get(field)) for field in fields]
            yield [written_name(one.record), str(cell(why(one))), *told]


def why(aside: Aside) -> str:
    """Return why a record waits, as its row says it."""
    return f"{aside.field} {aside.reason}".strip()
