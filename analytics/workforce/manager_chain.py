"""The chain of managers through time: which links would bend it into a circle.

Goes in: on which days who stands below whom, as it would be known after a delivery.
Comes out: the records of the delivery whose manager closes a circle. On a day everybody
has one manager at most, so circles share nobody. Of a circle those links give way that
began on its first day; where none of these is of the delivery (it corrects the past,
say), all that are. A circle of links that were known before stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

KNOWN = -1  # the record of a link that no record of the delivery says anew
EVER = 4_000_000  # a day after all days


class ManagerLink(NamedTuple):
    """On the days [begin, end) ``person`` stands below ``manager``; days are ordinals.

    ``record`` is the number of the record that says so, or KNOWN.
    """

    begin: int
    end: int
    person: str
    manager: str
    record: int


def circular_records(links: Iterable[ManagerLink]) -> set[int]:
    """Return the records whose links close a circle, of links in any order."""
    events = [(link.begin, True, link) for link in links if link.begin < link.end]
    events += [(link.end, False, link) for _, _, link in events if link.end < EVER]
    # What ends on a day does so before what begins.
    events.sort(key=lambda event: event[:2])
    holding: dict[str, ManagerLink] = {}
    found: set[int] = set()
    for _, group in groupby(events, key=lambda event: event[0]):
        before: dict[str, str | None] = {}
        begun: list[str] = []
        for _, begins, link in group:
            held = holding.get(link.person)
            before.setdefault(link.person, held.manager if held else None)
            if begins:
                holding[link.person] = link
                begun.append(link.person)
            elif held is link:
                del holding[link.person]
        settled: set[str] = set()
        for person in begun:
            circle = _circle(holding, person, settled)
            said = [link for link in circle if link.record != KNOWN]
            new = [it for it in said if before.get(it.person, it.manager) != it.manager]
            for link in new or said:
                found.add(link.record)
                del holding[link.person]
    return found


def _circle(
    holding: dict[str, ManagerLink], person: str, settled: set[str]
) -> list[ManagerLink]:
    """Return the circle that the chain above somebody runs into; empty: none.

    ``settled`` are those whose chain is known to end, or was looked at.
    """
    path: dict[str, ManagerLink] = {}
    circle: list[ManagerLink] = []
    while person not in settled and (link := holding.get(person)) is not None:
        if person in path:
            walked = list(path)
            circle = list(path.values())[walked.index(person) :]
            break
        path[person] = link
        person = link.manager
    settled.update(path)
    return circle
