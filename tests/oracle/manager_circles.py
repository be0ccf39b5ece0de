"""Whose manager a delivery may not say, worked out a day at a time.

On each day on which anything begins or ends, everybody's manager is written down and
followed upwards. Of a circle those of the delivery give way whose manager is another
one than the day before, or else all of the delivery. Slow, and apart from the product.
"""

from __future__ import annotations

from datetime import date

from tests.oracle.living_company import ONE, Belief

Key = tuple[str, date]


def circling(belief: Belief, told: set[Key]) -> set[Key]:
    """The keys of ``told`` whose rows are taken without their manager.

    ``belief`` is what is known with the delivery; its ``managerless`` are rows of
    before that were taken so.
    """
    found: set[Key] = set()
    yesterday: dict[str, str] = {}
    for day in _days(belief):
        links: dict[str, tuple[str, Key]] = {}
        for name in belief.people:
            stand, at = belief.stand(name, day), belief.row_in_force(name, day)
            if stand and stand.manager and at and (name, at) not in found:
                links[name] = stand.manager, (name, at)
        for name in belief.people:
            circle = _circle(links, name)
            said = [one for one in circle if links[one][1] in told]
            new = [one for one in said if yesterday.get(one) != links[one][0]]
            for one in new or said:
                found.add(links.pop(one)[1])
        yesterday = {name: manager for name, (manager, _) in links.items()}
    return found


def _days(belief: Belief) -> list[date]:
    days: set[date] = set()
    for person in belief.people.values():
        for spell in person.spells:
            days |= spell.changes.keys()
            days |= {spell.last + ONE} if spell.last else set()
    return sorted(days)


def _circle(links: dict[str, tuple[str, Key]], name: str) -> list[str]:
    """The circle that somebody is in, or nobody."""
    chain: list[str] = []
    above = name
    while above in links and above not in chain:
        chain.append(above)
        above = links[above][0]
    return chain if above == name and chain else []
