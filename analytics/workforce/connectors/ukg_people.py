"""UKG Pro's employments of a person as records: one person, however many companies.

Employments that overlap are one, under the hire date of the first; what was over before
the next began stays an employment of its own. Of those of today one speaks for the
person: the home company's, else the one that was hired last.

UKG tells how somebody stands today, and when that was last changed. So a record holds
from the day of the change; the state of the day on which we first asked holds from the
hire date on, since nothing else is known of the time before. In: rows of both lists.
Out: records with ``employeeID``, ``date``, ``hireDate``, ``originalHireDate``,
``terminationDate``, ``managerId``, ``companies``, and below ``person``,
``employment``, ``job``, ``location``, ``unit``, ``parentUnit`` (id, name) what stands
there.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from analytics.workforce.connectors.stays import stays

Row = dict[str, Any]
LEVELS = tuple(f"orgLevel{number}Code" for number in range(1, 5))
_TELLS = (
    *("date", "hireDate", "originalHireDate", "terminationDate", "managerId"),
    *("companies", "employment", "job", "location", "unit", "parentUnit"),
)
_FAR = "9999-12-31"
_LATE = datetime.timedelta(days=31)
_CODE = ("code", "orgLevelCode", "locationCode", "jobCode")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tenant has its own way of.

    ``levels`` are the fields that make the unit tree, from the top down; ``terminated``
    the status codes that end an employment.
    """

    levels: tuple[str, ...] = LEVELS
    terminated: Collection[str] = ("T",)


@dataclass(frozen=True, slots=True)
class Codes:
    """What codes mean: rows of the configuration by (level and) code."""

    levels: dict[tuple[str, str], Row]
    locations: dict[str, Row]
    jobs: dict[str, Row]

    @classmethod
    def of(cls, levels: list[Any], locations: list[Any], jobs: list[Any]) -> Codes:
        """Return them from the rows of the three lists."""
        return cls(
            {(value_of(row, "level"), _code(row)): row for row in levels},
            {_code(row): row for row in locations},
            {_code(row): row for row in jobs},
        )


def value_of(row: Any, name: str) -> str:
    """Return a field as text, "" where it is absent; UKG writes both ID and Id."""
    if not isinstance(row, dict):
        return ""
    value = row.get(name)
    if value is None and name not in row:
        wanted = name.lower()
        value = next((row[key] for key in row if key.lower() == wanted), None)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def records_of(
    one: str,
    people: list[Row],
    employments: list[Row],
    codes: Codes,
    rules: Rules,
    today: str,
    first: str,
) -> Iterator[Row]:
    """Yield the records of one person, oldest first.

    ``first`` is the day on which we first asked: what has not changed since then is
    also told from the hire date on, and so is what changed in the first weeks.
    """
    held = [_Employment.of(row, rules) for row in employments]
    spells = stays((item for item in held if item.hired), lambda item: item.company)
    if not spells:  # the mapping will say what it lacks, and nobody is ended for it
        known = {"employeeID": one, "person": _of_company(people, "")}
        yield dict.fromkeys(_TELLS) | known
        return
    after = [spell.hired for spell in spells[1:]] + [_FAR]
    for spell, following in zip(spells, after, strict=True):
        speaks = max(spell.held, key=lambda item: item.rank(today))
        person = _of_company(people, speaks.company)
        ended = None if spell.last == _FAR else spell.last
        speaking = held if following == _FAR else spell.held
        changed = (item.changed for item in speaking)
        day = min(max([*changed, _day(person, "dateTimeChanged")]), today)
        if not spell.hired < day < following:
            day = spell.hired  # what is over speaks only until the next begins
        record = {
            "employeeID": one,
            "hireDate": spell.hired,
            "originalHireDate": min([spells[0].hired, *_originals(held)]),
            "terminationDate": ended,
            "managerId": _manager(speaks.row, one),
            "companies": len({item.company for item in held}),
            "person": person,
            "employment": speaks.row,
            "job": codes.jobs.get(value_of(speaks.row, "primaryJobCode"), {}),
            "location": codes.locations.get(
                value_of(speaks.row, "primaryWorkLocationCode"), {}
            ),
            **_units(speaks.row, codes, rules),
        }
        if day > spell.hired and (day <= first or _is_new(spell.hired, day)):
            yield {**record, "date": spell.hired}
        yield {**record, "date": day}


def _is_new(hired: str, day: str) -> bool:
    """Tell whether a change is of the first weeks: a hire written down late."""
    try:
        since = datetime.date.fromisoformat(day) - datetime.date.fromisoformat(hired)
    except ValueError:  # no days: the mapping will say so
        return False
    return since <= _LATE


@dataclass(frozen=True, slots=True)
class _Employment:
    """One row of employment-details; days as text, "" where there is none."""

    row: Row
    company: str
    hired: str
    ended: str
    over: bool  # its status says so, whatever day it gives
    changed: str

    @classmethod
    def of(cls, row: Row, rules: Rules) -> _Employment:
        hired = _day(row, "lastHireDate") or _day(row, "originalHireDate")
        over = value_of(row, "employeeStatusCode") in rules.terminated
        ended = _day(row, "dateOfTermination")
        if ended < hired or not over:
            ended = ""  # of an employment before the last hire
        changed = _day(row, "dateTimeChanged")
        return cls(row, value_of(row, "companyID"), hired, ended, over, changed)

    @property
    def last(self) -> str:
        if self.over:
            return self.ended or max(self.changed, self.hired)
        return _FAR

    def rank(self, today: str) -> tuple[bool, bool, str, str]:
        home = value_of(self.row, "isHomeCompany").lower() in ("y", "yes", "true", "1")
        home |= self.row.get("isHomeCompany") is True
        here = self.hired <= today <= self.last
        return here, home, self.hired, self.company


def _originals(held: list[_Employment]) -> list[str]:
    days = (_day(item.row, "originalHireDate") for item in held)
    return [day for day in days if day]


def _units(row: Row, codes: Codes, rules: Rules) -> Row:
    """Return the unit and the one above it; ids are paths, since codes may repeat."""
    path: list[tuple[str, str]] = []
    for name in rules.levels:
        if code := value_of(row, name):
            level = name.removeprefix("orgLevel").removesuffix("Code")
            found = codes.levels.get((level, code), {})
            called = value_of(found, "description")
            if name == "companyCode":
                called = value_of(row, "companyName")
            path.append((code, called))
    if not path:
        path = [(value_of(row, "companyID"), value_of(row, "companyName"))]
    made: Row = {"unit": _unit(path)}
    if len(path) > 1:
        made["parentUnit"] = _unit(path[:-1])
    return made


def _unit(path: list[tuple[str, str]]) -> Row:
    return {"id": "/".join(code for code, _ in path), "name": path[-1][1]}


def _manager(row: Row, one: str) -> str | None:
    manager = value_of(row, "supervisorID")
    return manager if manager and manager != one else None


def _of_company(people: list[Row], company: str) -> Row:
    """Return the person as that company knows them, else as any does."""
    for row in people:
        if value_of(row, "companyID") == company:
            return row
    return people[0] if people else {}


def _code(row: Any) -> str:
    return next((code for name in _CODE if (code := value_of(row, name))), "")


def _day(row: Row, name: str) -> str:
    return value_of(row, name)[:10]
