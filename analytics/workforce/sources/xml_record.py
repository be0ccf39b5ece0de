"""One record of an XML file while it is read: cells grow, within bounds."""

from __future__ import annotations

from analytics.workforce.mapping import Cell
from analytics.workforce.sources.records import (
    LONGEST_CELL,
    MOST_FIELDS,
    Record,
    cut,
    too_long,
)

_MOST_TEXT = 8 * LONGEST_CELL  # characters of one record
_OF_FIELD = _MOST_TEXT // MOST_FIELDS  # that a field counts for beside its own


class XmlRecord:
    """The fields of the element that began on ``line``.

    ``way`` names the elements that are open in it. Text beside elements is only
    allowed to be blank; an element without anything in it is an absent cell.
    """

    __slots__ = (
        "_cells",
        "_fault",
        "_inner",
        "_line",
        "_pieces",
        "_size",
        "_total",
        "way",
    )

    def __init__(self, line: int) -> None:
        self.way: list[str] = []
        self._line = line
        self._cells: dict[str, Cell] = {}
        self._fault: str | None = None
        self._pieces: list[str] = []
        self._size = 0  # characters of the open field
        self._total = 0  # characters and cells of the record
        self._inner = False  # the element that has just ended had elements in it

    def enter(self, name: str) -> None:
        """Open an element in the innermost one."""
        if self._size:
            self._beside()
        self.way.append(name)
        self._inner = False

    def attribute(self, name: str, value: str) -> None:
        """Take an attribute of the innermost element."""
        field = "/".join((*self.way, f"@{name}")) if self.way else name
        self._size = len(value)
        self._add(field, value[: LONGEST_CELL + 1])
        self._size = 0

    def text(self, text: str) -> None:
        """Take text of the innermost element."""
        self._size += len(text)
        # What is too long is counted, and not kept.
        if self._size - len(text) <= LONGEST_CELL:
            self._pieces.append(text)

    def leave(self) -> None:
        """Close the innermost element: where it had only text it is a cell."""
        way, size = self.way, self._size
        if self._inner:
            if size:
                self._beside()
        else:
            field = way[0] if len(way) == 1 else "/".join(way)
            self._add(field, "".join(self._pieces) if size else "")
        if size:
            self._pieces = []
            self._size = 0
        way.pop()
        self._inner = True

    def made(self) -> Record:
        """Return the record, at its end."""
        self._beside()
        return Record(self._line, self._cells, self._fault)

    def _beside(self) -> None:
        """Refuse text that stands beside elements."""
        if self._size and (self._size > LONGEST_CELL or "".join(self._pieces).strip()):
            self._fault = self._fault or "has text beside elements, outside any field"
        self._pieces = []
        self._size = 0

    def _add(self, field: str, value: str) -> None:
        size, cells = self._size, self._cells
        self._total += _OF_FIELD + (size if size < LONGEST_CELL else LONGEST_CELL)
        if self._total > _MOST_TEXT:
            self._fault = self._fault or (
                f"has over {_MOST_TEXT:,} characters or {MOST_FIELDS:,} fields"
            )
            return
        if size > LONGEST_CELL:
            self._fault = self._fault or too_long(field, size)
            value = cut(value)
        if field not in cells:
            cells[field] = value or None
        elif value:
            former = cells[field]
            if former is None:
                cells[field] = value
            elif isinstance(former, list):
                former.append(value)
            else:
                cells[field] = [former, value]
