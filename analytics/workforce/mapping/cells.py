"""Cells: what a field of a delivered record may hold, and the texts in it.

A CSV cell is text; JSON and XML bring lists and records too. Goes in: a cell as a
reader yields it. Comes out: its texts, blanks around them removed, the empty ones left
out. What is wrong is said by shape, never by value.
"""

from __future__ import annotations

from collections.abc import Mapping as Mappable
from typing import TypeAlias

from analytics.workforce.values import LONGEST_TEXT

Cell: TypeAlias = "str | bool | int | float | list[Cell] | dict[str, Cell] | None"
Cells = Mappable[str, Cell]

MOST_TEXTS = 1_000  # of one list; a longer one is a broken file, not a fact
MOST_KEPT = 100 * LONGEST_TEXT  # characters of a list in the quarantine
XML_TEXT = "#text"  # the text of an XML element that has attributes too


class FieldError(Exception):
    """One cell of a record is not what its column takes; holds no value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


def texts_of(cell: Cell) -> list[str]:
    """Return the texts of a cell; raises ValueError where it holds a record."""
    if isinstance(cell, str):
        cell = cell.strip()
        return [cell] if cell else []
    if cell is None:
        return []
    if not isinstance(cell, list):
        return [one] if (one := _scalar(cell).strip()) else []
    if len(cell) > MOST_TEXTS:
        raise ValueError(f"is a list of over {MOST_TEXTS:,}")
    return [one for part in cell if (one := _scalar(part).strip())]


def _scalar(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dict):
        if isinstance(inner := cell.get(XML_TEXT), str):
            return inner
        raise ValueError("holds a record where a value is asked for")
    if isinstance(cell, list):
        raise ValueError("holds a list in a list")
    try:
        return repr(cell)
    except ValueError:  # Python does not write integers of over 4,300 digits
        raise ValueError("is too large a number") from None


def cut(cell: Cell, longest: int = LONGEST_TEXT) -> Cell:
    """Return a cell cut to size for the quarantine, None where nothing is in it.

    Of a record or a list within the cell only its kind is left, since who named it
    named nothing in it; so what was refused for its shape is refused again.
    """
    if isinstance(cell, dict):
        text = cell.get(XML_TEXT)
        return cut(text, longest) if isinstance(text, str) else {}
    if isinstance(cell, list):
        if len(cell) > MOST_TEXTS:
            return [None] * (MOST_TEXTS + 1)
        parts = [[] if isinstance(one, list) else cut(one, longest) for one in cell]
        parts = [one for one in parts if one is not None]
        if sum(len(one) for one in parts if isinstance(one, str)) > MOST_KEPT:
            return [None] * (MOST_TEXTS + 1)
        return parts or None
    if isinstance(cell, int) and not -(2**63) <= cell < 2**63:
        try:  # as text: no database keeps it as a number
            cell = repr(cell)
        except ValueError:
            return {}
    return cell[:longest] or None if isinstance(cell, str) else cell
