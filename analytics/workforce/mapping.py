"""Mappings: which field of a delivered file becomes which canonical column.

A mapping is a TOML file (config/hris/README.md describes it). Only fields that it
names are kept, so a delivery cannot bring in personal data that nobody asked for.
Goes in: the cells of one record. Comes out: a canonical Row, or FieldError.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Mappable
from dataclasses import dataclass, field
from pathlib import Path

from analytics.workforce.model import Column, Row, Table, table_of
from analytics.workforce.values import LONGEST_TEXT, day
from lrs.errors import BadRequest

Cell = str | list[str] | None
_FILE_KEYS = {"kind", "name", "fields"}
_FIELD_KEYS = {"to", "values", "date_format"}


class FieldError(Exception):
    """One cell of a record is not what its column takes; holds no value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the source and the column it becomes.

    ``values`` translates whole cells (an empty translation means absent);
    ``date_format`` is a strptime pattern for days that are not ISO.
    """

    source: str
    column: Column
    values: Mappable[str, str] = field(default_factory=dict)
    date_format: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """All fields that are kept of one kind of delivery."""

    name: str
    table: Table
    fields: tuple[Field, ...]

    def required_sources(self) -> list[str]:
        """Return the source fields without which no record can be whole."""
        return [item.source for item in self.fields if item.column.required]

    def row(self, cells: Mappable[str, Cell]) -> Row:
        """Return the canonical row of a record, or raise FieldError."""
        row: Row = {}
        for item in self.fields:
            column = item.column
            cell = cells.get(item.source)
            if isinstance(cell, list):
                cell = _joined(item, cell)
            cell = cell.strip() if cell else ""
            if item.values:
                cell = item.values.get(cell, cell)
            if cell:
                try:
                    row[column.name] = (
                        column.parse(cell)
                        if item.date_format is None
                        else day(cell, item.date_format)
                    )
                except ValueError as error:
                    raise FieldError(item.source, str(error)) from None
            elif column.required:
                raise FieldError(item.source, "is missing")
        for column in self.table.columns:
            if column.name not in row:
                if column.default is not None:
                    row[column.name] = column.default
                elif column.default_from in row:
                    row[column.name] = row[column.default_from]
        return row

    def kept(self, cells: Mappable[str, Cell]) -> dict[str, Cell]:
        """Return a record's cells by column, cut to size, unmapped ones left out."""
        return {
            item.column.name: _cut(cell)
            for item in self.fields
            if (cell := cells.get(item.source))
        }


def _cut(cell: str | list[str]) -> Cell:
    if isinstance(cell, str):
        return cell[:LONGEST_TEXT]
    return [part[:LONGEST_TEXT] for part in cell[:100]]


def _joined(item: Field, cells: list[str]) -> str:
    if item.column.joined_by is None:
        raise FieldError(item.source, "holds a list where one value is asked for")
    return item.column.joined_by.join(cells)


def canonical(table: Table) -> Mapping:
    """Return the mapping of a file that already has the canonical columns."""
    fields = tuple(Field(column.name, column) for column in table.columns)
    return Mapping("canonical", table, fields)


def load_mapping(path: Path) -> Mapping:
    """Return the mapping in a TOML file.

    Raises BadRequest that names the file, the key and what is wrong with it.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refusal(path, "", f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refusal(path, "", f"is not TOML in UTF-8: {error}") from None
    _only(path, "", content, _FILE_KEYS)
    kind = content.get("kind", "workforce")
    if not isinstance(kind, str):
        raise _refusal(path, "kind", "is not text")
    table = table_of(kind)
    fields = content.get("fields")
    if not isinstance(fields, dict):
        raise _refusal(path, "fields", "is missing: a table of source field = column")
    read = tuple(_field(path, table, name, entry) for name, entry in fields.items())
    _each_once(path, table, read)
    return Mapping(str(content.get("name", path.stem)), table, read)


def _field(path: Path, table: Table, source: str, entry: object) -> Field:
    key = f"fields.{source}"
    entry = {"to": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, dict) or not isinstance(entry.get("to"), str):
        raise _refusal(path, key, "is neither a column's name nor a table with 'to'")
    _only(path, key, entry, _FIELD_KEYS)
    column = table.column(entry["to"])
    if column is None:
        known = ", ".join(item.name for item in table.columns)
        raise _refusal(path, key, f"names an unknown column; known: {known}")
    pattern = entry.get("date_format")
    if pattern is not None and (
        column.parse is not day or not isinstance(pattern, str)
    ):
        raise _refusal(path, f"{key}.date_format", "is for days, and is text")
    return Field(
        source, column, _values(path, key, column, entry.get("values", {})), pattern
    )


def _values(path: Path, key: str, column: Column, entry: object) -> dict[str, str]:
    if not isinstance(entry, dict):
        raise _refusal(path, f"{key}.values", "is not a table of text = text")
    for source, target in entry.items():
        place = f"{key}.values.{source}"
        if not isinstance(target, str):
            raise _refusal(path, place, "is not text")
        if target:
            try:
                column.parse(target)
            except ValueError as error:
                raise _refusal(path, place, str(error)) from None
    return entry


def _each_once(path: Path, table: Table, fields: tuple[Field, ...]) -> None:
    taken: dict[str, str] = {}
    for item in fields:
        former = taken.setdefault(item.column.name, item.source)
        if former != item.source:
            raise _refusal(
                path,
                f"fields.{item.source}",
                f"becomes {item.column.name}, as {former} already does",
            )
    for column in table.columns:
        if column.required and column.name not in taken:
            raise _refusal(path, "fields", f"has nothing for {column.name}: required")


def _only(path: Path, key: str, entry: dict[str, object], known: set[str]) -> None:
    for name in entry:
        if name not in known:
            place = f"{key}.{name}" if key else name
            raise _refusal(
                path, place, f"is unknown; known: {', '.join(sorted(known))}"
            )


def _refusal(path: Path, key: str, reason: str) -> BadRequest:
    place = f"mapping {path.name}" + (f", {key}," if key else "")
    return BadRequest(f"{place} {reason}.")
