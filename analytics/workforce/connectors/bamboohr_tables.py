"""BambooHR's tables of everybody, and who is called how.

In: a large answer in a file, ``{"table": ..., "employees": {ID: {"rows": []}}}``, and
employees with ``displayName``. Out: items for the shelf; who is meant by a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from typing import Any, BinaryIO

from analytics.workforce.connectors.connector import Fetch
from analytics.workforce.connectors.objects import objects_by_name
from analytics.workforce.connectors.shelf import Item
from lrs.errors import BadRequest

NAMES = "names"  # on the shelf: by name, the ids of those who are called so


def manager_of(fetch: Fetch) -> Callable[[str], str | None]:
    """Return what finds an id by a name; None where nobody or several have it."""
    known: dict[str, str | None] = {}

    def found_by(name: str) -> str | None:
        if name not in known:
            found = fetch.shelf.of(NAMES, name.strip())
            known[name] = found[0] if len(found) == 1 else None
        return known[name]

    return found_by


def names(people: Iterable[tuple[str, Any]]) -> Iterator[Item]:
    """Yield who is called how: the name is the key, each of that name a part."""
    for one, person in people:
        name = person.get("displayName") if isinstance(person, dict) else None
        if isinstance(name, str) and name.strip():
            yield name.strip(), one, one


def go_through(file: BinaryIO) -> None:
    """Raise ValueError where a table broke off."""
    try:
        for _ in rows_in(file):
            pass
    except BadRequest:
        raise ValueError from None


def rows_in(file: BinaryIO) -> Iterator[Item]:
    """Yield the rows of each employee; raises BadRequest where it is no JSON."""
    file.seek(0)
    text = TextIOWrapper(file, encoding="utf-8")
    try:
        for one, told in objects_by_name("table", text, "employees"):
            rows = told.get("rows") if isinstance(told, dict) else None
            yield one, "", rows if isinstance(rows, list) else []
    finally:
        text.detach()
