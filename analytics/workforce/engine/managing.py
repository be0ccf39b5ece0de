"""Managing: who would stand below whom after a delivery, and who closes a circle.

Of each record only its person, its days and a number for its manager are kept, in a few
octets; a circle is looked for above the managers that new rows name, among what the
delivery says and what is known besides. In: the rows as they come. Out: the keys of
those whose manager is to be set aside (``analytics.workforce.manager_chain``).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from analytics.workforce.engine.seen import NOT_STAGED, Seen
from analytics.workforce.former import Former, Managed
from analytics.workforce.ledger import chunks
from analytics.workforce.manager_chain import (
    EVER,
    KNOWN,
    ManagerLink,
    circular_records,
)
from analytics.workforce.model import SEPARATOR, Row
from analytics.workforce.staged_rows import Entry

Until = Callable[[Managed, bool], int]
"""Until which day (an ordinal, not it) a known row holds that a delivery lacks; whether
the delivery has the person."""

_PEOPLE = 200  # asked for at once
_NOBODY, _TAKEN_BACK, _NOT_SAID = -1, -2, -3  # in the place of a manager's number
_OPEN = 0  # in the place of a last day


class _Said(NamedTuple):
    """One row of a person: the day it takes effect, whom it names, its employment."""

    day: int
    manager: str | None
    hire: int
    last: int
    record: int


def _holds(_row: Managed, _has: bool) -> int:
    return EVER


class Managing:
    """The managers of one delivery, record by record at the places of ``Seen``."""

    def __init__(self) -> None:
        self.until: Until = _holds
        self._managers = array("i")
        self._days = array("i")
        self._hires = array("i")
        self._lasts = array("i")
        self._before = array("q")  # the place of the person's record before
        self._newest: dict[str, int] = {}  # the place of a person's last record
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def take(self, at: int, entry: Entry) -> None:
        """Take the record of a place, the next one or one that has been."""
        row = entry.values
        manager = row.get("manager_id")
        number = _TAKEN_BACK if entry.retracted else self._number(manager)
        hire = _ordinal(row.get("hire_date")) or 0
        if at < len(self._managers):
            self._managers[at] = number
            self._hires[at], self._lasts[at] = hire, _last_day(row)
            return
        person = entry.key.partition(SEPARATOR)[0]
        self._managers.append(number)
        self._days.append(_ordinal(row.get("effective_date")) or 0)
        self._hires.append(hire)
        self._lasts.append(_last_day(row))
        self._before.append(self._newest.get(person, KNOWN))
        self._newest[person] = at

    def forget(self, at: int) -> None:
        """Note that the record of a place is set aside: what was known there holds."""
        self._managers[at] = _NOT_SAID

    def circular(
        self, seen: Seen, former: Former, stay_alive: Callable[[], None]
    ) -> list[str]:
        """Return the keys of the records whose manager closes a circle."""
        named = {
            self._managers[at]
            for at, staged in enumerate(seen.staged)
            if staged != NOT_STAGED and self._managers[at] >= 0
        }
        links: list[ManagerLink] = []
        asked = {self._names[number] for number in named}
        met: set[str] = set()
        while asked:  # up, from manager to manager
            met |= asked
            above: set[str] = set()
            for people in chunks(asked, _PEOPLE):
                stay_alive()
                known = former.managed(people)
                for person in people:
                    found = list(self._links(person, known.get(person, ()), seen))
                    links += found
                    above.update(link.manager for link in found)
            asked = above - met
        whose = {link.record: link.person for link in links}
        return [
            SEPARATOR.join((whose[at], date.fromordinal(self._days[at]).isoformat()))
            for at in sorted(circular_records(links))
        ]

    def _links(
        self, person: str, known: Iterable[Managed], seen: Seen
    ) -> Iterator[ManagerLink]:
        """Yield who stands above a person, and on which days they are employed."""
        rows = sorted(self._rows(person, known, seen), key=lambda row: row.day)
        after, ends = EVER, [(row.last, row.day) for row in rows if row.last]
        for row in reversed(rows):
            # A later row may say when the employment ended.
            said = [
                last + 1 for last, day in ends if day >= row.day and last >= row.hire
            ]
            begin, end = max(row.day, row.hire), min([after, *said])
            after = row.day
            if row.manager is not None and begin < end:
                yield ManagerLink(begin, end, person, row.manager, row.record)

    def _rows(
        self, person: str, known: Iterable[Managed], seen: Seen
    ) -> Iterator[_Said]:
        days: set[int] = set()
        at = self._newest.get(person, KNOWN)
        while at != KNOWN:
            number, day = self._managers[at], self._days[at]
            if number != _NOT_SAID:
                days.add(day)
            if number >= _NOBODY:
                manager = None if number == _NOBODY else self._names[number]
                record = at if seen.staged[at] != NOT_STAGED else KNOWN
                yield _Said(day, manager, self._hires[at], self._lasts[at], record)
            at = self._before[at]
        for row in known:
            day = _ordinal(row.values.get("effective_date")) or 0
            until = self.until(row, person in self._newest)
            if day not in days and day < until:
                last = _last_day(row.values) or _OPEN
                if until < EVER:
                    last = min(last or EVER, until - 1)
                above = row.values.get("manager_id")
                hire = _ordinal(row.values.get("hire_date")) or 0
                named = None if above is None else str(above)
                yield _Said(day, named, hire, last, KNOWN)

    def _number(self, manager: object) -> int:
        if manager is None:
            return _NOBODY
        number = self._numbers.setdefault(str(manager), len(self._names))
        if number == len(self._names):
            self._names.append(str(manager))
        return number


def _ordinal(day: object) -> int | None:
    return None if day is None else _ordinal_of(str(day))


def _last_day(row: Row) -> int:
    """Return the last day of the employment, as a row says it."""
    last = _ordinal(row.get("termination_date"))
    if last is None and row.get("status") == "terminated":
        return (_ordinal(row.get("effective_date")) or 1) - 1
    return last or _OPEN


@lru_cache(maxsize=100_000)
def _ordinal_of(day: str) -> int:
    return date.fromisoformat(day).toordinal()
