"""Who has to be trained in what, from when to when.

In: the packaged requirement files (config/requirements) and the workforce. Out: one
Need per person, requirement and unbroken membership of its audience. The product's
own arithmetic is in analytics.reports; here it only has to be near enough for people
to behave as if they knew their due dates.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from analytics.sample.history import Workforce
from analytics.sample.organisation import ancestors
from analytics.sample.people import Person, Stint


@dataclass(frozen=True, slots=True)
class Requirement:
    """The parts of a requirement file that behaviour depends on."""

    code: str
    activities: tuple[str, ...]
    all_of: bool
    satisfied_by: str
    min_score: float | None
    basis: str
    calendar_basis: date | None
    initial_days: int
    validity_days: int | None
    effective_from: date
    audience: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """A person in an audience from ``start`` until before ``stop``."""

    person: Person
    requirement: Requirement
    start: date
    stop: date
    hired: date


def requirements() -> list[Requirement]:
    """Return the packaged requirements in order of code."""
    folder = files("config") / "requirements"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml"))
    found = []
    for name in names:
        given = tomllib.loads((folder / name).read_text("utf-8"))
        every = given.get("all_of", [])
        found.append(
            Requirement(
                code=given["code"],
                activities=tuple(every or given["activities"]),
                all_of=bool(every),
                satisfied_by=given["satisfied_by"],
                min_score=given.get("min_score"),
                basis=given["basis"],
                calendar_basis=given.get("calendar_basis"),
                initial_days=given["initial_days"],
                validity_days=given.get("validity_days"),
                effective_from=given["effective_from"],
                audience=given.get("audience", {}),
            )
        )
    return found


def needs(force: Workforce, wanted: list[Requirement], end: date) -> Iterator[Need]:
    """Yield every Need, person by person."""
    lines = {unit: ancestors(force.units, unit) for unit in force.units}
    for person in force.people:
        spells = list(_spells(person, end))
        for requirement in wanted:
            yield from _memberships(person, requirement, spells, lines)


def _spells(person: Person, end: date) -> Iterator[tuple[Stint, date, date]]:
    """Yield each stint of employment with its first day and the day after its last."""
    for index, stint in enumerate(person.stints):
        if stint.termination_date is not None:
            continue
        stop = end + timedelta(days=1)
        if index + 1 < len(person.stints):
            following = person.stints[index + 1]
            stop = following.start
            if following.termination_date is not None:
                stop = following.termination_date + timedelta(days=1)
        yield stint, stint.start, stop


def _memberships(
    person: Person,
    requirement: Requirement,
    spells: list[tuple[Stint, date, date]],
    lines: dict[str, tuple[str, ...]],
) -> Iterator[Need]:
    open_need: Need | None = None
    tenure = timedelta(days=requirement.audience.get("min_tenure_days", 0))
    for stint, first, stop in spells:
        start = max(first, stint.hire_date + tenure)
        fits = start < stop and _fits(requirement.audience, stint, lines)
        if open_need and (not fits or open_need.stop != start):
            yield open_need
            open_need = None
        if fits:
            since = open_need.start if open_need else start
            open_need = Need(person, requirement, since, stop, stint.hire_date)
    if open_need:
        yield open_need


def _fits(
    audience: dict[str, Any], stint: Stint, lines: dict[str, tuple[str, ...]]
) -> bool:
    wanted = audience.get("org_unit")
    if wanted and not any(unit in wanted for unit in lines[stint.unit]):
        return False
    classes = audience.get("regulatory_class")
    if classes and not any(c in classes for c in stint.job.classes.split(";")):
        return False
    kinds = audience.get("worker_type") or ("employee", "contractor")
    return (
        stint.worker_type in kinds
        and stint.job.code in (audience.get("job_code") or (stint.job.code,))
        and stint.location.id in (audience.get("location") or (stint.location.id,))
    )
