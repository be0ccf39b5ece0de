"""ADP's worker as records: one person, however many assignments and managers.

A worker has work assignments, former ones among them; those of one time are one
employment, and on each day the one speaks that ``primaryIndicator`` names, else the one
that began last. ADP tells since when an assignment and its status hold, and no more
of the time before: so a record holds from the hire, from the day an assignment began,
and from the day of its status. ``reportsTo`` may name several with no way to tell who
leads: the first of the configured relationships, else the first by their ids, always
the same.

In: a worker. Out: records with ``id``, ``date``, ``hireDate``, ``originalHireDate``,
``terminationDate``, ``managerId``, ``status`` (its code on that day), and below
``worker`` (what the mapping names), ``assignment``, ``custom``, ``unit``,
``parentUnit`` (id, name) what stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from analytics.workforce.connectors.stays import stays

Row = dict[str, Any]
Numbered = Callable[[str], str | None]
_TELLS = (
    *("date", "hireDate", "originalHireDate", "terminationDate", "managerId"),
    *("status", "assignment", "custom", "unit", "parentUnit"),
)
_FAR = "9999-12-31"
_FIELDS = ("stringFields", "codeFields", "indicatorFields", "numberFields")
_VALUES = ("stringValue", "codeValue", "indicatorValue", "numberValue")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a client of ADP has its own way of.

    ``units`` are the types of organizational units that make the tree, from the top
    down; ``relationships`` the codes of who leads, the first comes first;
    ``terminated`` the status codes that end an assignment; ``named`` what of a worker
    is kept.
    """

    units: tuple[str, ...]
    relationships: tuple[str, ...]
    terminated: Collection[str]
    named: frozenset[str]

    def ends(self, status: str) -> bool:
        """Tell whether a status code ends an assignment; spelled in any case."""
        return _plain(status) in {_plain(code) for code in self.terminated}


@dataclass(slots=True)
class Seen:
    """What somebody should know of the workers that were read."""

    several: set[str] = field(default_factory=set)  # who has several managers
    unknown: set[str] = field(default_factory=set)  # whose manager nobody knows

    def sentences(self) -> Iterator[str]:
        """Yield what to tell of it; no values."""
        if self.several:
            yield (
                f"{len(self.several)} report to more than one: the first by id was "
                "taken. Say by manager_relationships in [source] who leads."
            )
        if self.unknown:
            yield (
                f"{len(self.unknown)} report to a worker ID that is nobody's, or of "
                "several: they are without manager."
            )


def records_of(
    worker: Row, rules: Rules, numbered: Numbered, seen: Seen
) -> Iterator[Row]:
    """Yield the records of one worker, oldest first.

    ``numbered`` returns whose a worker ID is, for managers who are told by it alone.
    """
    one = text_at(worker, "associateOID")
    held = [item for item in _assignments(worker, rules) if item.hired]
    kept = {
        # All names: who lacks one is set aside alone, and not the whole delivery.
        **dict.fromkeys(_TELLS),
        "id": one,
        "worker": {name: worker.get(name) for name in sorted(rules.named)},
    }
    if not held:  # the mapping will say what it lacks, and nobody is ended for it
        yield kept
        return
    spells = stays(held, lambda item: item.begun)
    first = min(
        spells[0].hired, _day(worker, "workerDates", "originalHireDate") or _FAR
    )
    for spell in spells:
        days = {spell.hired}
        for item in spell.held:
            days |= {day for day in (item.begun, item.status_since) if day}
        for day in sorted(days):
            if not spell.hired <= day <= spell.last:
                continue
            speaks = max(spell.held, key=lambda item: item.rank(day))
            yield {
                **kept,
                "date": day,
                "hireDate": spell.hired,
                "originalHireDate": first,
                "terminationDate": None if spell.last == _FAR else spell.last,
                "managerId": _manager(speaks.row, one, rules, numbered, seen),
                "status": speaks.status_on(day, rules),
                "assignment": speaks.row,
                "custom": _custom(worker) | _custom(speaks.row),
                **_units(speaks.row, rules),
            }


def text_at(row: Any, *names: str) -> str:
    """Return a text below names, "" where there is none."""
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
    if isinstance(row, bool) or not isinstance(row, str | int):
        return ""
    return str(row).strip()


@dataclass(frozen=True, slots=True)
class _Assignment:
    """A work assignment; days as text, "" where none is told."""

    row: Row
    hired: str
    begun: str
    last: str
    status: str
    status_since: str

    def rank(self, day: str) -> tuple[bool, bool, str, str]:
        covers = self.begun <= day <= self.last
        primary = self.row.get("primaryIndicator") is True
        # What begins later comes last where none covers the day.
        return covers, primary, self.begun if covers else "", self._id

    def status_on(self, day: str, rules: Rules) -> str:
        """Return the status code of a day; of the time before nothing is known."""
        if self.status_since > day or rules.ends(self.status):
            return ""
        return self.status

    @property
    def _id(self) -> str:
        return text_at(self.row, "itemID") or text_at(self.row, "positionID")


def _assignments(worker: Row, rules: Rules) -> list[_Assignment]:
    rows = worker.get("workAssignments")
    rows = [row for row in rows if isinstance(row, dict)] if rows else []
    hired = _day(worker, "workerDates", "rehireDate")
    hired = hired or _day(worker, "workerDates", "originalHireDate")
    gone = rules.ends(text_at(worker, "workerStatus", "statusCode", "codeValue"))
    ended = _day(worker, "workerDates", "terminationDate")
    found = []
    for row in rows or [{}]:
        status = text_at(row, "assignmentStatus", "statusCode", "codeValue")
        since = _day(row, "assignmentStatus", "effectiveDate")
        own = _day(row, "hireDate") or hired
        begun = max(_day(row, "actualStartDate"), own)
        last = _day(row, "terminationDate")
        if not last and rules.ends(status):
            last = since
        if not last and (gone or rules.ends(status)):
            last = ended if ended >= own else begun
        last = max(last, own) if last else _FAR
        found.append(_Assignment(row, own, min(begun, last), last, status, since))
    return found


def _manager(
    row: Row, one: str, rules: Rules, numbered: Numbered, seen: Seen
) -> str | None:
    """Return who leads; two managers never make two people."""
    told = row.get("reportsTo")
    people: dict[str, int] = {}  # with the place of their relationship
    for item in told if isinstance(told, list) else [told]:
        boss = text_at(item, "associateOID")
        if not boss and (number := text_at(item, "workerID", "idValue")):
            boss = numbered(number) or ""
            if not boss:
                seen.unknown.add(one)
        if boss and boss != one:
            place = _place(item, rules)
            people[boss] = min(place, people.get(boss, place))
    if not people:
        return None
    first = min(people.values())
    leading = sorted(boss for boss, place in people.items() if place == first)
    if len(leading) > 1:
        seen.several.add(one)
    return leading[0]


def _place(item: Any, rules: Rules) -> int:
    """Return where the relationship stands among those of who leads."""
    codes = [
        text_at(item, "reportsToRelationshipCode", "codeValue"),
        text_at(item, "reportsToRelationshipCode", "shortName"),
        text_at(item, "reportsToRelationshipCode"),
    ]
    plain = {_plain(code) for code in codes if code}
    for place, wanted in enumerate(rules.relationships):
        if _plain(wanted) in plain:
            return place
    return len(rules.relationships)


def _units(row: Row, rules: Rules) -> Row:
    """Return the unit and the one above it; ids are paths, since codes may repeat."""
    units = row.get("homeOrganizationalUnits")
    units = units if isinstance(units, list) else []
    path: list[tuple[str, str]] = []
    for wanted in rules.units:
        found = [
            (code, text_at(unit, "nameCode", "longName") or _short(unit))
            for unit in units
            if _plain(wanted) in _types(unit)
            and (code := text_at(unit, "nameCode", "codeValue") or _short(unit))
        ]
        path += sorted(found)[:1]
    if not path:
        return {}
    made: Row = {"unit": _unit(path)}
    if len(path) > 1:
        made["parentUnit"] = _unit(path[:-1])
    return made


def _types(unit: Any) -> set[str]:
    names = ("codeValue", "shortName", "longName")
    return {_plain(text_at(unit, "typeCode", name)) for name in names}


def _short(unit: Any) -> str:
    return text_at(unit, "nameCode", "shortName")


def _unit(path: list[tuple[str, str]]) -> Row:
    return {"id": "/".join(code for code, _ in path), "name": path[-1][1]}


def _custom(row: Row) -> Row:
    """Return the custom fields by name: ADP has them in a list for each kind."""
    group = row.get("customFieldGroup")
    found: Row = {}
    for kind in _FIELDS:
        fields = group.get(kind) if isinstance(group, dict) else None
        for item in fields if isinstance(fields, list) else []:
            for name in ("shortName", "codeValue"):
                if called := text_at(item, "nameCode", name):
                    value = next((item[key] for key in _VALUES if key in item), None)
                    found[called] = value
    return found


def _plain(code: str) -> str:
    return "".join(code.lower().split())


def _day(row: Any, *names: str) -> str:
    return text_at(row, *names)[:10]
