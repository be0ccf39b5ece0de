"""A company that lives: hires, moves, re-organisations, leave, leaving, corrections.

It knows itself by events, not by rows: a person is a list of spells, each with the
days on which something changed; a unit is a list of days with its parent. What HR
would deliver (`rows`) is written from that; answers (`on`) are read from it, a day at a
time. Nothing here imports the product.

Each unit has a head who never moves or leaves, so that a re-organisation always stands
in somebody's row. A unit stands only below one of a lower number: no circles of units.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

START = date(2024, 1, 1)
DAYS = 700
UNITS = [f"U{n}" for n in range(9)]
ONE = timedelta(days=1)
Row = dict[str, str]


@dataclass(frozen=True)
class Stand:
    """Where somebody stands from a day on."""

    unit: str
    job: str
    manager: str | None
    status: str = "active"


@dataclass
class Spell:
    """One employment: from hire through last (None: open)."""

    hire: date
    changes: dict[date, Stand]
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.hire <= day and (self.last is None or day <= self.last)

    def stand(self, day: date) -> Stand:
        return self.changes[max(at for at in self.changes if at <= day)]


@dataclass
class Person:
    """A life in the company; `style` is how HR writes down that somebody leaves."""

    name: str
    style: str
    spells: list[Spell] = field(default_factory=list)

    def spell(self, day: date) -> Spell | None:
        return next((one for one in self.spells if one.covers(day)), None)


@dataclass
class Company:
    """The truth; `live` makes one thing happen, `known` is what HR has told of it."""

    random: Random
    people: dict[str, Person] = field(default_factory=dict)
    parents: dict[str, dict[date, str | None]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)  # of whom HR has news
    # A re-organisation is told of whole, or the rows of a unit contradict each other.
    is_reorganised: bool = True

    @classmethod
    def founded(cls, random: Random) -> Company:
        company = cls(random)
        for n, unit in enumerate(UNITS):
            parent = UNITS[random.randrange(n)] if n else None
            company.parents[unit] = {date.min: parent}
            stand = Stand(unit, "HEAD", f"H{n - 1}" if n else None)
            company.people[f"H{n}"] = Person(
                f"Head {n}", "dated", [Spell(START, {START: stand})]
            )
        company.changed = set(company.people)
        return company

    # -- what happens -----------------------------------------------------------------

    def live(self, today: date) -> str:
        """Let one thing happen around today, in the past and the future too."""
        random = self.random
        day = today + timedelta(days=random.choice([-120, -30, -3, 0, 0, 0, 1, 10, 60]))
        day = max(day, START + ONE)
        kinds = (
            *("hire",) * 3,
            *("move",) * 5,
            *("absence",) * 2,
            *("end",) * 2,
            *("rehire", "rescind", "reorganise", "shift", "unend"),
        )
        kind = random.choice(kinds)
        done = getattr(self, f"_{kind}")(day)
        return kind if done else ""

    def _someone(self) -> str | None:
        others = [one for one in self.people if not one.startswith("H")]
        return self.random.choice(others) if others else None

    def _anywhere(self, person: str) -> Stand:
        random = self.random
        # A few manage many: now and then they manage each other.
        few = [one for one in self.people if not one.startswith("H")][:6]
        manager = random.choice([None, *(few or self.people), *self.people])
        return Stand(
            random.choice(UNITS),
            f"J{random.randrange(5)}",
            None if manager == person else manager,
        )

    def _hire(self, day: date) -> bool:
        person = f"P{len(self.people)}"
        style = self.random.choice(["dated", "row", "undated row"])
        spell = Spell(day, {day: self._anywhere(person)})
        self.people[person] = Person(f"Person {person}", style, [spell])
        return self._touch(person)

    def _move(self, day: date) -> bool:
        person = self._someone()
        spell = self.people[person].spell(day) if person else None
        if not person or not spell:
            return False
        to = replace(self._anywhere(person), status=spell.stand(day).status)
        spell.changes[day] = to
        return self._touch(person)

    def _absence(self, day: date) -> bool:
        person = self._someone()
        spell = self.people[person].spell(day) if person else None
        if not person or not spell or spell.stand(day).status == "leave":
            return False
        back = day + timedelta(days=self.random.choice([1, 5, 30]))
        after = spell.stand(back)
        for at in [at for at in spell.changes if day < at < back]:
            spell.changes[at] = replace(spell.changes[at], status="leave")
        spell.changes[day] = replace(spell.stand(day), status="leave")
        if spell.covers(back):
            spell.changes[back] = after
        return self._touch(person)

    def _end(self, day: date) -> bool:
        person = self._someone()
        spell = self.people[person].spell(day) if person else None
        if not person or not spell or spell.last is not None:
            return False
        spell.last = day
        spell.changes = {at: to for at, to in spell.changes.items() if at <= day}
        return self._touch(person)

    def _unend(self, day: date) -> bool:
        """Who was said to leave stays."""
        person = self._someone()
        if not person or not self.people[person].spells:
            return False
        spell = self.people[person].spells[-1]
        if spell.last is None:
            return False
        spell.last = None
        return self._touch(person)

    def _rehire(self, day: date) -> bool:
        person = self._someone()
        if not person or not self.people[person].spells:
            return False
        former = self.people[person].spells[-1]
        if former.last is None:
            return False
        hire = former.last + timedelta(days=self.random.choice([1, 2, 20, 90]))
        self.people[person].spells.append(Spell(hire, {hire: self._anywhere(person)}))
        return self._touch(person)

    def _rescind(self, day: date) -> bool:
        """The last hire of somebody is void: as if it had never been."""
        person = self._someone()
        if not person or not self.people[person].spells:
            return False
        self.people[person].spells.pop()
        return self._touch(person)

    def _shift(self, day: date) -> bool:
        """The hire date was wrong."""
        person = self._someone()
        if not person or not self.people[person].spells:
            return False
        spells = self.people[person].spells
        spell = spells[-1]
        hire = spell.hire + timedelta(days=self.random.choice([-9, -1, 1, 9]))
        before = spells[-2].last if len(spells) > 1 else START
        assert before is not None
        later = [at for at in spell.changes if at != spell.hire]
        if hire <= before or any(at <= hire for at in later):
            return False
        if spell.last is not None and spell.last < hire:
            return False
        spell.changes[hire] = spell.changes.pop(spell.hire)
        spell.hire = hire
        return self._touch(person)

    def _reorganise(self, day: date) -> bool:
        n = self.random.randrange(2, len(UNITS))
        unit = UNITS[n]
        self.parents[unit][day] = UNITS[self.random.randrange(n)]
        head = self.people[f"H{n}"].spells[0]
        head.changes[day] = head.stand(day)
        self.is_reorganised = True
        # Whoever's row names the unit from then on has to say so too.
        for name, person in self.people.items():
            for spell in person.spells:
                for at, stand in spell.changes.items():
                    if stand.unit == unit and at >= day:
                        self.changed.add(name)
                is_there = spell.covers(day) and spell.stand(day).unit == unit
                if is_there and self.random.random() < 0.5:
                    spell.changes[day] = spell.stand(day)
                    self.changed.add(name)
                # The row of an end names the unit as well.
                if spell.last and spell.last >= day - ONE:
                    self.changed.add(name)
        return self._touch(f"H{n}")

    def _touch(self, person: str) -> bool:
        self.changed.add(person)
        return True

    # -- what HR delivers -------------------------------------------------------------

    def parent(self, unit: str, day: date) -> str | None:
        changes = self.parents[unit]
        return changes[max(at for at in changes if at <= day)]

    def rows(self, name: str) -> dict[date, Row]:
        """The canonical rows of a person, by effective date."""
        person = self.people[name]
        rows: dict[date, Row] = {}
        for n, spell in enumerate(person.spells):
            after = person.spells[n + 1] if n + 1 < len(person.spells) else None
            # On the next spell's first day there is room for its row only.
            blocked = spell.last and after and after.hire == spell.last + ONE
            dated = person.style == "dated" or blocked
            for at, stand in spell.changes.items():
                rows[at] = self._row(name, at, spell, stand)
                if dated and spell.last:
                    rows[at]["termination_date"] = spell.last.isoformat()
            if spell.last and not dated:
                at = spell.last + ONE
                rows[at] = self._row(name, at, spell, spell.stand(spell.last))
                rows[at]["status"] = "terminated"
                if person.style == "row":
                    rows[at]["termination_date"] = spell.last.isoformat()
        return rows

    def _row(self, name: str, day: date, spell: Spell, stand: Stand) -> Row:
        return {
            "employee_id": name,
            "effective_date": day.isoformat(),
            "given_name": self.people[name].name,
            "email": f"{name.lower()}@example.com",
            "status": stand.status,
            "hire_date": spell.hire.isoformat(),
            "termination_date": "",
            "job_code": stand.job,
            "org_unit_id": stand.unit,
            "org_parent_id": self.parent(stand.unit, day) or "",
            "manager_id": stand.manager or "",
        }


@dataclass
class Belief:
    """What HR had told by a moment: a copy of the lives and of the tree."""

    people: dict[str, Person]
    parents: dict[str, dict[date, str | None]]
    # Rows, by name and day, that were taken without the manager whom they name.
    managerless: set[tuple[str, date]] = field(default_factory=set)

    @classmethod
    def after(cls, former: Belief | None, company: Company, told: set[str]) -> Belief:
        people = dict(former.people) if former else {}
        people |= {name: deepcopy(company.people[name]) for name in told}
        return cls(people, deepcopy(company.parents))

    def stand(self, name: str, day: date) -> Stand | None:
        spell, at = self.people[name].spell(day), self.row_in_force(name, day)
        if spell is None:
            return None
        stand = spell.stand(day)
        return replace(stand, manager=None) if (name, at) in self.managerless else stand

    def row_in_force(self, name: str, day: date) -> date | None:
        """The day of the row that speaks for somebody employed on a day."""
        spell = self.people[name].spell(day)
        return max(at for at in spell.changes if at <= day) if spell else None

    def chain(self, unit: str, day: date) -> list[str]:
        """The unit and those above it."""
        chain, above = [], unit
        while above is not None:
            chain.append(above)
            changes = self.parents[above]
            above = changes[max(at for at in changes if at <= day)]
        return chain

    def members(self, unit: str, day: date) -> list[tuple[object, ...]]:
        """Who is in the unit or below it, and what is said of them."""
        found: list[tuple[object, ...]] = []
        for name, person in self.people.items():
            spell = person.spell(day)
            if spell is None or unit not in self.chain(spell.stand(day).unit, day):
                continue
            stand = since = spell.stand(day), day
            while spell.covers(since[1] - ONE) and (
                spell.stand(since[1] - ONE).unit == stand[0].unit
            ):
                since = stand[0], since[1] - ONE
            now, there = stand[0], self.stand(name, day)
            manager = there.manager if there else None
            found.append(
                (name, now.unit, now.job, manager, now.status, spell.hire, since[1])
            )
        return sorted(found, key=lambda row: str(row[0]))

    def leaves(self, name: str) -> list[tuple[date, date | None]]:
        """The person's leaves: first day, and the day after (None: open)."""
        found: list[tuple[date, date | None]] = []
        for spell in self.people[name].spells:
            days = sorted(spell.changes)
            for at, until in zip(days, [*days[1:], None], strict=True):
                if spell.changes[at].status != "leave":
                    continue
                end = until or (spell.last + ONE if spell.last else None)
                if found and found[-1][1] == at and at != spell.hire:
                    found[-1] = found[-1][0], end
                else:
                    found.append((at, end))
        return found
