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
    lines = _Lines(name, text_of(opened(), form), form)
    reader = csv.reader(
        lines,
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
    times = Counter(header)
    for place, field in enumerate(header, start=1):
        if field and times[field] > 1:
            raise BadRequest(
                f"{name}, line 1: the field in column {place} stands there twice."
            )
    return tuple(header), _records(name, header, lines, reader)


class _Lines:
    """The lines of a text, bounded by record.

    ``size`` is how many characters have gone by, ``begun`` how many had when the
    present record began.
    """

    def __init__(self, name: str, text: io.TextIOWrapper, form: Format) -> None:
        self.size = self.begun = 0
        self._name = name
        self._text = text
        self._form = form
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(LONGEST_RECORD)
        except UnicodeDecodeError as error:
            raise BadRequest(
                f"{self._name}, line {self._number + lines_before(error) + 1}: "
                f"not {encoding_told(self._form)} text."
            ) from None
        if not line:
            raise StopIteration
        self._number += 1
        self.size += len(line)
        if self.size - self.begun >= LONGEST_RECORD:
            raise BadRequest(
                f"{self._name}, line {self._number}: ends a record of over "
                f"{LONGEST_RECORD:,} characters; is a quote open, or no line ended?"
            )
        return line


def _records(
    name: str, header: list[str], lines: _Lines, reader: Reader
) -> Iterator[Record]:
    width = len(header)
    line = reader.line_num + 1
    lines.begun = lines.size
    try:
        for row in reader:
            if row:  # a blank line is no record
                fault = None
                if len(row) != width:
                    fault = f"has {len(row):,} cells where the header has {width:,}"
                if lines.size - lines.begun > LONGEST_CELL:
                    fault = _cut_to_size(header, row) or fault
                yield Record(line, dict(zip(header, row, strict=False)), fault)
            line = reader.line_num + 1
            lines.begun = lines.size
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
