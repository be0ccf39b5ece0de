"""Random HR histories: moves, re-organisations, leave, leaving, rehire, corrections.

In: a seeded `random.Random`. Out: rows, all recorded at different microseconds. The
org tree of six units is kept by a `Tree`, so that rows of one day mostly agree on it.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from tests.oracle.inputs import HrRow

START = date(2024, 1, 1)
DAYS = 420  # the length of a history
LOCATIONS: dict[str, str | None] = {
    "L-KIR": "Pacific/Kiritimati",  # UTC+14
    "L-PPG": "Pacific/Pago_Pago",  # UTC-11
    "L-BER": "Europe/Berlin",
    "L-NYC": "America/New_York",
    "L-NONE": None,
}
JOBS = ("J1", "J2", "J3")
CLASSES = ("BBP", "LEAD", "FORK")
WORKER_TYPES = ("employee",) * 6 + ("contractor", "contractor", "customer", "partner")


def day_after(days: int) -> date:
    """Give the day so many days after the world's first."""
    return START + timedelta(days=days)


def microseconds(day: date, random: Random) -> int:
    """Draw a moment of a day, as whole microseconds since 1970."""
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    return int(midnight.timestamp()) * 1_000_000 + random.randrange(86_400_000_000)


class Tree:
    """The units by day: U0 at the top; a few move under another parent."""

    def __init__(self, random: Random) -> None:
        first = {"U0": None, "U1": "U0", "U2": "U0", "U3": "U1", "U4": "U1", "U5": "U3"}
        self.changes: list[tuple[date, dict[str, str | None]]] = [(date.min, first)]
        for days in sorted(random.sample(range(30, DAYS), random.randint(0, 3))):
            parents = dict(self.changes[-1][1])
            unit = random.choice(["U2", "U3", "U4", "U5"])
            others = [u for u in parents if unit not in self._chain(parents, u)]
            parents[unit] = random.choice([*others, None])
            self.changes.append((day_after(days), parents))

    @staticmethod
    def _chain(parents: dict[str, str | None], unit: str | None) -> list[str]:
        chain = []
        while unit is not None:
            chain.append(unit)
            unit = parents[unit]
        return chain

    def parent(self, unit: str, day: date) -> str | None:
        """Give the unit's parent on a day."""
        return [parents for begin, parents in self.changes if begin <= day][-1][unit]

    def moves(self, unit: str) -> list[date]:
        """List the days on which the unit gets another parent."""
        return [begin for begin, _ in self.changes[1:] if self._is_moved(unit, begin)]

    def _is_moved(self, unit: str, day: date) -> bool:
        before = day - timedelta(days=1)
        return self.parent(unit, before) != self.parent(unit, day)


class PersonWriter:
    """Writes one person's history row by row, in the order of the events."""

    def __init__(self, random: Random, tree: Tree, person: str) -> None:
        self.random, self.tree = random, tree
        self.rows: list[HrRow] = []
        hired = day_after(random.randint(-60, 200))
        location = random.choice(list(LOCATIONS))
        self.state: dict[str, Any] = {
            "employee_id": person,
            "given_name": f"Given{person[1:]}",
            "family_name": random.choice(["Lee", "Ng", ""]),
            "email": f"{person.lower()}@example.com",
            "identities": (f"account https://hr.example.com {person}",),
            "worker_type": random.choice(WORKER_TYPES),
            "status": "active",
            "hire_date": hired,
            "termination_date": None,
            "job_code": random.choice(JOBS),
            "org_unit_id": f"U{random.randrange(6)}",
            "location_id": location,
            "location_time_zone": LOCATIONS[location],
            "manager_id": random.choice(["P1", "P2", None]),
            "regulatory_classes": tuple(random.sample(CLASSES, random.randint(0, 2))),
        }

    def write(self, effective: date | None, **changes: Any) -> None:
        """Add a row: the state so far with the changes, recorded about then."""
        self.state |= changes
        day = effective or self.state["hire_date"]
        parent = self.tree.parent(self.state["org_unit_id"], day)
        if self.random.random() < 0.02:
            parent = None
        told = day + timedelta(days=self.random.choice([-10, -1, 0, 0, 1, 3, 30]))
        self.rows.append(
            HrRow(
                **self.state,
                effective_date=effective,
                org_parent_id=parent,
                recorded=microseconds(told, self.random),
            )
        )

    def hire(self) -> None:
        """Write the first row, mostly from hire_date on."""
        hired = self.state["hire_date"]
        days = self.random.choice([0] * 8 + [-5, 10])
        is_blank = self.random.random() < 0.2
        self.write(None if is_blank else hired + timedelta(days=days))

    def move(self, day: date) -> None:
        """Change one thing about the person."""
        kind = self.random.randrange(6)
        if kind <= 1:
            self.write(day, org_unit_id=f"U{self.random.randrange(6)}")
        elif kind <= 3:
            to = self.random.choice(list(LOCATIONS))
            self.write(day, location_id=to, location_time_zone=LOCATIONS[to])
        elif kind == 4:
            self.write(day, job_code=self.random.choice(JOBS))
        else:
            self.write(day, worker_type=self.random.choice(WORKER_TYPES))

    def leave(self, day: date) -> date:
        """Go on leave and come back; give the day of the return."""
        back = day + timedelta(days=self.random.choice([1, 2, 7, 20, 60]))
        self.write(day, status="leave")
        if self.random.random() < 0.9:
            self.write(back, status="active")
        return back

    def terminate(self, last_day: date) -> None:
        """Leave the company: the row may come early, late or without a date."""
        if self.random.random() < 0.2:  # told before, while still active
            early = last_day - timedelta(days=self.random.randint(5, 40))
            if early > self.rows[-1].effective:
                self.write(early, termination_date=last_day)
        days = self.random.choice([-10, -1, 0, 1, 1, 1, 1, 5, 20])
        told = None if self.random.random() < 0.1 else last_day
        self.write(
            last_day + timedelta(days=days),
            status="terminated",
            termination_date=told,
        )

    def rehire(self, last_day: date) -> date:
        """Come back after a gap; give the effective date of the row."""
        gap = self.random.choice([0, 1, 9, 10, 11, 30, 60])
        hired = last_day + timedelta(days=gap + 1)
        effective = hired + timedelta(days=self.random.choice([0, 0, 0, 0, 3, -3]))
        effective = max(effective, self.rows[-1].effective + timedelta(days=1))
        if self.random.random() < 0.1:
            hired = self.state["hire_date"]
        self.write(effective, status="active", hire_date=hired, termination_date=None)
        return effective


def a_history(random: Random, tree: Tree, person: str) -> list[HrRow]:
    """Write one person's rows, in order of their events."""
    writer = PersonWriter(random, tree, person)
    writer.hire()
    day = max(writer.rows[-1].effective, START)
    while day < day_after(DAYS) and len(writer.rows) < 9:
        day += timedelta(days=random.randint(1, 110))
        kind = random.random()
        if kind < 0.5:
            writer.move(day)
        elif kind < 0.75:
            day = writer.leave(day)
        else:
            writer.terminate(day)
            if random.random() < 0.3:
                break
            day = writer.rehire(day)
    return writer.rows


def reorganise(random: Random, tree: Tree, rows: list[HrRow]) -> list[HrRow]:
    """Give most people of a unit that moves a row of that day; a few lag behind."""
    added = []
    for person in sorted({row.employee_id for row in rows}):
        history = [row for row in rows if row.employee_id == person]
        for day in [day for unit in "012345" for day in tree.moves(f"U{unit}")]:
            before = [row for row in history if row.effective <= day]
            if not before or random.random() < 0.25:
                continue
            last = max(before, key=lambda row: row.effective)
            parent = tree.parent(last.org_unit_id, day)
            if last.effective < day and parent != last.org_parent_id:
                told = microseconds(day, random)
                added.append(
                    replace(
                        last, effective_date=day, org_parent_id=parent, recorded=told
                    )
                )
    return added


def correct(random: Random, rows: list[HrRow]) -> list[HrRow]:
    """Say something else of the same person and effective date, weeks later."""
    added = []
    for row in random.sample(rows, min(len(rows), random.randint(0, 4))):
        shift = timedelta(days=random.choice([-7, -1, 1, 7]))
        ended = row.termination_date
        changes: dict[str, Any] = random.choice(
            [
                {"org_unit_id": "U0", "org_parent_id": None},
                {"status": random.choice(["active", "leave"])},
                {"hire_date": row.hire_date + shift},
                {"termination_date": ended + shift if ended else None},
                {"job_code": random.choice(JOBS)},
                {"email": None, "identities": ()},
            ]
        )
        late = timedelta(days=random.randint(1, 90)) // timedelta(microseconds=1)
        added.append(replace(row, recorded=row.recorded + late, **changes))
    return added


def hand_over(random: Random, rows: list[HrRow]) -> list[HrRow]:
    """Let some rows, from one on, carry the email or account of somebody else."""
    people = sorted({row.employee_id for row in rows})
    for _ in range(random.randint(0, 3)):
        giver, taker = random.sample(people, 2)
        given = random.choice([row for row in rows if row.employee_id == giver])
        taken = random.choice([row for row in rows if row.employee_id == taker])
        name = random.choice(["email", "identities"])
        rows = [
            replace(row, **{name: getattr(given, name)})
            if row.employee_id == taker and row.effective >= taken.effective
            else row
            for row in rows
        ]
    return rows


def a_workforce(random: Random) -> list[HrRow]:
    """Write the histories of five to twelve people; no two recorded alike."""
    tree = Tree(random)
    rows: list[HrRow] = []
    for number in range(1, random.randint(5, 12) + 1):
        rows += a_history(random, tree, f"P{number}")
    rows += reorganise(random, tree, rows)
    rows = hand_over(random, rows)
    rows += correct(random, rows)
    rows.sort(key=lambda row: row.recorded)
    rows = [replace(row, recorded=row.recorded + n) for n, row in enumerate(rows)]
    random.shuffle(rows)
    return rows
