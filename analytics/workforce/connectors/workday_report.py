"""A report of Workday as a file (RaaS): its rows, read one by one, joined by worker.

In: ``{"Report_Entry": [{...}, ...]}``, which has no pages and may be very large. Out:
its rows; and of the rows of one worker the records, one for each effective date and
sequence. A report over an object with several instances (two managers) may have such a
row twice, different only there: that is one record, which holds them as a list.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import TextIOWrapper
from typing import Any, BinaryIO

import msgspec

from analytics.workforce.connectors.connector import Record
from analytics.workforce.connectors.objects import Absent, items_of
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.mapping.paths import Path
from lrs.errors import BadRequest, SetupError

ENTRIES = "Report_Entry"
_SHOWN = 20  # names of columns
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that the connector itself reads; their aliases are the customer's.

    ``several``: those in which rows of one worker, day and sequence may differ.
    """

    worker: Path
    effective: Path
    sequence: Path
    hired: Path
    ended: Path
    several: tuple[str, ...]


def rows_in(place: str, file: BinaryIO) -> Generator[Record, None, None]:
    """Yield the rows of a report; raises BadRequest where it broke off.

    ``place`` names system and report. Raises SetupError where it is no report.
    """
    file.seek(0)
    text = TextIOWrapper(file, encoding="utf-8")
    try:
        for row in items_of(place, text, ENTRIES):
            if not isinstance(row, dict):
                raise SetupError(f"{place} answers with a row that is no object.")
            yield row
    except Absent as error:
        if not error.empty:  # else nobody is in it
            raise SetupError(
                f"{place} answers without {ENTRIES}: it must be an advanced report "
                "with Enable As Web Service, and report in [source] its owner and name."
            ) from None
    finally:
        text.detach()


def go_through(place: str, file: BinaryIO) -> None:
    """Raise ValueError where a report broke off."""
    try:
        for _ in rows_in(place, file):
            pass
    except BadRequest:
        raise ValueError from None


def items(
    place: str, rows: Iterable[Record], columns: Columns, partition: int
) -> Iterator[Item]:
    """Yield rows for the shelf: by worker, in the order of days; raises SetupError."""
    for number, row in enumerate(rows):
        worker = text_of(row, columns.worker)
        if not worker:
            raise SetupError(
                f"{place} has a row without {columns.worker.written}: add the column "
                "to the report, under this name for web services, or name yours as id "
                "in [source]."
            )
        day, order = text_of(row, columns.effective), text_of(row, columns.sequence)
        kept = {"in": partition, "day": day, "order": order, "row": row}
        yield worker, f"{partition:06}\0{day}\0{order.zfill(12)}\0{number:09}", kept


def records_of(kept: list[Record], several: Collection[str]) -> Iterator[Record]:
    """Yield the records of one worker, from the rows as the shelf has them.

    Who moved while the parts were read one after another is in two: the later one is
    what holds.
    """
    newest = max(one["in"] for one in kept)
    by_moment: dict[tuple[str, str], list[Record]] = {}
    for one in kept:
        if one["in"] == newest:
            by_moment.setdefault((one["day"], one["order"]), []).append(one["row"])
    for rows in by_moment.values():
        yield from _merged(rows, several) if len(rows) > 1 else rows


def is_employed(kept: list[Record], columns: Columns, today: str) -> bool:
    """Tell whether a worker is employed today, by the row that holds today."""
    newest = max(one["in"] for one in kept)
    rows = [one for one in kept if one["in"] == newest]
    held = [one for one in rows if one["day"][:10] <= today] or rows[:1]
    row = held[-1]["row"]
    hired, ended = (text_of(row, path)[:10] for path in (columns.hired, columns.ended))
    return hired <= today and (not ended or ended >= today)


def others(
    rows: Iterable[Record], columns: Columns, fields: Iterable[str]
) -> list[str]:
    """Return some columns that rows have and nobody asks for: one may be renamed."""
    named = {path.split(".")[0].split("[")[0] for path in fields}
    named |= {path.first for path in (columns.worker, columns.effective)}
    found = {name[:60] for row in rows for name in row if name not in named}
    return sorted(found)[:_SHOWN]


def digest_of(ids: Iterable[str]) -> bytes:
    """Return what tells whether ids are the same as those of another reading."""
    digest = sha256()
    for one in ids:
        digest.update(one.encode() + b"\0")
    return digest.digest()


def text_of(row: Record, path: Path) -> str:
    """Return the text of a cell, an empty one where there is none, or no text."""
    value = path.of(row)
    return value.strip() if isinstance(value, str) else ""


def _merged(rows: list[Record], several: Collection[str]) -> Iterator[Record]:
    """Yield one row where they differ in such columns only; else those that differ."""
    by_rest: dict[bytes, list[Record]] = {}
    for row in rows:
        rest = {name: cell for name, cell in row.items() if name not in several}
        by_rest.setdefault(_encode(rest), []).append(row)
    for alike in by_rest.values():
        merged = dict(alike[0])
        for name in several:
            found = {_encode(cell): cell for row in alike for cell in _all(row, name)}
            if len(found) > 1:
                merged[name] = [found[key] for key in sorted(found)]
        yield merged


def _all(row: Record, name: str) -> list[Any]:
    cell = row.get(name)
    if cell is None or cell == "":
        return []
    return cell if isinstance(cell, list) else [cell]
