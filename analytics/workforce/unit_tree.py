"""The unit tree through time: which rows would bend it into a circle.

A unit's parent holds from the effective date of the row that names it until a later
row names another; of one day the row recorded last holds, and one that names no parent
says nothing (``unit_edges``). Goes in: links, in any order. Comes out: those of a
delivery that close a circle on their day. All links of a day act together, so that two
units may change places; where some of them close a circle, none of those can be told to
be the right one, so all go and the tree stays as it was before that day. Where only
some may go (others were known before), these do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby, takewhile
from math import inf
from typing import NamedTuple

Pair = tuple[str, str]  # a unit and its parent


class Link(NamedTuple):
    """From that day (``YYYY-MM-DD``), ``unit`` is below ``parent``."""

    day: str
    unit: str
    parent: str


def circular_links(known: Mapping[Link, float], said: Collection[Link]) -> set[Link]:
    """Return the links that close a circle, of those ``said``.

    ``known`` are the others, each with the time at which it was recorded.
    """
    circular: set[Link] = set()
    # Who loses a link stands where it stood before, on days that have been looked at.
    while found := _closing(known, [link for link in said if link not in circular]):
        circular |= found
    return circular


def _closing(known: Mapping[Link, float], said: Collection[Link]) -> set[Link]:
    new = dict.fromkeys(said, inf)
    ordered = sorted(
        (link.day, recorded, link) for link, recorded in {**known, **new}.items()
    )
    found: set[Link] = set()
    holding: dict[str, list[Link]] = {}  # by unit: the last one holds
    for _, group in groupby(ordered, key=lambda item: item[0]):
        before: dict[str, str | None] = {}
        for _, _, link in group:
            links = holding.setdefault(link.unit, [])
            before.setdefault(link.unit, links[-1].parent if links else None)
            links.append(link)
        starts = [unit for unit in before if holding[unit][-1].parent != before[unit]]
        settled: set[str] = set()  # whose chain ends, or in a circle that stays
        while circle := _circle(holding, starts, settled):
            mine = [unit for unit in circle if _last(holding[unit]) <= new.keys()]
            begun = [it for it in mine if holding[it][-1].parent != before.get(it)]
            settled |= set() if mine else set(circle)
            for unit in [it for it in begun if it in before] or mine:
                for link in _last(holding[unit]):
                    found.add(link)
                    holding[unit].remove(link)
                starts.append(unit)
    return found


def _last(links: list[Link]) -> set[Link]:
    """Return the last links of a unit that name the same parent."""
    same = takewhile(lambda link: link.parent == links[-1].parent, reversed(links))
    return set(same)


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
    holding: Mapping[str, list[Link]], starts: Iterable[str], settled: set[str]
) -> list[str]:
    """Return the units of a circle that can be reached from ``starts``, or none.

    Whose chain ends is ``settled`` from then on.
    """
    for start in starts:
        path: dict[str, None] = {}
        unit = start
        while unit not in settled and (links := holding.get(unit)):
            if unit in path:
                walked = list(path)
                return walked[walked.index(unit) :]
            path[unit] = None
            unit = links[-1].parent
        settled.update(path)
    return []
