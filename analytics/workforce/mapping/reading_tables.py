"""Reading tables: a column's entry in a mapping file becomes a Reading.

The entry says whence (``from``, ``first``, ``join``, ``constant``) and what is done to
the text (``step_tables``). Readings nest, to a depth and number that a person writes.
"""

from __future__ import annotations

from dataclasses import replace

from analytics.workforce.mapping.paths import Path
from analytics.workforce.mapping.readings import (
    Constant,
    First,
    Join,
    Origin,
    Reading,
    Source,
)
from analytics.workforce.mapping.step_tables import STEP_KEYS, Purpose, read_steps
from analytics.workforce.mapping.steps import UNTOUCHED
from analytics.workforce.mapping.toml_tables import TomlTable
from analytics.workforce.values import (
    LONGEST_TEXT,
    text,
)

ORIGINS = ("from", "first", "join", "constant")
JOIN_KEYS = ("with", "gaps")
KEYS = (*ORIGINS, *STEP_KEYS, *JOIN_KEYS)
DEEPEST = 4  # readings within readings
MOST_PARTS = 50
LONGEST_SOURCE = 500  # characters of a source field's name


def read_reading(
    entry: TomlTable, purpose: Purpose, *, more: tuple[str, ...] = (), deep: int = 0
) -> Reading:
    """Return the reading of an entry; ``more`` are keys that the caller reads."""
    entry.only((*KEYS, *more))
    origins = entry.has(*ORIGINS)
    if len(origins) != 1:
        said = ", ".join(origins) or "none"
        raise entry.refusal("", f"needs one of {', '.join(ORIGINS)} (it has {said})")
    steps = read_steps(entry, purpose)
    inner = replace(purpose, final=purpose.final and steps == UNTOUCHED)
    origin = _origin(entry, origins[0], inner, deep)
    if isinstance(origin, Source):
        label = origin.path.written
    else:
        label = purpose.column.name if purpose.column else entry.key
    return Reading(label, origin, steps, purpose.many)


def source_path(entry: TomlTable, name: str, written: object) -> Path:
    """Return the path of a source field's name."""
    if not isinstance(written, str) or not written.strip():
        raise entry.refusal(name, "is not the name of a source field")
    if len(written) > LONGEST_SOURCE:
        raise entry.refusal(name, f"has over {LONGEST_SOURCE} characters")
    return Path(written)


def _origin(entry: TomlTable, name: str, purpose: Purpose, deep: int) -> Origin:
    if name != "join" and (extra := entry.has(*JOIN_KEYS)):
        raise entry.refusal(extra[0], "is for a join")
    if name != "from" and "split" in entry.content:
        raise entry.refusal("split", "cuts the text of one field: it needs 'from'")
    if name == "constant":
        found = entry.text("constant", text)
        if not found.strip():
            raise entry.refusal("constant", "is empty")
        if purpose.column and purpose.final:
            entry.checked("constant", found, purpose.column.parse)
        return Constant(found.strip())
    if name == "from":
        path = source_path(entry, "from", entry.content["from"])
        return Source(path, _split(entry, purpose))
    if name == "first":
        return First(_parts(entry, name, purpose, deep))
    glue = entry.text("with") if "with" in entry.content else " "
    if purpose.many and (extra := entry.has(*JOIN_KEYS)):
        raise entry.refusal(extra[0], "is for one text; this column takes a list")
    if len(glue) > LONGEST_TEXT:
        raise entry.refusal("with", f"has over {LONGEST_TEXT} characters")
    single = replace(purpose, final=False)
    parts = _parts(entry, name, single, deep)
    return Join(parts, glue, entry.flag("gaps"))


def _parts(
    entry: TomlTable, name: str, purpose: Purpose, deep: int
) -> tuple[Reading, ...]:
    found = entry.content[name]
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_PARTS:
        raise entry.refusal(name, f"is not a list of 1 to {MOST_PARTS} fields")
    if deep >= DEEPEST:
        raise entry.refusal(name, f"is nested over {DEEPEST} deep")
    parts = []
    for number_of, item in enumerate(found, start=1):
        place = f"{name}[{number_of}]"
        if isinstance(item, dict):
            table = TomlTable(entry.file, entry.place(place), item)
            parts.append(read_reading(table, purpose, deep=deep + 1))
        else:
            path = source_path(entry, place, item)
            parts.append(Reading(path.written, Source(path), many=purpose.many))
    return tuple(parts)


def _split(entry: TomlTable, purpose: Purpose) -> str | None:
    if "split" not in entry.content:
        return None
    if not purpose.many:
        raise entry.refusal("split", "makes a list, which this column does not take")
    found = entry.text("split")
    if not found:
        raise entry.refusal("split", "is empty")
    return found
