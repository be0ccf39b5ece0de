"""The unit tree through time: which rows would bend it into a circle.

A unit's parent holds from the effective date of the row that names it until a later
row names another. Goes in: the links of a file, in any order. Comes out: the links
that close a circle on their day. All links of a day act together, so that two units
may change places; where some of them close a circle, none of those can be told to be
the right one, so all go and the tree stays as it was before that day.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple


class Link(NamedTuple):
    """From that day (``YYYY-MM-DD``), ``unit`` is below ``parent`` (None: a root)."""

    day: str
    unit: str
    parent: str | None


def circular_links(links: Iterable[Link]) -> set[Link]:
    """Return the links that close a circle."""
    parents: dict[str, str | None] = {}
    circular: set[Link] = set()
    # A row that leaves the parent out says less than one of that day that names it.
    ordered = sorted(set(links), key=lambda link: (link.day, link.parent or ""))
    for day, group in groupby(ordered, key=lambda link: link.day):
        changed = {
            link.unit: link.parent
            for link in group
            if parents.get(link.unit) != link.parent
        }
        while circle := _circle(parents | changed, changed) if changed else None:
            for unit in circle & changed.keys():
                circular.add(Link(day, unit, changed.pop(unit)))
        parents.update(changed)
    return circular


def _circle(parents: dict[str, str | None], starts: Iterable[str]) -> set[str] | None:
    """Return the units of a circle that can be reached from ``starts``, or None."""
    safe: set[str] = set()
    for start in starts:
        path: dict[str, None] = {}
        unit: str | None = start
        while unit is not None and unit not in safe:
            if unit in path:
                walked = list(path)
                return set(walked[walked.index(unit) :])
            path[unit] = None
            unit = parents.get(unit)
        safe.update(path)
    return None
