"""SuccessFactors' rows of a person as a history: one record for each day of a change.

A person has employments, one after another or several at once; each has jobs that hold
from a day on, of those of one day the one of the greatest sequence number. A job whose
status ends an employment holds from the day behind the last one of work; a job behind
it is a rehire. Employments that overlap are one stay of one person: on each day the
main one says where, by its assignment class, then by its begin. Names, relationships
and the objects that a job names (department, location) hold from days of their own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.workforce.connectors.odata2 import day_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a customer may have set otherwise.

    ``ended`` are the statuses of jobs that end an employment, ``classes`` those of
    assignments, the main one first; ``latest``: of several of one class the one that
    began last is the main one, not the first. ``joins`` are entities by field of a job.
    """

    ended: tuple[str, ...]
    classes: tuple[str, ...]
    latest: bool
    no_manager: tuple[str, ...]
    joins: Mapping[str, str]


@dataclass(slots=True)
class Employment:
    """One employment with its rows; ``relations`` are those to matrix managers."""

    row: Row
    jobs: list[Row]
    relations: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """One person with all that is dated."""

    id: str
    employments: list[Employment]
    person: Row
    names: list[Row]
    emails: list[Row]


@dataclass(slots=True)
class _Spell:
    hired: str
    last: str | None  # the last day of work
    of: Employment

    def covers(self, day: str) -> bool:
        return self.hired <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the rows of others say: persons by user, objects by entity and code."""

    person_of: Callable[[str], str | None]
    objects_of: Callable[[str, str], list[Row]]


def history_of(person: Person, rules: Rules, lookups: Lookups) -> Iterator[Row]:
    """Yield the records of one person, oldest first."""
    for one in person.employments:
        one.jobs.sort(key=lambda row: (day_of(row, "startDate") or "", _sequence(row)))
    spells = [found for one in person.employments for found in _spells(one, rules)]
    firsts = [day_of(one.row, "originalStartDate") for one in person.employments]
    stays = _stays(spells)
    first = min([*filter(None, firsts), *(stay[0].hired for stay in stays)], default="")
    names = _by_day(person.names)
    emails = sorted(person.emails, key=lambda row: str(row.get("emailType")))
    for stay in stays:
        hired, last = stay[0].hired, _end(stay)
        former: Row = {}
        for day in _days(stay, names, last, rules, lookups):
            spell = _main(stay, day, rules)
            if spell is None:
                continue
            job = _in_force(_working(spell.of, rules), day)
            record = {
                "personIdExternal": person.id,
                "hireDate": hired,
                "originalHireDate": first,
                "terminationDate": last,
                "managerPersonId": _manager(job, rules, lookups),
                "PerPerson": person.person,
                "PerPersonal": _in_force(names, day),
                "PerEmail": emails,
                "EmpEmployment": spell.of.row,
                "EmpJob": job,
                "EmpJobRelationships": _relations(spell.of, day, lookups),
            }
            for name, entity in rules.joins.items():
                code = job.get(name)
                rows = lookups.objects_of(entity, code) if isinstance(code, str) else []
                record[entity] = _in_force(rows, day)
            if record != former:
                former = record
                yield {"date": day, **record}


# -- days ---------------------------------------------------------------------------


def _days(
    stay: list[_Spell],
    names: list[Row],
    last: str | None,
    rules: Rules,
    lookups: Lookups,
) -> list[str]:
    """Return each day of a stay on which something may change."""
    days = {day_of(row, "startDate") for row in names}
    for spell in stay:
        days |= {spell.hired, spell.last and _next(spell.last)}
        jobs = spell.of.jobs
        for row in (*jobs, *spell.of.relations):
            days |= {day_of(row, "startDate")}
        for row in spell.of.relations:
            days |= {(end := day_of(row, "endDate")) and _next(end)}
        for name, entity in rules.joins.items():
            for code in {
                code for job in jobs if isinstance(code := job.get(name), str)
            }:
                rows = lookups.objects_of(entity, code)
                days |= {day_of(row, "startDate") for row in rows}
    hired = stay[0].hired
    return sorted(day for day in days if day and hired <= day <= (last or day))


def _by_day(rows: list[Row]) -> list[Row]:
    """Return the rows with a day, in order; of one day the last in sequence."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=_sequence):
        if day := day_of(row, "startDate"):
            found[day] = row
    return [found[day] for day in sorted(found)]


def _sequence(row: Row) -> int:
    told = str(row.get("seqNumber") or "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _in_force(rows: list[Row], day: str) -> Row:
    """Return the row that holds on a day; what begins later stands for what is not."""
    held: Row | None = None
    for row in rows:
        if held is None or (day_of(row, "startDate") or "") <= day:
            held = row
    return held or {}


def _next(day: str, days: int = 1) -> str:
    moved = datetime.date.fromisoformat(day) + datetime.timedelta(days=days)
    return moved.isoformat()


# -- employments --------------------------------------------------------------------


def _spells(one: Employment, rules: Rules) -> list[_Spell]:
    """Return the times of work under one employment, oldest first."""
    spells: list[_Spell] = []
    for job in one.jobs:
        day = day_of(job, "startDate")
        if day is None:
            continue
        is_open = bool(spells) and spells[-1].last is None
        if job.get("emplStatus") in rules.ended:
            if is_open:
                spells[-1].last = max(_next(day, -1), spells[-1].hired)
        elif not is_open:
            spells.append(_Spell(day, None, one))
    hired, ended = day_of(one.row, "startDate"), day_of(one.row, "endDate")
    if not spells:
        return [_Spell(hired, ended and max(ended, hired), one)] if hired else []
    before = ""
    for spell in spells:
        # Jobs may begin later than the employment, or earlier: that decides.
        if hired and before < hired <= (spell.last or hired):
            spell.hired = hired
            break
        before = spell.last or ""
    if ended and ended >= spells[-1].hired:
        spells[-1].last = ended
    return spells


def _stays(spells: list[_Spell]) -> list[list[_Spell]]:
    """Return the spells that overlap together, oldest first."""
    stays: list[list[_Spell]] = []
    for spell in sorted(
        spells, key=lambda spell: (spell.hired, spell.of.row["userId"])
    ):
        end = _end(stays[-1]) if stays else ""
        if stays and (end is None or spell.hired <= end):
            stays[-1].append(spell)
        else:
            stays.append([spell])
    return stays


def _end(stay: Iterable[_Spell]) -> str | None:
    ends = [spell.last for spell in stay]
    return None if None in ends else max(filter(None, ends))


def _main(stay: list[_Spell], day: str, rules: Rules) -> _Spell | None:
    there = [spell for spell in stay if spell.covers(day)]
    if not there:
        return None
    rank = min(_rank(spell, rules) for spell in there)
    alike = [spell for spell in there if _rank(spell, rules) == rank]
    return alike[-1 if rules.latest else 0]


def _rank(spell: _Spell, rules: Rules) -> int:
    told = spell.of.row.get("assignmentClass") or rules.classes[0]
    return rules.classes.index(told) if told in rules.classes else len(rules.classes)


def _working(one: Employment, rules: Rules) -> list[Row]:
    """Return the jobs of which one holds on each day; of who only left, the end."""
    jobs = [job for job in one.jobs if job.get("emplStatus") not in rules.ended]
    return _by_day(jobs or one.jobs)


# -- managers -----------------------------------------------------------------------


def _manager(job: Row, rules: Rules, lookups: Lookups) -> str | None:
    told = job.get("managerId")
    if not isinstance(told, str) or not told or told in rules.no_manager:
        return None
    return lookups.person_of(told)


def _relations(one: Employment, day: str, lookups: Lookups) -> list[Row]:
    """Return the relationships of a day, each with the person it leads to."""
    found = []
    for row in one.relations:
        end = day_of(row, "endDate")
        user = row.get("relUserId")
        if (day_of(row, "startDate") or "") <= day <= (end or day) and user:
            found.append({**row, "personId": lookups.person_of(str(user))})
    return sorted(
        found, key=lambda row: (str(row.get("relationshipType")), str(row["relUserId"]))
    )
