"""What a delivered file becomes: a Delivery of Records, and the bounds of both.

The bounds keep memory and time small whatever a file holds. What is over a bound is a
fault of its record where the rest of the file can still be told, and else refuses the
file as a whole. No message quotes what the file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analytics.workforce.mapping import Cell
from analytics.workforce.values import LONGEST_TEXT

LONGEST_CELL = 1 << 17  # characters; a longer cell is a fault of its record
LONGEST_RECORD = 1 << 24  # characters between two ends of a record, in CSV
MOST_FIELDS = 10_000  # different fields of a file, and cells of one record


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line it begins on (CSV, XML) or its number from 1 (JSON).

    ``fault`` says what is wrong with it as a whole. ``file`` names the file it stands
    in where a delivery has several.
    """

    line: int
    cells: dict[str, Cell]
    fault: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Open files: their name, SHA-256, fields and records.

    Of one file ``sha256`` is that of its bytes as delivered, packed or not; of several
    it is that of all of theirs, in hex with blanks between. ``records`` can be read
    once, while they are open; ``again`` reads the same ones anew once they have been,
    for the few of which more must be known when all have gone by.
    """

    file: str
    sha256: str
    fields: tuple[str, ...]
    records: Iterator[Record]
    again: Callable[[], Iterator[Record]]


def too_long(field: str, characters: int) -> str:
    """Return the fault of a record that has a cell over LONGEST_CELL."""
    return (
        f"has {characters:,} characters in the field {field[:100]!r}; "
        f"at most {LONGEST_CELL:,} are read"
    )


def cut(cell: str) -> str:
    """Return what is kept of a cell that is too long."""
    return cell[:LONGEST_TEXT]
