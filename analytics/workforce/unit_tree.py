"""The unit tree through time: which rows would bend it into a circle.

A unit's parent holds from the effective date of the row that names it until a later
row names another. Goes in: links, in any order. Comes out: those that close a circle
on their day. All links of a day act together, so that two units may change places;
where some of them close a circle, none of those can be told to be the right one, so all
go and the tree stays as it was before that day. Where only some may go (others were
known before), these do.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

Pair = tuple[str, str]  # a unit and its parent


class Link(NamedTuple):
    """From that day (``YYYY-MM-DD``), ``unit`` is below ``parent`` (None: a root)."""

    day: str
    unit: str
    parent: str | None


def circular_links(
    links: Iterable[Link], said: Collection[Link] | None = None
) -> set[Link]:
    """Return the links that close a circle, of those ``said`` (None: of all)."""
    holding: dict[str, Link] = {}
    circular: set[Link] = set()
    # A row that leaves the parent out says less than one of that day that names it.
    ordered = sorted(set(links), key=lambda link: (link.day, link.parent or ""))
    for _, group in groupby(ordered, key=lambda link: link.day):
        changed: dict[str, Link] = {}
        for link in group:
            held = holding.get(link.unit)
            if link.parent != (held.parent if held else None):
                changed[link.unit] = link
            else:
                changed.pop(link.unit, None)
        settled: set[str] = set()  # whose chain ends, or in a circle that stays
        standing = ChainMap(changed, holding)
        while circle := _circle(standing, changed, settled) if changed else []:
            new = [link for link in circle if changed.get(link.unit) is link]
            mine = [link for link in new if said is None or link in said]
            mine = mine or [link for link in circle if said and link in said]
            settled |= set() if mine else {link.unit for link in circle}
            for link in mine:
                circular.add(link)
                (changed if changed.get(link.unit) is link else holding).pop(link.unit)
        holding.update(changed)
    return circular


def circling_units(pairs: Iterable[Pair]) -> set[str]:
    """Return the units that may be in a circle, or above one and below another.

    Whatever the days: who has no parent or is nobody's parent is in none, nor who is
    like that without those.
    """
    above: dict[str, set[str]] = {}
    below: dict[str, set[str]] = {}
    for unit, parent in pairs:
        above.setdefault(unit, set()).add(parent)
        below.setdefault(parent, set()).add(unit)
    for near, far in ((above, below), (below, above)):
        # Who has nobody near any more is nobody's far one either.
        ends = [unit for unit in far if unit not in near]
        while ends:
            end = ends.pop()
            for unit in far.pop(end, ()):
                near[unit].discard(end)
                if not near[unit]:
                    del near[unit]
                    ends.append(unit)
    return {unit for unit in above if unit in below}


def _circle(
    holding: Mapping[str, Link], starts: Iterable[str], settled: set[str]
) -> list[Link]:
    """Return the links of a circle that can be reached from ``starts``, or none.

    Whose chain ends is ``settled`` from then on.
    """
    for start in starts:
        path: dict[str, Link] = {}
        unit: str | None = start
        while unit is not None and unit not in settled and unit in holding:
            if unit in path:
                walked = list(path)
                return list(path.values())[walked.index(unit) :]
            path[unit] = holding[unit]
            unit = holding[unit].parent
        settled.update(path)
    return []
