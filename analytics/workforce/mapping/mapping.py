"""The mapping of one kind of delivery: a record's cells become a canonical row.

Only fields that it names are kept, so a delivery cannot bring in personal data that
nobody asked for. Goes in: the cells of one record. Comes out: Mapped, or FieldError.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Mappable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from analytics.workforce.engine.terms import DELTA, Terms
from analytics.workforce.mapping.cells import Cell, Cells, FieldError, cut
from analytics.workforce.mapping.conditions import Condition
from analytics.workforce.mapping.kept import (
    Kept,
    Memory,
)
from analytics.workforce.mapping.paths import Path
from analytics.workforce.mapping.readings import Reading, Source
from analytics.workforce.mapping.schedule import Schedule
from analytics.workforce.model import Column, Row, Table
from analytics.workforce.values import LONGEST_TEXT

ZONE = "location_time_zone"


def _private() -> Any:
    return field(init=False, compare=False, repr=False)


class Mapped(NamedTuple):
    """What a record became.

    ``skipped``: no record that is asked for, ``row`` is empty. ``retracts``: the row of
    its key holds no more, ``row`` has the key's columns; ``whole_hire``: so do all rows
    of its employee_id with its hire_date, which ``row`` has too.
    """

    row: Row
    retracts: bool = False
    whole_hire: bool = False
    skipped: bool = False
    sequence: float | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """All fields that are kept of one kind of delivery, and the terms of its runs.

    ``only`` lists what must hold of a record that is asked for. ``rescinded`` reads
    what a record takes back: ``no``, ``row`` or ``hire``; ``sequence`` its number.
    ``terms`` and ``schedule`` say how deliveries go; ``format`` and ``source`` are
    those tables as they stand, empty where there are none: who reads and fetches checks
    them. ``version`` is the SHA-256 of the file, empty for the built-in mapping.
    """

    name: str
    table: Table
    fields: tuple[Kept, ...]
    only: tuple[Condition, ...] = ()
    rescinded: Kept | None = None
    sequence: Kept | None = None
    terms: Terms = DELTA
    schedule: Schedule | None = None
    format: Mappable[str, Any] = field(default_factory=dict)
    source: Mappable[str, Any] = field(default_factory=dict)
    version: str = field(default="", compare=False)
    _plain: tuple[tuple[str, str, Memory, Kept], ...] = _private()
    _others: tuple[tuple[Path | None, Memory | None, Kept], ...] = _private()
    _defaults: tuple[Column, ...] = _private()

    def __post_init__(self) -> None:
        plain: list[tuple[str, str, Memory, Kept]] = []
        others: list[tuple[Path | None, Memory | None, Kept]] = []
        # The zone first: a moment's day may depend on it.
        for item in sorted(self.fields, key=lambda item: item.column.name != ZONE):
            path = item.only_path
            memory = None if path is None else Memory(item, path)
            if path is not None and memory is not None and path.plain:
                plain.append((item.column.name, path.written, memory, item))
            else:
                others.append((path, memory, item))
        object.__setattr__(self, "_plain", tuple(plain))
        object.__setattr__(self, "_others", tuple(others))
        defaults = tuple(
            column
            for column in self.table.columns
            if column.default is not None or column.default_from is not None
        )
        object.__setattr__(self, "_defaults", defaults)

    def mapped(self, cells: Cells) -> Mapped:
        """Return what a record becomes, or raise FieldError."""
        for condition in self.only:
            if not condition.holds(cells):
                return Mapped({}, skipped=True)
        number = self.sequence.value(cells) if self.sequence else None
        sequence = number if isinstance(number, float) else None
        if self.rescinded is not None:
            scope = self.rescinded.value(cells) or "no"
            if scope != "no":
                whole = scope == "hire"
                row = self._retraction(cells, whole)
                return Mapped(row, True, whole, sequence=sequence)
        return Mapped(self.row(cells), sequence=sequence)

    def row(self, cells: Cells) -> Row:
        """Return the canonical row of a record, or raise FieldError.

        Rows share their lists: who would change one copies it.
        """
        row: Row = {}
        get = cells.get
        for name, source, memory, kept in self._plain:
            cell = get(source)
            if cell.__class__ is str or cell is None:
                value = memory[cell]
            else:
                value = kept.value(cells)
            if value is not None:
                row[name] = value
            elif kept.column.required:
                raise FieldError(kept.label, "is missing")
        if self._others:
            self._read_others(cells, row)
        for column in self._defaults:
            if column.name not in row:
                _fill(row, column)
        return row

    def _read_others(self, cells: Cells, row: Row) -> None:
        for path, memory, kept in self._others:
            cell = path.of(cells) if path else 0
            if memory is not None and (cell is None or isinstance(cell, str)):
                value = memory[cell]
            else:
                value = kept.value(cells, _zone(row))
            if value is not None:
                row[kept.column.name] = value
            elif kept.column.required:
                raise FieldError(kept.label, "is missing")

    def _retraction(self, cells: Cells, whole_hire: bool) -> Row:
        """Return the columns that say what is taken back; the others may be wrong."""
        asked = {*self.table.key, *(("hire_date",) if whole_hire else ())}
        asked_too = {*asked, ZONE, *(item.default_from for item in self._defaults)}
        found: Row = {}
        for kept in sorted(self.fields, key=lambda item: item.column.name != ZONE):
            name = kept.column.name
            if name in asked_too:
                try:
                    value = kept.value(cells, _zone(found))
                except FieldError:
                    if name in asked:
                        raise
                    continue
                if value is not None:
                    found[name] = value
        for column in self._defaults:
            if column.name in asked and column.name not in found:
                _fill(found, column)
        for name in sorted(asked):
            if name not in found:
                raise FieldError(self._label(name), "is missing")
        return {name: value for name, value in found.items() if name in asked}

    def _label(self, name: str) -> str:
        labels = (item.label for item in self.fields if item.column.name == name)
        return next(labels, name)

    def person(self, cells: Cells) -> str | None:
        """Return the employee_id of a record that may be wrong otherwise, or None."""
        for item in self.fields:
            if item.column.name == "employee_id":
                try:
                    found = item.value(cells)
                except FieldError:
                    return None
                return found if isinstance(found, str) else None
        return None

    def kept(self, cells: Cells) -> dict[str, Cell]:
        """Return a record's cells by column, cut to size, unnamed ones left out.

        A column of several fields has the list of what they hold.
        """
        out: dict[str, Cell] = {}
        for item in self._columns():
            paths = list(item.reading.sources())
            found: list[Cell] = [
                one for path in paths if (one := cut(path.of(cells))) is not None
            ]
            if found:
                single = isinstance(item.reading.origin, Source)
                out[item.column.name] = found[0] if single else found
        return out

    def named(self, cells: Cells) -> dict[str, Cell] | None:
        """Return a record's cells by field as the mapping writes it, cut to size.

        All that this mapping looks at and nothing else, so that the result can stand
        for the record: it is mapped alike. What is too long stays too long by one.
        None: nothing may stand for it.
        """
        longest = LONGEST_TEXT + 1
        found = (
            (path.written, cut(path.of(cells), longest)) for path in self.sources()
        )
        return {written: cell for written, cell in found if cell is not None}

    def sources(self) -> tuple[Path, ...]:
        """Return the source fields that are read, each once."""
        readings = [item.reading for item in self._columns()]
        readings += [condition.reading for condition in self.only]
        paths = {
            path.written: path for reading in readings for path in reading.sources()
        }
        return tuple(paths.values())

    def unnamed(self, fields: Iterable[str]) -> tuple[str, ...]:
        """Return those of a delivery's fields that the mapping does not name."""
        named = {
            name
            for path in self.sources()
            for name in (path.written, path.first, path.slashed)
        }
        return tuple(name for name in fields if name not in named)

    def lacking(self, fields: Iterable[str]) -> list[str]:
        """Return the named source fields that a delivery's fields do not have."""
        known = set(fields)
        return [path.written for path in self.sources() if not path.among(known)]

    def missing(self, fields: Iterable[str]) -> list[str]:
        """Return the columns' fields without which no record can be whole."""
        known = set(fields)
        return [
            item.label
            for item in self.fields
            if item.needed
            and not any(path.among(known) for path in item.reading.sources())
        ]

    def _columns(self) -> tuple[Kept, ...]:
        markers = (item for item in (self.rescinded, self.sequence) if item is not None)
        return (*self.fields, *markers)


def _fill(row: Row, column: Column) -> None:
    """Fill a column that a record leaves out, where the table says with what."""
    if column.default is not None:
        row[column.name] = column.default
    elif column.default_from in row:
        row[column.name] = row[column.default_from]


def _zone(row: Row) -> str | None:
    zone = row.get(ZONE)
    return zone if isinstance(zone, str) else None


def canonical(table: Table) -> Mapping:
    """Return the mapping of a file that already has the canonical columns."""
    return Mapping(
        "canonical",
        table,
        tuple(
            Kept(column, plain_reading(column.name, column)) for column in table.columns
        ),
    )


def plain_reading(source: str, column: Column) -> Reading:
    """Return the reading of a field as it stands."""
    return Reading(source, Source(Path(source)), many=column.joined_by is not None)
