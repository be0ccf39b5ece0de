"""Deliveries: CSV and JSON files, plain or gzip, read as records.

CSV is UTF-8 (with or without a byte order mark), separated by commas, quoted as RFC
4180 says; JSON is an array of objects. Comes out: records of source field to cell, in
the file's order. Raises BadRequest where the file as a whole cannot be trusted: an
undecodable byte or an open quote shifts everything that follows. A record that is
wrong in itself comes out with a ``fault`` and leaves the others alone.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import orjson

from analytics.workforce.mapping import Cell
from lrs.errors import BadRequest

if TYPE_CHECKING:
    from _csv import Reader  # what csv.reader returns has no public name

LONGEST_LINE = 1 << 20  # characters; a gzip of one endless line ends here
LARGEST_JSON = 512 << 20  # bytes, unpacked: JSON is read as a whole


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line it begins on (CSV) or its number from 1 (JSON)."""

    line: int
    cells: dict[str, Cell]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An open file: its name, the SHA-256 of its bytes, its fields, its records.

    ``records`` can be read once, while the file is open.
    """

    file: str
    sha256: str
    fields: tuple[str, ...]
    records: Iterator[Record]


@contextmanager
def open_delivery(path: Path) -> Iterator[Delivery]:
    """Open a file and yield its Delivery; raises BadRequest, also while reading."""
    try:
        with path.open("rb", buffering=0) as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            # A GzipFile reads like a raw file; only its declared type differs.
            raw = cast("io.FileIO", gzip.GzipFile(fileobj=file)) if packed else file
            reader: io.BufferedReader = io.BufferedReader(raw)
            with reader:
                yield _delivery(path.name, sha256, reader)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadRequest(f"{path.name} is damaged: its gzip data ends wrong.") from None
    except UnicodeDecodeError:
        raise BadRequest(f"{path.name} is not UTF-8 text.") from None
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise BadRequest(f"{path.name} cannot be read: {reason}.") from None


def _delivery(name: str, sha256: str, reader: io.BufferedReader) -> Delivery:
    start = reader.peek(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise BadRequest(f"{name} is empty.")
    if start[:1] in b"[{":
        return _json(name, sha256, reader)
    return _csv(name, sha256, reader)


def _csv(name: str, sha256: str, content: io.BufferedReader) -> Delivery:
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    reader = csv.reader(_lines(name, text), strict=True)
    try:
        header = [field.strip() for field in next(reader)]
    except csv.Error as error:
        raise BadRequest(f"{name}, line 1: not CSV: {error}.") from None
    for field in header:
        if field and header.count(field) > 1:
            place = header.index(field) + 1
            raise BadRequest(
                f"{name}, line 1: the field in column {place} stands there twice."
            )
    return Delivery(name, sha256, tuple(header), _csv_records(name, header, reader))


def _lines(name: str, text: io.TextIOWrapper) -> Iterator[str]:
    with text:
        while line := text.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise BadRequest(
                    f"{name} has a line of over {LONGEST_LINE:,} characters."
                )
            yield line


def _csv_records(name: str, header: list[str], reader: Reader) -> Iterator[Record]:
    width = len(header)
    line = reader.line_num + 1
    try:
        for row in reader:
            if row:  # a blank line is no record
                fault = None
                if len(row) != width:
                    fault = f"has {len(row)} cells where the header has {width}"
                yield Record(line, dict(zip(header, row, strict=False)), fault)
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadRequest(
            f"{name}, record at line {line}: not CSV: {error}. Nothing was imported."
        ) from None


def _json(name: str, sha256: str, content: io.BufferedReader) -> Delivery:
    data = content.read(LARGEST_JSON + 1)
    if len(data) > LARGEST_JSON:
        raise BadRequest(f"{name} is over {LARGEST_JSON >> 20} MiB of JSON; use CSV.")
    try:
        items = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON in UTF-8."
        ) from None
    if not isinstance(items, list):
        raise BadRequest(f"{name} is not a JSON array of objects.")
    records = [_record(number, item) for number, item in enumerate(items, start=1)]
    fields = dict.fromkeys(field for record in records for field in record.cells)
    return Delivery(name, sha256, tuple(fields), iter(records))


def _record(number: int, item: object) -> Record:
    if not isinstance(item, dict):
        return Record(number, {}, "is not a JSON object")
    cells: dict[str, Cell] = {}
    fault = None
    for field, value in item.items():
        match value:
            case None:
                cells[field] = None
            case str():
                cells[field] = value
            case bool() | dict():
                fault = "has a field that is neither text, number nor list of text"
            case int() | float():
                cells[field] = repr(value)
            case list() if all(isinstance(part, str) for part in value):
                cells[field] = value
            case _:
                fault = "has a field that is neither text, number nor list of text"
    return Record(number, cells, fault)
