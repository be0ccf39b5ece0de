"""A company that lives in a fake of an HR system, and is synced meanwhile."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from lrs.errors import LrsError
from tests.fakes.companies import Orderly, known, shown
from tests.fakes.server import Server
from tests.fakes.syncing import Hris
from tests.oracle.living_company import START, Company

HOUR = datetime.timedelta(hours=1)
VALVES = "\n[valves]\nmax_terminated_share = 1.0\nalways_allowed = 1000\n"
BEGAN = datetime.datetime.combine(START, datetime.time(9), tzinfo=datetime.UTC)


class Clocked(Protocol):
    """A fake with a clock of its own."""

    now: datetime.datetime


class Present(Orderly):
    """A company as a system tells it that knows today only.

    A hire that is still to come is not put off: such a system takes it off meanwhile.
    """

    today = START

    def live(self, today: datetime.date) -> str:
        self.today = today
        return super().live(today)

    def _someone(self) -> str | None:
        found = super()._someone()
        spells = self.people[found].spells if found else []
        return found if spells and spells[-1].hire <= self.today else None

    def _shift(self, day: datetime.date) -> bool:
        before = {name: one.spells[-1].hire for name, one in self._begun()}
        done = super()._shift(day)
        for name, one in self._begun():
            if one.spells[-1].hire > self.today >= before.get(name, day):
                spell = one.spells[-1]
                spell.changes[before[name]] = spell.changes.pop(spell.hire)
                spell.hire = before[name]
        return done

    def _begun(self) -> list[tuple[str, Any]]:
        return [(name, one) for name, one in self.people.items() if one.spells]


@dataclass
class Living:
    """A company, the fake that tells of it, and a source that takes it.

    ``tell`` writes somebody into the fake; ``named`` and ``unit`` are what people and
    units are called there.
    """

    company: Company
    fake: Any
    server: Server
    hris: Hris
    tell: Callable[[Any, Company, str], None]
    named: Callable[[str], str] = str
    unit: Callable[[str], str] = str

    def live(self, today: datetime.date, events: int) -> None:
        """Let things happen, and HR write them down."""
        self.fake.now = max(
            self.fake.now + HOUR,
            datetime.datetime.combine(today, datetime.time(9), tzinfo=datetime.UTC),
        )
        for _ in range(events):
            self.company.live(today)
        for name in self.company.people:
            self.tell(self.fake, self.company, name)

    def void(self) -> set[str]:
        """Who was taken back, and is no longer there."""
        people = self.company.people.items()
        return {self.named(name) for name, person in people if not person.spells}

    def compare(
        self, days: list[datetime.date], *, but: frozenset[str] = frozenset()
    ) -> None:
        """Who is employed, where, as what, below whom: as the company knows itself."""
        for day in days:
            expected = {
                (one, self.unit(unit), *rest)
                for one, unit, *rest in known(self.company, day, self.named)
            }
            found = shown(self.hris.services, day)
            assert {told for told in found if told[0] not in but} == expected, day

    def failing(self, at: int, fault: str, standing: Any) -> bool:
        """Sync while one request fails in all tries; tell whether it did."""
        self.server.forget()
        self.server.plan = dict.fromkeys(range(at, at + 3), fault)
        cursor = self.hris.cursor
        try:
            self.hris.sync()
        except LrsError:
            assert (self.hris.rows(), self.hris.cursor) == (standing, cursor)
            return True
        return False
