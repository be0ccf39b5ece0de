"""Cells to values: what one cell of a delivered file may hold.

Goes in: a cell as delivered, its surrounding blanks already removed, never empty.
Comes out: a value as the ledger keeps it: text, a day as ``YYYY-MM-DD``, a finite
float, or a sorted list of text without repeats. Every parser raises ValueError with
what is wrong, a phrase that reads on after the field's name and describes the shape
only: a shifted row can put a person's address into any column, so no message ever
quotes a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from math import isfinite
from zoneinfo import available_timezones

Value = str | float | list[str]
Parser = Callable[[str], Value]

LONGEST_TEXT = 4_000  # characters; a longer cell is a broken file, not a fact
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?\Z")
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HALF = re.compile(r"[\ud800-\udfff]")  # of a character: no UTF-8 can hold it


def text(cell: str) -> str:
    """Return the text, free of control characters (they divide a row's key)."""
    if len(cell) > LONGEST_TEXT:
        raise ValueError(
            f"has {len(cell):,} characters; at most {LONGEST_TEXT:,} are kept"
        )
    if not cell.isprintable():
        if _CONTROL.search(cell):
            raise ValueError("has a line break or another control character")
        if _HALF.search(cell):
            raise ValueError("has half a character: it was cut or decoded wrong")
    return cell


@lru_cache(maxsize=65_536)
def day(cell: str, pattern: str | None = None) -> str:
    """Return a day as ``YYYY-MM-DD``; ``pattern`` as strptime takes it."""
    try:
        if pattern is not None:
            # A whole day has no time zone: it is the day at the person's location.
            return datetime.strptime(cell, pattern).date().isoformat()  # noqa: DTZ007
        if _DAY.match(cell):
            return date.fromisoformat(cell).isoformat()
    except ValueError:
        pass
    wanted = "YYYY-MM-DD" if pattern is None else pattern
    raise ValueError(f"is not a day of the form {wanted}")


def number(cell: str) -> float:
    """Return a finite float, written with a decimal point."""
    if not _NUMBER.match(cell):
        raise ValueError("is not a number written like 12.5")
    value = float(cell)
    if not isfinite(value):
        raise ValueError("is too large a number")
    return value + 0.0  # -0.0 and 0.0 are one value, so also one text


def share_of_full_time(cell: str) -> float:
    """Return a full-time equivalent: 0 to 2, 1 being one full job.

    Two, since a person may hold two jobs; a percentage (100) is a wrong unit.
    """
    value = number(cell)
    if not 0 <= value <= 2:
        raise ValueError("is not a full-time equivalent from 0 to 2 (1 is full time)")
    return value


def one_of(*names: str) -> Parser:
    """Return a parser that takes these names, in any case."""
    known = frozenset(names)

    def parse(cell: str) -> str:
        name = cell.lower()
        if name not in known:
            raise ValueError(f"is not one of {', '.join(names)}")
        return name

    return parse


def address(cell: str) -> str:
    """Return an e-mail address as written: its SHA-1 depends on every letter."""
    if not _ADDRESS.match(text(cell)):
        raise ValueError("is not one e-mail address")
    return cell


@cache
def _zones() -> frozenset[str]:
    # Reading the zone files takes 100 ms: once a process.
    # Files beside the zones, or the machine's own: no place on earth.
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def time_zone(cell: str) -> str:
    """Return the name of a time zone of the IANA database."""
    if cell not in _zones():
        raise ValueError("is not a time zone of the IANA database (Europe/Paris)")
    return cell


def names(cell: str) -> list[str]:
    """Return the names that stand between semicolons, sorted, each once.

    Their order says nothing, so that a new order is not a correction.
    """
    parts = (part.strip() for part in text(cell).split(";"))
    return sorted({part for part in parts if part})
