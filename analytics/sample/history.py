"""Careers: who works where from when, and who leads each unit.

In: the units and the window. Out: people with their stints in order of start, and
the heads of every unit over time. Hires, moves, promotions, leave, returns, leavers,
rehires, contractors taken on, changed names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics.sample.moments import Window
from analytics.sample.organisation import (
    HEAD_JOBS,
    JOB_BY_CODE,
    JOBS,
    LOCATIONS,
    SITES,
    Job,
    Unit,
)
from analytics.sample.people import Person, Registry, Stint

DOMAIN = "acme.example"
_WORKER_TYPES = ("employee", "contractor", "partner", "customer")
_WORKER_SHARES = (89, 9, 1.2, 0.8)
Heads = dict[str, list[tuple[date, str]]]


@dataclass(slots=True)
class Workforce:
    """Everyone, and per unit its heads as (from, employee id), oldest first."""

    units: dict[str, Unit]
    people: list[Person]
    heads: Heads


def build(units: dict[str, Unit], people: int, span: Window, seed: int) -> Workforce:
    """Return the workforce. Raises ValueError where the units outnumber the people."""
    rng = random.Random(f"{seed}:history")
    registry = Registry(random.Random(f"{seed}:people"))
    teams = [unit for unit in units.values() if unit.depth == 4]
    changing = rng.sample(teams, max(1, len(teams) // 5))
    if people < len(units) + len(changing) + 4:
        raise ValueError(f"The sample needs more than {len(units) + 10} people.")
    everyone: list[Person] = []
    heads: Heads = {}
    for unit in units.values():
        # Higher heads came first, so that every former row has a manager at work.
        since = _long_ago(rng, span, 14 - unit.depth, 15 - unit.depth)
        person = _hired(registry, unit, "employee", since, rng)
        _appoint(person, unit)
        heads[unit.id] = [(date.min, person.id)]
        everyone.append(person)
    for unit in changing:
        change = span.start + timedelta(days=rng.randrange(60, span.days - 60))
        old = next(p for p in everyone if p.id == heads[unit.id][0][1])
        new = _hired(registry, unit, "employee", _long_ago(rng, span, 1, 8), rng)
        job = JOB_BY_CODE[HEAD_JOBS[unit.depth]]
        new.stints.append(replace(new.stints[0], start=change, job=job))
        _leave_company(old, change - timedelta(days=1), 1)
        heads[unit.id].append((change, new.id))
        everyone.append(new)
    pool = list(units.values())
    weights = [unit.weight for unit in pool]
    while len(everyone) < people:
        unit = rng.choices(pool, weights)[0]
        everyone.append(_ordinary(registry, unit, units, span, rng))
    return Workforce(units, everyone, heads)


def _long_ago(rng: random.Random, span: Window, low: int, high: int) -> date:
    return span.start - timedelta(days=rng.randrange(low * 365, high * 365))


def _job_for(unit: Unit, rng: random.Random) -> Job:
    fits = [job for job in JOBS if job.family == unit.family]
    if not fits:  # staff of the root or a division
        fits = [JOB_BY_CODE["HR1"], JOB_BY_CODE["FI2"]]
    return rng.choices(fits, [9 - job.level for job in fits])[0]


def _hired(
    registry: Registry, unit: Unit, worker_type: str, hired: date, rng: random.Random
) -> Person:
    site = SITES[unit.location] if rng.random() < 0.93 else rng.choice(LOCATIONS)
    outside = worker_type in ("partner", "customer")
    person = registry.make(site, f"{worker_type}.example" if outside else DOMAIN)
    fte = rng.choices(("1.0", "0.8", "0.5"), (84, 11, 5))[0]
    first = Stint(
        start=hired,
        unit=unit.id,
        job=_job_for(unit, rng),
        location=site,
        worker_type=worker_type,
        status="active",
        hire_date=hired,
        original_hire_date=hired,
        family=person.family,
        email=person.email,
        fte=fte,
    )
    person.stints.append(first)
    return person


def _appoint(person: Person, unit: Unit) -> None:
    person.stints[0].job = JOB_BY_CODE[HEAD_JOBS[unit.depth]]
    person.stints[0].fte = "1.0"


def _leave_company(person: Person, last: date, gap: int) -> None:
    """Add the terminated row; ``gap`` 0 dates it on the last day itself."""
    start = last + timedelta(days=gap)
    ended = replace(
        person.stints[-1], start=start, status="terminated", termination_date=last
    )
    person.stints.append(ended)


def _ordinary(
    registry: Registry,
    unit: Unit,
    units: dict[str, Unit],
    span: Window,
    rng: random.Random,
) -> Person:
    worker_type = rng.choices(_WORKER_TYPES, _WORKER_SHARES)[0]
    if rng.random() < 0.73:
        back = min(8.5 * 365, 30 + rng.expovariate(1 / 1100))
        hired = span.start - timedelta(days=int(back))
    else:
        hired = span.start + timedelta(days=rng.randrange(span.days - 2))
    person = _hired(registry, unit, worker_type, hired, rng)
    for day, event in _events(hired, worker_type, span, rng):
        # A row a day: an event on or before the last row's day has no place.
        if day <= person.stints[-1].start:
            continue
        _apply(event, day, person, units, registry, span, rng)
    return person


def _events(
    hired: date, worker_type: str, span: Window, rng: random.Random
) -> list[tuple[date, str]]:
    first = max(span.start, hired) + timedelta(days=5)
    room = (span.end - first).days - 1
    if room < 2 or worker_type in ("partner", "customer"):
        return []
    chances = [("move", 0.12), ("promotion", 0.08), ("leave", 0.12), ("name", 0.01)]
    chances.append(("leaver", 0.17 if worker_type == "employee" else 0.3))
    if worker_type == "contractor":
        chances.append(("taken_on", 0.2))
    return sorted(
        (first + timedelta(days=rng.randrange(room)), event)
        for event, chance in chances
        if rng.random() < chance
    )


def _apply(
    event: str,
    day: date,
    person: Person,
    units: dict[str, Unit],
    registry: Registry,
    span: Window,
    rng: random.Random,
) -> None:
    now = person.stints[-1]
    if now.status != "active":
        return
    if event == "move":
        unit = _where_to(units, units[now.unit], rng)
        job = now.job if unit.family == now.job.family else _job_for(unit, rng)
        site = SITES[unit.location]
        moved = replace(now, start=day, unit=unit.id, job=job, location=site)
        person.stints.append(moved)
    elif event == "promotion":
        better = [j for j in JOBS if j.family == now.job.family]
        better = [j for j in better if j.level == now.job.level + 1]
        if better and now.job.family != "head":
            person.stints.append(replace(now, start=day, job=rng.choice(better)))
    elif event == "leave":
        person.stints.append(replace(now, start=day, status="leave"))
        back = day + timedelta(days=rng.randrange(14, 200))
        if back < span.end:
            person.stints.append(replace(now, start=back))
    elif event == "name":
        family, roman = registry.another_family(now.location)
        email = registry.address(now.email.split(".")[0], roman, DOMAIN)
        person.stints.append(replace(now, start=day, family=family, email=email))
    elif event == "taken_on":
        person.stints.append(replace(now, start=day, worker_type="employee"))
    elif event == "leaver":
        _leave_company(person, day, rng.choice((0, 1, 1)))
        back = day + timedelta(days=rng.randrange(20, 260))
        if rng.random() < 0.15 and back < span.end:
            again = replace(now, start=back, hire_date=back, worker_type="employee")
            person.stints.append(again)


def _where_to(units: dict[str, Unit], here: Unit, rng: random.Random) -> Unit:
    """Return another unit to move to.

    Never from a treated team to a comparison team or back: a moved person would
    carry the training with them and blur the comparison that has a known answer.
    """
    fits = [
        unit
        for unit in units.values()
        if unit.id != here.id
        and unit.depth >= 3
        and (not here.arm or unit.arm in ("", here.arm))
        and not (here.arm and not unit.arm and unit.id.startswith("OPS"))
    ]
    return rng.choices(fits, [unit.weight for unit in fits])[0]
