"""Values of JSON as cells: text, and lists and records of text to any depth of sense.

A record within a record is a cell like any other: a mapping reads it by a path
(``manager.id``), and one that no mapping names is nobody's concern. Numbers are text,
as they are written. In: a decoded value. Out: the cell, and what is wrong with it.
"""

from __future__ import annotations

from analytics.workforce.mapping import Cell
from analytics.workforce.sources.json_text import Number, Repeated
from analytics.workforce.sources.records import LONGEST_CELL, cut, too_long

DEEPEST = 20  # lists and records within a cell
_DEEP = f"has a field that is nested over {DEEPEST} deep"


class _WrongCellError(Exception):
    """What is wrong with a cell, as it reads on in a message."""


def json_cell(field: str, value: object) -> tuple[Cell, str | None]:
    """Return what is kept of a field's value, and what is wrong with it."""
    if isinstance(value, str):
        if len(value) <= LONGEST_CELL:
            return str(value), None
        return cut(value), too_long(field, len(value))
    try:
        size = [0]
        cell = _nested(value, DEEPEST, size)
    except _WrongCellError as wrong:
        return None, str(wrong)
    if size[0] > LONGEST_CELL:
        return None, too_long(field, size[0])
    return cell, None


def _nested(value: object, deep: int, size: list[int]) -> Cell:
    if isinstance(value, str):
        size[0] += len(value)
        return str(value) if isinstance(value, Number) else value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Repeated):
        raise _WrongCellError("has a field that stands there twice")
    if deep == 0:
        raise _WrongCellError(_DEEP)
    if isinstance(value, list):
        return [_nested(part, deep - 1, size) for part in value]
    if isinstance(value, dict):
        return {key: _nested(part, deep - 1, size) for key, part in value.items()}
    raise _WrongCellError("has a field that is no value of JSON")


def is_unicode(cell: Cell) -> bool:
    """Tell whether all is text that UTF-8 can write: half a surrogate pair is not."""
    try:
        if isinstance(cell, str):
            cell.encode()
    except UnicodeEncodeError:
        return False
    if isinstance(cell, list):
        return all(map(is_unicode, cell))
    if isinstance(cell, dict):
        return all(is_unicode(key) and is_unicode(part) for key, part in cell.items())
    return True
