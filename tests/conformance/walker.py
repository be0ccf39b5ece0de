"""Every mutation of one rule at every place of a Statement, and what it must lead to.

In: a valid Statement and its Kind (``data_model``). Out: Mutations, each another
Statement, with whether it is still valid and where the rule is broken if not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.conformance.value_kinds import Choice, Kind, kind_of

Step = str | int
_SAMPLES: dict[str, tuple[Any, ...]] = {
    "object": ({}, {"key": "value"}),
    "array": ([], ["item"]),
    "string": ("", "text", "1", "true"),
    "number": (0, 1, -1.5),
    "boolean": (True, False),
}


class Place(NamedTuple):
    """A place in a Statement: the steps to it, what stands there, what may."""

    steps: tuple[Step, ...]
    value: Any
    kind: Kind


@dataclass(frozen=True)
class Mutation:
    """A Statement that differs in one place.

    ``holder`` is the path of what has the mutated property: a Violation names a place
    at or below it.
    """

    what: str
    holder: str
    statement: Any
    valid: bool


def new_places(
    statements: Mapping[str, Any], rule: Kind | Choice
) -> dict[str, list[Place]]:
    """Return for each Statement those of its places that none before it has.

    What may stand at a place hangs on the place and what is inside it, so the same
    value at the same path need not be broken twice.
    """
    seen = set()
    found: dict[str, list[Place]] = {}
    for name, statement in statements.items():
        found[name] = []
        for place in _places(statement, rule, ()):
            known = (place.steps, repr(place.value))
            if known not in seen:
                found[name].append(place)
                seen.add(known)
    return found


def mutations(statement: Any, places: Iterable[Place]) -> Iterator[Mutation]:
    """Yield all mutations of a valid Statement at these places."""
    for steps, value, kind in places:
        at = _path(steps)
        holder = _path(steps[:-1])
        for what, new, valid in (*_of_value(value, kind), *_of_object(value, kind)):
            changed = _with(statement, steps, new)
            yield Mutation(f"{at or 'Statement'}: {what}", holder, changed, valid)


def nulls(statement: Any, rule: Kind | Choice) -> dict[str, Any]:
    """Return the Statement with null at each of its places, by the place's path."""
    return {
        _path(place.steps): _with(statement, place.steps, None)
        for place in _places(statement, rule, ())
        if place.steps
    }


def _places(
    value: Any, rule: Kind | Choice, steps: tuple[Step, ...]
) -> Iterator[Place]:
    kind = kind_of(rule, value)
    yield Place(steps, value, kind)
    if isinstance(value, dict):
        for name, inner in kind.properties.items():
            if name in value:
                yield from _places(value[name], inner, (*steps, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _places(item, kind.items, (*steps, at))


def _of_value(value: Any, kind: Kind) -> Iterator[tuple[str, Any, bool]]:
    """Yield (what, another value, whether it is right)."""
    yield "null", None, False
    for name, samples in _SAMPLES.items():
        if name not in kind.types:
            for sample in samples:
                yield f"{sample!r} instead", sample, False
    for right in kind.right:
        yield f"right: {right!r:.60}", right, True
    for wrong in kind.wrong:
        yield f"wrong: {wrong!r:.60}", wrong, False
    if kind.free:
        sample = next(iter(value.values()), "x") if value else "x"
        for name in kind.free[0]:
            yield f"with key {name!r}", {**value, name: sample}, True
        for name in kind.free[1]:
            yield f"with key {name!r}", {**value, name: sample}, False
    if isinstance(value, list) and kind.items is not None and value:
        for item in (None, 1, "\x00", True, [], {}):
            if not _is_text(item, kind):
                yield f"with item {item!r}", [*value, item], False


def _is_text(item: Any, kind: Kind) -> bool:
    """Tell whether an item is right because any string is."""
    items = kind.items
    return (
        isinstance(items, Kind)
        and isinstance(item, str)
        and not items.wrong
        and ("string" in items.types)
    )


def _of_object(value: Any, kind: Kind) -> Iterator[tuple[str, Any, bool]]:
    """Yield an object with one property too many, one misspelled, or one less."""
    if not isinstance(value, dict) or not kind.properties:
        return
    yield "an unknown property", {**value, "unheardOf": "x"}, False
    yield "an unknown property that is null", {**value, "unheardOf": None}, False
    yield "an empty name", {**value, "": "x"}, False
    for name in kind.properties:
        if name in value:
            rest = {key: item for key, item in value.items() if key != name}
            yield f"without {name}", rest, name not in kind.required(value)
            for misspelled in _other_cases(name):
                changed = {**rest, misspelled: value[name]}
                yield f"{misspelled} for {name}", changed, False
                yield f"{misspelled} beside {name}", {**value, **changed}, False


def _other_cases(name: str) -> list[str]:
    found = {name.upper(), name.lower(), name.swapcase(), name[0].upper() + name[1:]}
    return sorted(found - {name})


def _with(value: Any, steps: tuple[Step, ...], new: Any) -> Any:
    """Return the value with something else at one place; the rest is shared."""
    if not steps:
        return new
    first, rest = steps[0], steps[1:]
    copy = value.copy()
    copy[first] = _with(value[first], rest, new)
    return copy


def _path(steps: tuple[Step, ...]) -> str:
    """Return a path as Violations write it: ``context.team.member[0]``."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path
