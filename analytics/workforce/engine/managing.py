"""Managing: who would stand below whom after a delivery, and who closes a circle.

Of each record only its person, its days and a number for its manager are kept, in a few
octets. A circle is looked for above the managers whom new links name, on the days of
these, among what the delivery says and what is known besides. In: the rows as they
come. Out: the keys of those whose manager is to be set aside (``manager_chain``).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

import pyarrow as pa

from analytics.lake.memory import in_memory
from analytics.workforce.engine.manager_spans import (
    OPEN,
    Said,
    last_day,
    links_of,
    ordinal,
    said_by,
)
from analytics.workforce.engine.seen import NOT_STAGED, Seen
from analytics.workforce.former import Former, Managed, is_ended
from analytics.workforce.ledger import chunks
from analytics.workforce.manager_chain import (
    EVER,
    KNOWN,
    ManagerLink,
    circular_records,
)
from analytics.workforce.model import SEPARATOR, WORKFORCE
from analytics.workforce.staged_rows import Entry

Until = Callable[[Managed, bool, bool], int]
"""Until which day (an ordinal, not it) a known row holds that a delivery lacks; whether
the delivery has the person, and whether the person's last row ends the employment."""
_Days = tuple[int, int]

_PEOPLE = 200  # asked for at once
_NOBODY, _TAKEN_BACK, _NOT_SAID = -1, -2, -3  # in the place of a manager's number
_NOT_HERE = -1  # in the place of a record
_ROUNDS = 64
_MEMORY = "256MB"
# Who manages nobody, or has no manager, is in no circle; nor who then is like that.
_CORE = """
CREATE OR REPLACE TEMP TABLE link AS
SELECT person, manager FROM link
WHERE person IN (SELECT manager FROM link) AND manager IN (SELECT person FROM link)
"""


def _holds(_row: Managed, _has: bool, _ended: bool) -> int:
    return EVER


class Managing:
    """The managers of one delivery, record by record at the places of ``Seen``."""

    def __init__(self) -> None:
        self.until: Until = _holds
        self.void: set[str] = set()  # keys of known rows that hold no more
        self._names: list[str] = []  # of people and managers, by their number
        self._numbers: dict[str, int] = {}
        self._newest = array("q")  # the place of their last record, by number
        self._said: set[str] = set()  # people
        self._people = array("i")
        self._managers = array("i")
        self._days = array("i")
        self._hires = array("i")
        self._lasts = array("i")
        self._before = array("q")  # the place of the person's record before

    def take(self, at: int, entry: Entry) -> None:
        """Take the record of a place, the next one or one that has been."""
        row = entry.values
        manager = row.get("manager_id")
        number = _NOBODY if manager is None else self._number(str(manager))
        number = _TAKEN_BACK if entry.retracted else number
        hire = ordinal(row.get("hire_date")) or 0
        if at < len(self._managers):
            self._managers[at] = number
            self._hires[at], self._lasts[at] = hire, last_day(row)
            return
        name = entry.key.partition(SEPARATOR)[0]
        self._said.add(name)
        person = self._number(name)
        self._people.append(person)
        self._managers.append(number)
        self._days.append(ordinal(row.get("effective_date")) or 0)
        self._hires.append(hire)
        self._lasts.append(last_day(row))
        self._before.append(self._newest[person])
        self._newest[person] = at

    def day(self, at: int) -> str:
        """Return the effective date of the record of a place."""
        return date.fromordinal(self._days[at]).isoformat()

    def will_be_gone(self, row: Managed) -> bool:
        """Tell whether a known row that the delivery lacks holds no more after it."""
        has = str(row.values["employee_id"]) in self._said
        return self._is_void(row) or self.until(row, has, False) == 0

    def forget(self, at: int) -> None:
        """Note that the record of a place is set aside: what was known there holds."""
        self._managers[at] = _NOT_SAID

    def circular(
        self, seen: Seen, former: Former, stay_alive: Callable[[], None]
    ) -> list[str]:
        """Return the keys of the records whose manager closes a circle."""
        if former.runs:
            links = self._above(seen, former, stay_alive)
        else:
            links = [link for one in self._core() for link in self._links(one, seen)]
        whose = {link.record: link.person for link in links}
        return [
            SEPARATOR.join((whose[at], self.day(at)))
            for at in sorted(circular_records(links))
        ]

    def _core(self) -> list[str]:
        """Return who may be in a circle, where nobody is known but by the delivery."""
        said = {"person": self._people, "manager": self._managers}
        table = pa.table({name: pa.array(numbers) for name, numbers in said.items()})
        with in_memory(_MEMORY) as connection:
            connection.register("said", table)
            connection.execute("CREATE TEMP TABLE link AS FROM said WHERE manager >= 0")
            left, before = -1, -2
            for _ in range(_ROUNDS):
                if left == before:
                    break
                before = left
                left = connection.execute(_CORE).fetchall()[0][0]
            found = connection.execute("SELECT DISTINCT person FROM link").fetchall()
        return [self._names[number] for (number,) in found]

    def _above(
        self, seen: Seen, former: Former, stay_alive: Callable[[], None]
    ) -> list[ManagerLink]:
        """Return the links of who says something new, and of those above them then."""
        touched = {
            self._names[self._people[at]]
            for at, staged in enumerate(seen.staged)
            if staged != NOT_STAGED and self._managers[at] >= 0
        }
        links: dict[str, list[ManagerLink]] = {}

        def read(people: Iterable[str]) -> None:
            for some in chunks(people, _PEOPLE):
                stay_alive()
                known = former.managed(some)
                for one in some:
                    links[one] = self._links(one, seen, known.get(one, ()))

        read(touched)
        met: dict[str, _Days] = {}
        new = [it for of in links.values() for it in of if it.record != KNOWN]
        asked = _widened(((it.manager, (it.begin, it.end)) for it in new), met)
        while asked:  # up, from manager to manager
            read(asked - links.keys())
            above = (
                (link.manager, (max(begin, link.begin), min(end, link.end)))
                for begin, end, one in [(*met[one], one) for one in asked]
                for link in links[one]
                if link.begin < end and begin < link.end
            )
            asked = _widened(above, met)
        return [link for of in links.values() for link in of]

    def _links(
        self, person: str, seen: Seen, known: Collection[Managed] = ()
    ) -> list[ManagerLink]:
        rows = self._rows(person, known, seen)
        return links_of(person, rows, [said_by(row.values) for row in known])

    def _rows(
        self, person: str, known: Collection[Managed], seen: Seen
    ) -> Iterator[Said]:
        """Yield what would hold of a person: as the delivery says it, or as before."""
        days: set[int] = set()
        number = self._numbers.get(person)
        at = _NOT_HERE if number is None else self._newest[number]
        while at != _NOT_HERE:
            manager, day = self._managers[at], self._days[at]
            if manager != _NOT_SAID:
                days.add(day)
            if manager >= _NOBODY:
                name = None if manager == _NOBODY else self._names[manager]
                record = at if seen.staged[at] != NOT_STAGED else KNOWN
                yield Said(day, name, self._hires[at], self._lasts[at], record)
            at = self._before[at]
        newest = max(
            known, key=lambda row: str(row.values["effective_date"]), default=None
        )
        ended = newest is not None and is_ended({"values": newest.values})
        for row in known:
            said, until = (
                said_by(row.values),
                self.until(row, person in self._said, ended),
            )
            if said.day not in days and said.day < until and not self._is_void(row):
                last = min(said.last or EVER, until - 1)
                yield said._replace(last=last if last < EVER - 1 else OPEN)

    def _is_void(self, row: Managed) -> bool:
        return bool(self.void) and WORKFORCE.key_of(row.values) in self.void

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
            self._newest.append(_NOT_HERE)
        return number


def _widened(asked: Iterable[tuple[str, _Days]], met: dict[str, _Days]) -> set[str]:
    """Note on which days somebody's managers are asked for; return whose are anew."""
    found: set[str] = set()
    for person, (begin, end) in asked:
        first, last = met.get(person, (begin, begin))
        if person not in met or begin < first or end > last:
            met[person] = min(begin, first), max(end, last)
            found.add(person)
    return found
