"""What a requirement asks for: Activities, equivalent ways to do it, or items.

One of four keys says it: ``activities`` (any of these), ``all_of`` (every one),
``[[any_of]]`` (any of these groups, each with activities or all_of of its own) or
``items`` (a curriculum: the codes of other requirements).
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.requirements.keys import Keys
from analytics.requirements.model import Way, way_of

_KEYS = ("activities", "all_of", "any_of", "items")


@dataclass(frozen=True, slots=True)
class Asked:
    """One of ``any_of``, ``items``, or ``activities`` alone; ``activities`` has all."""

    activities: tuple[str, ...] = ()
    all_of: bool = False
    any_of: tuple[Way, ...] = ()
    items: tuple[str, ...] = ()


def asked_of(keys: Keys) -> Asked:
    """Return what a file asks for; raises WrongRequirement."""
    activities, every = keys.texts("activities"), keys.texts("all_of")
    items = keys.texts("items")
    groups = _groups(keys)
    given = [key for key in _KEYS if keys.gives(key)]
    if len(given) != 1:
        others = ", ".join(key for key in _KEYS if key != (given or _KEYS)[0])
        key = given[0] if given else _KEYS[0]
        raise keys.fail(key, f"or one of {others} must be given, and one only")
    if len(set(items)) < len(items):
        raise keys.fail("items", "names a code twice")
    if groups:
        named = (activity for way in groups for part in way for activity in part)
        return Asked(activities=tuple(dict.fromkeys(named)), any_of=groups)
    return Asked(activities or every, bool(every), items=items)


def _groups(keys: Keys) -> tuple[Way, ...]:
    ways = []
    for number, group in enumerate(keys.take("any_of", list, [])):
        if not isinstance(group, dict):
            raise keys.fail("any_of", "must be a list of tables: [[any_of]]")
        one = keys.element("any_of", number, group)
        activities, every = one.texts("activities"), one.texts("all_of")
        if bool(activities) == bool(every):
            raise one.fail("activities", "or all_of must be given, one of the two")
        one.done()
        ways.append(way_of(activities or every, all_of=bool(every)))
    return tuple(ways)
