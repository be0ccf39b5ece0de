"""Where in a TOML file a key stands: found by the TOML parser itself.

The parser tells no places of keys. But a statement (a key with its value, or the head
of a table) is the shortest run of lines that parses by itself, so cutting a file that
parses into such runs needs no second reading of the grammar.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


def line_of(text: str, path: Path) -> int:
    """Return the line of a key, of what it stands in where it is absent, or 1.

    ``path``: ``("audience", "job_code")``, or ``("any_of", 1, "all_of")`` with the
    number of an element of a list of tables, counted from 0.
    """
    best, line = 0, 1
    for number, found in _statements(text):
        same = _in_common(found, path)
        if same > best:
            best, line = same, number
    return line


def place_in(text: str, error: tomllib.TOMLDecodeError) -> tuple[int, str]:
    """Return the line that the parser stopped at, and what it says with the column."""
    said = str(error)
    found = _PLACE.search(said)
    reason = _PLACE.sub("", said)
    if found is None or found[1] is None:
        return text.count("\n") + 1, f"{reason}, at the end"
    return int(found[1]), f"{reason}, at column {found[2]}"


def _statements(text: str) -> Iterator[tuple[int, Path]]:
    """Yield the line on which each statement of a file begins, and its full path."""
    table: Path = ()
    tables: dict[Path, int] = {}
    pending: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        pending.append(line)
        try:
            said = tomllib.loads("\n".join(pending))
        except tomllib.TOMLDecodeError:
            continue  # a value that goes on in the next line
        begins = number - len(pending) + 1
        pending = []
        for path, value in _paths(said):
            if line.lstrip().startswith("[") and begins == number:
                table = path
                if isinstance(value, list):  # [[path]]: one more of them
                    tables[path] = tables.get(path, -1) + 1
                    table = (*path, tables[path])
                yield begins, table
            else:
                yield begins, (*table, *path)


def _paths(said: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield the dotted key of a statement, and each beginning of its path below."""
    for key, value in said.items():
        yield (key,), value
        if isinstance(value, dict):
            for path, below in _paths(value):
                yield (key, *path), below
        elif isinstance(value, list):
            for number, element in enumerate(value):
                if isinstance(element, dict) and element:
                    for path, below in _paths(element):
                        yield (key, number, *path), below


def _in_common(found: Path, path: Path) -> int:
    """Return how much of the path a statement says: nothing where it goes elsewhere."""
    return len(found) if found == path[: len(found)] else 0
