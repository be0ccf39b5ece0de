"""Equality over every property: what may differ, what not, and nothing forgotten."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from lrs.xapi.equality import equal
from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from tests.repeats import BASES, REPEATS, Repeat

# Properties whose absence, or any other value, makes no other Statement of it.
FREE = {
    *("stored", "authority", "version", "attachments"),
    *("display", "definition"),
}


@pytest.mark.parametrize("repeat", REPEATS, ids=lambda repeat: repeat.name)
def test_a_repeat_is_the_same_statement_or_not(repeat: Repeat) -> None:
    first, again = repeat.statements()
    assert validate(first, Version.V2_0_0) == validate(again, Version.V2_0_0) == []
    assert equal(first, again) is repeat.same
    assert equal(again, first) is repeat.same


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside, down to what is free."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, item in items:
        yield (*at, name)
        if name not in FREE:
            yield from places(item, (*at, name))


def without(statement: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(statement)
    place = changed
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return changed


@pytest.mark.parametrize("base", BASES)
def test_no_property_is_overlooked(base: str) -> None:
    statement = BASES[base]
    seen = 0
    for path in places(statement):
        less = without(statement, path)
        if validate(less, Version.V2_0_0):
            continue  # a required one: the table changes these
        whole = statement
        for name in path[:-1]:
            whole = whole[name]
        implied = path[-1] == "objectType" and whole[path[-1]] in ("Agent", "Activity")
        set_by_lrs = path in (("id",), ("timestamp",))
        free = set_by_lrs or implied or path[-1] in FREE
        assert equal(statement, less) is free, path
        seen += 1
    assert seen >= 2
