"""Who a row's manager is: the head of the unit, for heads that of the parent unit.

In: the workforce. Out: rows (person, stint, from, manager), one more wherever the
head changes while a stint lasts, so that every row names whoever led on its day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from analytics.sample.history import Heads, Workforce
from analytics.sample.people import Person, Stint

Row = tuple[Person, Stint, date, str]


def head_on(heads: Heads, unit: str, day: date) -> str:
    """Return the employee id of the head of a unit on a day."""
    return next(who for since, who in reversed(heads[unit]) if since <= day)


def manager_on(force: Workforce, person: str, unit: str, day: date) -> str:
    """Return the manager's employee id, empty for the head of the root."""
    head = head_on(force.heads, unit, day)
    while head == person:
        unit = force.units[unit].parent
        if not unit:
            return ""
        head = head_on(force.heads, unit, day)
    return head


def rows(force: Workforce) -> Iterator[Row]:
    """Yield the rows of the canonical file, person by person in order of date."""
    for person in force.people:
        stints = person.stints
        for index, stint in enumerate(stints):
            day = stint.start
            if stint.termination_date is not None:
                day = min(day, stint.termination_date)
            manager = manager_on(force, person.id, stint.unit, day)
            yield person, stint, stint.start, manager
            if stint.termination_date is not None:
                continue
            last = index + 1 == len(stints)
            until = date.max if last else stints[index + 1].start
            for change in _changes(force, stint.unit):
                if stint.start < change < until:
                    after = manager_on(force, person.id, stint.unit, change)
                    if after != manager:
                        manager = after
                        yield person, stint, change, manager


def _changes(force: Workforce, unit: str) -> list[date]:
    """Return the days on which a unit or its parent got a new head."""
    parent = force.units[unit].parent
    found = [since for since, _ in force.heads[unit][1:]]
    if parent:
        found += [since for since, _ in force.heads[parent][1:]]
    return sorted(found)
