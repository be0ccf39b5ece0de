"""BambooHR's tables of a person as rows of a history: one for each day of a change.

``jobInfo`` says where somebody stands from a date on, ``employmentStatus`` how, and
when an employment ended; a rehire is a status behind such an end, and moves the first
hire date to originalHireDate. In: an employee with the rows of both. Out: records with
``id``, ``date``, ``hireDate``, ``originalHireDate``, ``terminationDate`` (of the
employment that the row is in), ``managerId``, and below ``employee``, ``jobInfo`` and
``employmentStatus`` the fields as they stand there.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

NO_DAY = "0000-00-00"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a customer may have set otherwise.

    ``terminated`` are the statuses that end an employment; ``day_after``: their date is
    the first day without work, and not the last one with it.
    """

    terminated: Collection[str] = ("Terminated",)
    day_after: bool = False


@dataclass(slots=True)
class _Spell:
    hired: str
    last: str | None = None  # the last day of work

    def covers(self, day: str) -> bool:
        return self.hired <= day and (self.last is None or day <= self.last)


def history_of(
    employee: Row,
    jobs: list[Row],
    statuses: list[Row],
    rules: Rules,
    manager_of: Callable[[str], str | None],
    today: str,
) -> Iterator[Row]:
    """Yield the records of one employee, oldest first.

    ``manager_of`` returns the id behind the name of a manager, None where nobody or
    more than one is called so; who manages today is told by id (supervisorEId).
    """
    spells = _spells(employee, statuses, rules)
    jobs = _by_day(jobs)
    statuses = _by_day([row for row in statuses if not _ends(row, rules)])
    if not spells:
        return
    kept = {
        "id": str(employee.get("id", "")),
        "employee": employee,
        "originalHireDate": spells[0].hired,
    }
    days = {day_of(row) for row in (*jobs, *statuses)} - {None}
    rows: list[Row] = []
    for spell in spells:
        changes = {spell.hired, *(day for day in days if day and spell.covers(day))}
        for day in sorted(changes):
            rows.append(
                {
                    **kept,
                    "date": day,
                    "hireDate": spell.hired,
                    "terminationDate": spell.last,
                    "jobInfo": _in_force(jobs, day),
                    "employmentStatus": _in_force(statuses, day, spell.hired),
                }
            )
    current = max((row["date"] for row in rows if row["date"] <= today), default=None)
    for row in rows:
        named = row["jobInfo"].get("reportsTo")
        row["managerId"] = manager_of(named) if named else None
        if row["date"] == current:
            row["managerId"] = employee.get("supervisorEId") or row["managerId"]
        yield row


def day_of(row: Row, field: str = "date") -> str | None:
    """Return a day of BambooHR, None where it is empty or 0000-00-00."""
    value = row.get(field)
    if not isinstance(value, str) or not value.strip() or value.startswith(NO_DAY):
        return None
    return value[:10]


def _by_day(rows: list[Row]) -> list[Row]:
    """Return the rows with a day, in order; of those of one day the newest."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=_number):
        if day := day_of(row):
            found[day] = row
    return [found[day] for day in sorted(found)]


def _ends(row: Row, rules: Rules) -> bool:
    return row.get("employmentStatus") in rules.terminated


def _number(row: Row) -> tuple[int, str]:
    told = str(row.get("id") or "")[:18]
    return (int(told) if told.isascii() and told.isdigit() else 0), told


def _spells(employee: Row, statuses: list[Row], rules: Rules) -> list[_Spell]:
    """Return the employments, oldest first."""
    spells: list[_Spell] = []
    dated = [(day, _number(row), row) for row in statuses if (day := day_of(row))]
    for day, _, row in sorted(dated, key=lambda item: item[:2]):
        is_open = bool(spells) and spells[-1].last is None
        if _ends(row, rules):
            if is_open:
                spells[-1].last = max(_last(day, rules), spells[-1].hired)
        elif not is_open:
            if spells and (spells[-1].last or "") >= day > spells[-1].hired:
                spells[-1].last = _day_before(day)  # back on the day of the end
            spells.append(_Spell(day))
    hired, first = day_of(employee, "hireDate"), day_of(employee, "originalHireDate")
    if not spells:
        ended = day_of(employee, "terminationDate")
        return (
            [_Spell(hired, ended and max(_last(ended, rules), hired))] if hired else []
        )
    # The table may begin later than the employment, or earlier: then hireDate decides.
    if len(spells) > 1 and first and first <= (spells[0].last or first):
        spells[0].hired = first
    newest = spells[-1]
    before = spells[-2].last if len(spells) > 1 else None
    if hired and (before is None or hired > before):
        newest.hired = hired if newest.last is None else min(hired, newest.last)
    return spells


def _last(day: str, rules: Rules) -> str:
    return _day_before(day) if rules.day_after else day


def _day_before(day: str) -> str:
    try:
        before = datetime.date.fromisoformat(day) - datetime.timedelta(days=1)
    except ValueError:  # no day: the mapping will say so
        return day
    return before.isoformat()


def _in_force(rows: list[Row], day: str, since: str = "") -> Row:
    """Return the row that holds on a day; what begins later stands for what is not."""
    held: Row | None = None
    for row in rows:
        at = day_of(row) or ""
        if at < since:
            continue
        if held is None or at <= day:
            held = row
    return held or {}
