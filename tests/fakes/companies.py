"""Companies whose life an HR system can tell: those of tests.oracle, without circles.

And what they should have become: who is employed on a day, where, as what, below whom.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from analytics.workforce.history.showing import History
from lrs.errors import NotFound
from lrs.services import Services
from tests.oracle.living_company import Company, Stand

Told = tuple[str, str, str | None, str | None, str, datetime.date]


class Orderly(Company):
    """A company in which nobody stands below whoever came later."""

    def _anywhere(self, person: str) -> Stand:
        stand = super()._anywhere(person)
        boss = stand.manager
        if boss is None or boss.startswith("H"):
            return stand
        number = int(person[1:])
        lower = [one for one in self.people if one[0] == "P" and int(one[1:]) < number]
        return replace(stand, manager=self.random.choice([None, "H0", *lower]))


def founded(seed: int) -> Orderly:
    """A company at its beginning."""
    found = Orderly.founded(Random(seed))
    assert isinstance(found, Orderly)
    return found


def known(
    company: Company,
    day: datetime.date,
    named: Callable[[str], str] = str,
    *,
    forgets: bool = True,
) -> set[Any]:
    """Who is employed on a day; ``named`` is what the system calls somebody.

    It ``forgets`` as managers those whose hire was taken back, or still names them.
    """
    found = set()
    for name, person in company.people.items():
        spell = person.spell(day)
        if spell is None:
            continue
        stand = spell.stand(day)
        boss = stand.manager
        if boss is not None and forgets and not company.people[boss].spells:
            boss = None
        found.add(
            (
                *(named(name), stand.unit, stand.job, boss and named(boss)),
                *(stand.status, spell.hire),
            )
        )
    return found


def shown(services: Services, day: datetime.date) -> set[Any]:
    """Who is employed on a day, as the product shows it."""
    parts = services.analytics()
    history = History(parts.ledger, parts.lake, parts.decisions)
    try:
        rows = history.roster("default", as_of=day).to_pylist()
    except NotFound:
        return set()
    names = ("employee_id", "unit_id", "job_code", "manager_id", "status", "hire_date")
    return {tuple(row[name] for name in names) for row in rows}
