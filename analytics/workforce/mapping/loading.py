"""Loading: a mapping file (TOML) becomes a Mapping.

config/hris/README.md describes the file. Raises BadRequest that names the file, the
key and what is wrong with it; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as File

from analytics.workforce.mapping.conditions import Condition
from analytics.workforce.mapping.days import LOCATION, check_zone
from analytics.workforce.mapping.kept import Kept
from analytics.workforce.mapping.mapping import ZONE, Mapping
from analytics.workforce.mapping.markers import MARKERS, RESCINDED, SEQUENCE, marker
from analytics.workforce.mapping.reading_tables import (
    ORIGINS,
    read_reading,
    source_path,
)
from analytics.workforce.mapping.readings import Reading
from analytics.workforce.mapping.sensitive import sensitive_kind
from analytics.workforce.mapping.step_tables import DAY_KEYS, NUMBER_KEYS, Purpose
from analytics.workforce.mapping.steps import pattern
from analytics.workforce.mapping.term_tables import TERM_KEYS, read_schedule, read_terms
from analytics.workforce.mapping.toml_tables import TomlTable, read_toml
from analytics.workforce.model import Column, Table, table_of

_FILE_KEYS = ("kind", "name", "time_zone", "fields", "columns", "only", "sensitive")
_CONDITIONS = ("is", "is_not", "matches", "filled")


def load_mapping(path: File) -> Mapping:
    """Return the mapping in a TOML file; raises BadRequest."""
    file, version = read_toml(path)
    file.only((*_FILE_KEYS, *TERM_KEYS))
    kind = file.text("kind") if "kind" in file.content else "workforce"
    name = file.text("name") if "name" in file.content else path.stem
    table = table_of(kind)
    zone = file.text("time_zone", check_zone) if "time_zone" in file.content else None
    if not file.has("fields", "columns"):
        raise file.refusal("fields", "is missing: a table of source field = column")
    found = [
        *_fields(file.table("fields"), table, zone),
        *_columns(file.table("columns"), table, zone),
    ]
    _each_once(file, table, found)
    only = tuple(_condition(entry) for entry in file.tables("only"))
    _sensitive(file, [(at, kept.reading) for at, kept in found], only)
    fields = tuple(kept for _, kept in found if kept.column.name not in MARKERS)
    markers = {kept.column.name: kept for _, kept in found}
    _zones(file, fields)
    columns = {kept.column.name for kept in fields}
    return Mapping(
        name,
        table,
        fields,
        only=only,
        rescinded=markers.get(RESCINDED),
        sequence=markers.get(SEQUENCE),
        terms=read_terms(file, table, columns),
        schedule=read_schedule(file),
        format=file.table("format").content,
        source=file.table("source").content,
        version=version,
    )


def _fields(
    fields: TomlTable, table: Table, zone: str | None
) -> Iterator[tuple[str, Kept]]:
    """Yield the entries of ``[fields]``: source field = column, or a table with to."""
    for source, written in fields.content.items():
        entry = {"to": written} if isinstance(written, str) else written
        if not isinstance(entry, dict) or not isinstance(entry.get("to"), str):
            raise fields.refusal(
                source, "is neither a column's name nor a table with 'to'"
            )
        at = TomlTable(fields.file, fields.place(source), entry)
        if extra := at.has(*ORIGINS):
            raise at.refusal(
                extra[0], "is for [columns]: here the key is the source field"
            )
        column = _column(at, table, entry["to"])
        source_path(fields, source, source)
        whole = TomlTable(at.file, at.key, {**entry, "from": source})
        yield at.key, _kept(whole, column, zone, ("to", "default"))


def _columns(
    columns: TomlTable, table: Table, zone: str | None
) -> Iterator[tuple[str, Kept]]:
    """Yield the entries of ``[columns]``: column = a table that says whence."""
    for name, entry in columns.content.items():
        column = _column(TomlTable(columns.file, columns.place(name), {}), table, name)
        if not isinstance(entry, dict):
            raise columns.refusal(
                name, 'is not a table: { from = "source field" } or another origin'
            )
        at = columns.table(name)
        yield at.key, _kept(at, column, zone, ("default",))


def _column(at: TomlTable, table: Table, name: str) -> Column:
    column = table.column(name) or marker(table, name)
    if column is None:
        known = ", ".join([*(item.name for item in table.columns), *MARKERS])
        raise at.refusal("", f"names an unknown column; known: {known}")
    return column


def _kept(
    at: TomlTable, column: Column, zone: str | None, more: tuple[str, ...]
) -> Kept:
    reading = read_reading(at, Purpose(column, zone), more=more)
    default = None
    if "default" in at.content:
        default = at.text("default", column.parse)
        if reading.constant:
            raise at.refusal("default", "never acts: there is a constant")
    return Kept(column, reading, default)


def _each_once(file: TomlTable, table: Table, found: list[tuple[str, Kept]]) -> None:
    taken: dict[str, str] = {}
    for at, kept in found:
        name = kept.column.name
        if name in taken:
            entry = TomlTable(file.file, at, {})
            raise entry.refusal("", f"becomes {name}, as {taken[name]} already does")
        taken[name] = kept.label
    for column in table.columns:
        if column.required and column.name not in taken:
            raise file.refusal("fields", f"has nothing for {column.name}: required")


def _condition(entry: TomlTable) -> Condition:
    for name in entry.has(*DAY_KEYS, *NUMBER_KEYS):
        raise entry.refusal(name, "is not for conditions: they compare text")
    reading = read_reading(entry, Purpose(None), more=_CONDITIONS)
    asked = entry.has(*_CONDITIONS)
    if len(asked) != 1:
        raise entry.refusal("", f"needs one of {', '.join(_CONDITIONS)}")
    match asked[0]:
        case "is":
            return Condition(reading, one_of=frozenset(entry.texts("is")))
        case "is_not":
            return Condition(reading, none_of=frozenset(entry.texts("is_not")))
        case "matches":
            return Condition(reading, matching=entry.text("matches", pattern))
    return Condition(reading, filled=entry.flag("filled"))


def _sensitive(
    file: TomlTable,
    readings: list[tuple[str, Reading]],
    only: tuple[Condition, ...],
) -> None:
    """Refuse sensitive source fields that are not allowed by name."""
    entry = file.table("sensitive")
    entry.only(("allow",))
    allow = entry.texts("allow") if "allow" in entry.content else ()
    places = [*readings, *(("only", condition.reading) for condition in only)]
    named = {path.written for _, reading in places for path in reading.sources()}
    for name in allow:
        if name not in named:
            shown = name[:80]
            raise entry.refusal("allow", f"lists {shown}, which no field is named")
    for at, reading in places:
        for path in reading.sources():
            kind = None if path.written in allow else sensitive_kind(path.written)
            if kind:
                raise TomlTable(file.file, at, {}).refusal(
                    "",
                    f"reads {path.written[:80]}, a sensitive field ({kind}); where it "
                    "must be, name it in [sensitive] allow = [...]",
                )


def _zones(file: TomlTable, fields: tuple[Kept, ...]) -> None:
    """Refuse days at a location where no location has a time zone."""
    zoned = any(kept.column.name == ZONE for kept in fields)
    for kept in fields:
        if kept.reading.by_location and not zoned:
            reason = f'is "{LOCATION}", and nothing becomes {ZONE}'
            raise file.refusal("time_zone", reason)
