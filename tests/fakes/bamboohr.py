"""BambooHR as its interface shows it: employees, tables, changes, as a company lives.

In: employees with fields and tables, changed at moments of a clock of its own. Out: the
answers of ``/api/v1`` that a connector asks for. ``tell`` makes an employee of a life
of tests.oracle.living_company.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from tests.fakes.server import Reply, Request
from tests.oracle.living_company import Company, Person

KEY = "bamboo-key-7"
_ONE = re.compile(r"/api/v1/employees/(\d+)(?:/tables/(\w+))?\Z")
_CHANGED = re.compile(r"/api/v1/employees/changed(?:/tables/(\w+))?\Z")
_ACCEPTS = "Basic YmFtYm9vLWtleS03Ong="  # bamboo-key-7:x
_EMPTY = "0000-00-00"


@dataclass
class Employee:
    """Somebody there: fields, rows of the tables, and when each was last changed."""

    fields: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]
    changed: dict[str, str] = field(default_factory=dict)  # moments, by table, or ""


@dataclass
class Bamboo:
    """One company's BambooHR; ``cap`` is the most employees of a page."""

    now: datetime.datetime
    employees: dict[int, Employee] = field(default_factory=dict)
    deleted: dict[int, str] = field(default_factory=dict)
    cap: int = 1_000
    forbidden: tuple[str, ...] = ()  # tables that the user may not read

    @property
    def stamp(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def put(
        self, one: int, fields: dict[str, Any], tables: dict[str, list[dict[str, Any]]]
    ) -> None:
        """Write an employee; what differs from before has changed now."""
        known = self.employees.get(one)
        changed = dict(known.changed) if known else {}
        if known is None or known.fields != fields:
            changed[""] = self.stamp
        for name, rows in tables.items():
            if known is None or known.tables.get(name) != rows:
                changed[name] = self.stamp
        self.employees[one] = Employee(fields, tables, changed)

    def delete(self, one: int) -> None:
        """Delete an employee, and say so from now on."""
        if self.employees.pop(one, None):
            self.deleted[one] = self.stamp

    # -- HTTP -----------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, dated | reply.headers)

    def _reply(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _ACCEPTS:
            return Reply(None, 401)
        if request.path == "/api/v1/employees":
            return self._list(request)
        if found := _CHANGED.match(request.path):
            since = request.query["since"]
            return self._table(found[1], since) if found[1] else self._changes(since)
        if found := _ONE.match(request.path):
            return self._one(int(found[1]), found[2], request)
        return Reply(None, 404)

    def _list(self, request: Request) -> Reply:
        size = min(int(request.query.get("page[limit]", "50")), self.cap)
        after = int(request.query.get("page[after]", "0"))
        names = request.query["fields"].split(",")
        ids = sorted(self.employees)
        rest = [one for one in ids if one > after] if after else ids
        page, more = rest[:size], len(rest) > size
        data = [self._shown(one, names) for one in page]
        following = {"nextCursor": str(page[-1])} if more else {"nextCursor": None}
        meta = {"total": len(ids), "page": {"limit": size, **following}}
        return Reply({"data": data, "meta": meta, "links": {}})

    def _shown(self, one: int, names: list[str]) -> dict[str, Any]:
        fields = self.employees[one].fields
        return {"id": str(one)} | {name: fields.get(name) for name in names}

    def _changes(self, since: str) -> Reply:
        found: dict[str, Any] = {}
        for one, moment in self.deleted.items():
            if moment >= since:
                found[str(one)] = {"id": str(one), "action": "Deleted"}
        for one, employee in self.employees.items():
            if (moment := max(employee.changed.values())) >= since:
                told = {"id": str(one), "action": "Updated", "lastChanged": moment}
                found[str(one)] = told
        # An empty object of PHP is an empty array.
        return Reply({"latest": self.stamp, "employees": found or []})

    def _table(self, name: str, since: str) -> Reply:
        if name in self.forbidden:
            return Reply(None, 403)
        found = {
            str(one): {"lastChanged": employee.changed[name], "rows": rows}
            for one, employee in self.employees.items()
            if employee.changed.get(name, "") >= since
            and (rows := employee.tables[name])
        }
        return Reply({"table": name, "employees": found or []})

    def _one(self, one: int, table: str | None, request: Request) -> Reply:
        if one not in self.employees:
            return Reply(None, 404)
        if table is None:
            return Reply(self._shown(one, request.query["fields"].split(",")))
        if table in self.forbidden:
            return Reply(None, 403)
        rows = self.employees[one].tables[table]
        return Reply([row | {"employeeId": str(one)} for row in rows])


def number_of(name: str) -> int:
    """The id of somebody of a company: H3 is 3, P3 is 1003."""
    return int(name[1:]) + (1000 if name.startswith("P") else 0)


def tell(bamboo: Bamboo, company: Company, name: str) -> None:
    """Write somebody of a company into BambooHR as HR would."""
    person, one = company.people[name], number_of(name)
    if not person.spells:
        bamboo.delete(one)
        return
    jobs: list[dict[str, Any]] = []
    statuses: list[dict[str, Any]] = []
    for spell in person.spells:
        for day, stand in sorted(spell.changes.items()):
            manager = company.people.get(stand.manager or "")
            jobs.append(
                {
                    "date": day.isoformat(),
                    "jobTitle": stand.job,
                    "department": stand.unit,
                    "division": "Works",
                    "location": "Lindon, Utah",
                    "reportsTo": called(manager) if manager else "",
                }
            )
            status = "Leave" if stand.status == "leave" else "Full-Time"
            statuses.append({"date": day.isoformat(), "employmentStatus": status})
        if spell.last:
            ended = {"date": spell.last.isoformat(), "employmentStatus": "Terminated"}
            statuses.append(ended)
    for rows in (jobs, statuses):
        for number, row in enumerate(rows):
            row["id"] = str(one * 100 + number)
    last = person.spells[-1]
    today = bamboo.now.date()
    stands = [stand for day, stand in sorted(last.changes.items()) if day <= today]
    boss = stands[-1].manager if stands else None
    known = boss in company.people and company.people[boss].spells
    again = len(person.spells) > 1
    fields = {
        "firstName": name,
        "lastName": person.name.split()[-1],
        "displayName": called(person),
        "workEmail": f"{name.lower()}@example.com",
        "hireDate": last.hire.isoformat(),
        "originalHireDate": person.spells[0].hire.isoformat() if again else _EMPTY,
        "terminationDate": last.last.isoformat() if last.last else _EMPTY,
        "supervisorEId": str(number_of(boss)) if boss and known else None,
        "standardHoursPerWeek": 40,
    }
    bamboo.put(one, fields, {"jobInfo": jobs, "employmentStatus": statuses})


def called(person: Person) -> str:
    """What BambooHR calls somebody."""
    return person.name
