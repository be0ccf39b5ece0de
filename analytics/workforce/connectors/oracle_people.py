"""Oracle HCM's worker as records: relationships, assignments, effective-dated rows.

Work relationships that overlap are one employment; on each day the assignment speaks
whose row holds, of the primary relationship, the primary one there. Of several rows of
one day the last change holds (EffectiveLatestChange, else the greatest
EffectiveSequence). 4712-12-31 is no end. A manager is told by assignment number.

In: a worker as of one day or several. Out: records with ``PersonId``, ``PersonNumber``,
``date``, ``hireDate``, ``originalHireDate``, ``terminationDate``, ``managerId``,
``managerNumber`` (PersonId and PersonNumber), and below ``worker``, ``name``,
``email``, ``relationship``, ``assignment``, ``measures`` (by unit) what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

Row = dict[str, Any]
FAR = "4712-12-31"
_TELLS = (
    *("date", "hireDate", "originalHireDate", "terminationDate", "managerId"),
    *("managerNumber", "rescinded", "relationship", "assignment", "measures"),
)
_BELOW = ("names", "emails", "workRelationships")


class Manager(NamedTuple):
    """Somebody who leads: PersonId and PersonNumber."""

    id: str
    number: str


Leaders = Callable[[str], Manager | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """``manager_types``: who leads; the first type that is there comes first."""

    manager_types: tuple[str, ...] = ("LINE_MANAGER",)


@dataclass(frozen=True, slots=True)
class _Slice:
    """A row of an assignment, with its relationship; days as text."""

    row: Row
    relationship: Row
    begins: str
    ends: str

    @property
    def rank(self) -> tuple[bool, bool, bool, str, int, str]:
        return (
            _is(self.relationship, "PrimaryFlag"),
            _is(self.row, "PrimaryAssignmentFlag") or _is(self.row, "PrimaryFlag"),
            text_of(self.row, "EffectiveLatestChange").upper() != "N",
            self.begins,
            _number(text_of(self.row, "EffectiveSequence")),
            text_of(self.row, "AssignmentNumber"),
        )


@dataclass(slots=True)
class _Spell:
    hired: str
    last: str
    ids: set[str]


def present_of(
    worker: Row, rules: Rules, leaders: Leaders, today: str, *, is_first: bool = True
) -> Iterator[Row]:
    """Yield what a worker as of today says: how they stand since the row began.

    ``is_first``: nothing is known of them, so also from the hire on, and what former
    employments there were.
    """
    slices, spells = _slices([worker]), _spells(worker)
    if not slices or not spells:
        yield kept_of(worker)  # the mapping will say what it lacks
        return
    begun = [spell for spell in spells if spell.hired <= today] or spells[:1]
    for spell in begun if is_first else begun[-1:]:
        day = min(today, spell.last) if spell.hired <= today else spell.hired
        speaks = _speaking(slices, spell, day)
        day = max(speaks.begins, spell.hired) if spell.last == FAR else spell.last
        if spell.last != FAR and spell.last >= today:
            day = min(max(speaks.begins, spell.hired), spell.last)
        for at in sorted({spell.hired, day} if is_first else {day}):
            yield _record(worker, speaks, spell, spells, at, rules, leaders)


def history_of(states: list[Row], rules: Rules, leaders: Leaders) -> Iterator[Row]:
    """Yield all rows of a worker; ``states`` begins with that of today."""
    worker = states[0]
    slices = _slices(states)
    spells = _spells(worker, *states[1:])
    if not slices or not spells:
        yield kept_of(worker)
        return
    for spell in spells:
        days = {spell.hired} | ({spell.last} if spell.last != FAR else set())
        for item in slices:
            if spell.hired <= item.begins <= spell.last:
                days.add(item.begins)
        for day in sorted(days):
            speaks = _speaking(slices, spell, day)
            yield _record(worker, speaks, spell, spells, day, rules, leaders)


def items_of(row: Any, name: str) -> list[Row]:
    """Return the children of a name: a list, or an object with items."""
    found = row.get(name) if isinstance(row, dict) else None
    if isinstance(found, dict):
        found = found.get("items")
    return [item for item in found or [] if isinstance(item, dict)]


def assignments_of(worker: Any) -> dict[str, Row]:
    """Return the assignments of a worker by their numbers, of each the last row."""
    return {
        number: row
        for relationship in items_of(worker, "workRelationships")
        for row in items_of(relationship, "assignments")
        if (number := text_of(row, "AssignmentNumber"))
    }


def text_of(row: Any, name: str) -> str:
    """Return a field as text, "" where there is none; numbers have no fraction."""
    value = row.get(name) if isinstance(row, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def _record(
    worker: Row,
    speaks: _Slice,
    spell: _Spell,
    spells: list[_Spell],
    day: str,
    rules: Rules,
    leaders: Leaders,
) -> Row:
    manager = _manager(worker, speaks.row, rules, leaders)
    measures = items_of(speaks.row, "workMeasures")
    hidden = ("assignments",)
    return {
        **kept_of(worker),
        "date": day,
        "hireDate": spell.hired,
        "originalHireDate": spells[0].hired,
        "terminationDate": None if spell.last == FAR else spell.last,
        "managerId": manager.id if manager else None,
        "managerNumber": manager.number if manager else None,
        "relationship": _but(speaks.relationship, hidden),
        "assignment": _but(speaks.row, ("managers", "workMeasures")),
        "measures": {text_of(item, "Unit"): item.get("Value") for item in measures},
    }


def kept_of(worker: Row) -> Row:
    """Return what a record has of a worker whatever the day, and nothing of one.

    All names are there: who lacks one is set aside alone, and not the whole delivery.
    """
    emails = items_of(worker, "emails")
    return {
        **dict.fromkeys(_TELLS),
        "PersonId": text_of(worker, "PersonId"),
        "PersonNumber": text_of(worker, "PersonNumber"),
        "worker": _but(worker, _BELOW),
        "name": next(iter(items_of(worker, "names")), {}),
        "email": max(
            emails,
            key=lambda item: (
                _is(item, "PrimaryFlag"),
                text_of(item, "EmailType") == "W1",
            ),
            default={},
        ),
    }


def _manager(worker: Row, row: Row, rules: Rules, leaders: Leaders) -> Manager | None:
    """Return who leads: of the first type that is there, the first by number."""
    told = [
        (text_of(item, "ManagerType"), number)
        for item in items_of(row, "managers")
        if (number := text_of(item, "ManagerAssignmentNumber"))
    ]
    for wanted in rules.manager_types:
        for _, number in sorted(item for item in told if item[0] == wanted):
            found = leaders(number)
            if found and found.id != text_of(worker, "PersonId"):
                return found
    return None


def _slices(states: list[Row]) -> list[_Slice]:
    """Return the rows of all assignments, each once."""
    found: dict[tuple[str, ...], _Slice] = {}
    for worker in states:
        for relationship in items_of(worker, "workRelationships"):
            for row in items_of(relationship, "assignments"):
                begins = _day(row, "EffectiveStartDate")
                ends = _day(row, "EffectiveEndDate") or FAR
                if begins:
                    names = ("AssignmentId", "AssignmentNumber", "EffectiveSequence")
                    key = (begins, *(text_of(row, name) for name in names))
                    found[key] = _Slice(row, relationship, begins, ends)
    return list(found.values())


def _spells(*states: Row) -> list[_Spell]:
    """Return the employments, relationships that overlap as one, oldest first."""
    held: dict[str, tuple[str, str, str]] = {}
    for worker in reversed(states):  # what is said today holds
        for item in items_of(worker, "workRelationships"):
            one, hired = text_of(item, "PeriodOfServiceId"), _day(item, "StartDate")
            last = _day(item, "TerminationDate") or FAR
            if hired:
                held[one or hired] = hired, min(max(last, hired), FAR), one
    spells: list[_Spell] = []
    for hired, last, one in sorted(held.values()):
        if spells and hired <= spells[-1].last:
            spells[-1].last = max(spells[-1].last, last)
            spells[-1].ids.add(one)
        else:
            spells.append(_Spell(hired, last, {one}))
    return spells


def _speaking(slices: list[_Slice], spell: _Spell, day: str) -> _Slice:
    """Return the row that speaks for somebody on a day, else the nearest."""

    def own(item: _Slice) -> bool:
        return text_of(item.relationship, "PeriodOfServiceId") in spell.ids

    def working(item: _Slice) -> bool:
        last = _day(item.relationship, "TerminationDate") or FAR
        return item.begins <= day <= min(item.ends, last)

    mine = [item for item in slices if own(item)] or slices
    if holding := [item for item in mine if working(item)]:
        return max(holding, key=lambda item: item.rank)
    return min(mine, key=lambda item: (item.begins, item.rank))


def _but(row: Row, names: tuple[str, ...]) -> Row:
    return {name: row[name] for name in row if name not in names and name != "links"}


def _is(row: Row, name: str) -> bool:
    return row.get(name) is True or text_of(row, name).upper() in ("Y", "TRUE")


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdigit() else 0


def _day(row: Row, name: str) -> str:
    return text_of(row, name)[:10]
