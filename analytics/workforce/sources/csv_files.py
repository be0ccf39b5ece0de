"""CSV: a header, then a record a row (RFC 4180; separator and quote may vary).

Read row by row. A row of another width than the header, or with a cell that is too
long, is a fault of its own; an open or stray quote and an undecodable byte refuse the
file, since nothing after them can be trusted.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.records import (
    LONGEST_CELL,
    LONGEST_RECORD,
    MOST_FIELDS,
    Record,
    cut,
    too_long,
)
from analytics.workforce.sources.text import (
    Opener,
    encoding_told,
    lines_before,
    text_of,
)
from lrs.errors import BadRequest

if TYPE_CHECKING:
    from _csv import Reader  # what csv.reader returns has no public name


def read_csv(
    name: str, opened: Opener, form: Format
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the header's fields, and the records. Raises BadRequest, also later."""
    # Of the whole process, but nobody else here reads CSV that was sent to us.
    csv.field_size_limit(LONGEST_RECORD)
    read = _Read()
    reader = csv.reader(
        _lines(name, text_of(name, opened(), form), form, read),
        strict=True,
        delimiter=form.separator,
        quotechar=form.quote or None,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
    )
    try:
        header = [field.strip() for field in next(reader, [])]
    except csv.Error as error:
        raise BadRequest(f"{name}, line 1: not CSV: {error}.") from None
    if len(header) > MOST_FIELDS:
        raise BadRequest(
            f"{name}, line 1: has {len(header):,} fields; "
            f"at most {MOST_FIELDS:,} are read."
        )
    if not any(header):
        raise BadRequest(f"{name}, line 1: is empty where the fields' names belong.")
    times = Counter(header)
    for place, field in enumerate(header, start=1):
        if field and times[field] > 1:
            raise BadRequest(
                f"{name}, line 1: the field in column {place} stands there twice."
            )
    return tuple(header), _records(name, header, read, reader)


class _Read:
    """How many characters had gone by: now, and where the present record begins."""

    __slots__ = ("begun", "size")

    def __init__(self) -> None:
        self.size = self.begun = 0


def _lines(
    name: str, text: io.TextIOWrapper, form: Format, read: _Read
) -> Iterator[str]:
    number = 0
    try:
        while line := text.readline(LONGEST_RECORD):
            number += 1
            read.size += len(line)
            if read.size - read.begun >= LONGEST_RECORD:
                raise BadRequest(
                    f"{name}, line {number}: ends a record of over {LONGEST_RECORD:,} "
                    "characters; is a quote open, or no line ended?"
                )
            yield line
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"{name}, line {number + lines_before(error) + 1}: "
            f"not {encoding_told(form)} text."
        ) from None


def _records(
    name: str, header: list[str], read: _Read, reader: Reader
) -> Iterator[Record]:
    width = len(header)
    line = reader.line_num + 1
    read.begun = read.size
    try:
        for row in reader:
            if row:  # a blank line is no record
                fault = None
                if len(row) != width:
                    cells = "1 cell" if len(row) == 1 else f"{len(row):,} cells"
                    fault = f"has {cells} where the header has {width:,}"
                if read.size - read.begun > LONGEST_CELL:
                    fault = _cut_to_size(header, row) or fault
                yield Record(line, dict(zip(header, row, strict=False)), fault)
            line = reader.line_num + 1
            read.begun = read.size
    except csv.Error as error:
        raise BadRequest(
            f"{name}, record at line {line}: not CSV: {error}. Nothing was imported."
        ) from None


def _cut_to_size(header: list[str], row: list[str]) -> str | None:
    fault = None
    for place, cell in enumerate(row):
        if len(cell) > LONGEST_CELL:
            field = header[place] if place < len(header) else ""
            fault = fault or too_long(field, len(cell))
            row[place] = cut(cell)
    return fault
