"""UKG Pro as its interface shows it: bare arrays, paged, people as they stand today.

In: employments and people, changed at moments of a clock of its own. Out: the answers
of ``/personnel/v1`` and ``/configuration/v1`` that a connector asks for. ``tell`` makes
somebody of a life of tests.oracle.living_company; a company stands in region, division
and unit: three of the four levels.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from tests.fakes.server import Reply, Request
from tests.oracle.living_company import UNITS, Company, Spell

USER, PASSWORD, KEY = "workforce-lrs", "ukg-pass-7", "ukg-key-7"
SECRETS = {"password": PASSWORD, "api_key": KEY}
_BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_FILTERS = ("dateTimeChanged", "lastHireDate")
Row = dict[str, Any]
Shuffle = Callable[[list[Row], int], list[Row]]


@dataclass
class Ukg:
    """One tenant. ``cap`` is the most rows of a page, whatever is asked for."""

    now: datetime.datetime
    rows: dict[str, dict[tuple[str, str], Row]] = field(
        default_factory=lambda: {"employment-details": {}, "person-details": {}}
    )
    cap: int = 1_000
    forbidden: tuple[str, ...] = ()  # last parts of paths
    shuffle: Shuffle = lambda rows, page: rows

    def put(self, of: str, one: str, company: str, fields: Row) -> None:
        """Write a row; what differs from before has changed now."""
        known = self.rows[of].get((one, company))
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S.000")
        if known and {**known, "dateTimeChanged": ""} == {
            **fields,
            "dateTimeChanged": "",
        }:
            return
        self.rows[of][one, company] = {**fields, "dateTimeChanged": stamp}

    def delete(self, one: str) -> None:
        """Take somebody off, without a trace."""
        for rows in self.rows.values():
            for key in [key for key in rows if key[0] == one]:
                del rows[key]

    def all(self, name: str) -> list[Row]:
        """The rows of a list, in their order."""
        return [row for _, row in sorted(self.rows[name].items())]

    # -- HTTP -----------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        reply = self._reply(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, dated | reply.headers)

    def _reply(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _BASIC:
            return Reply(None, 401)
        if request.headers.get("us-customer-api-key") != KEY:
            return Reply({"error": "Api key not authorized"}, 401)
        folder, _, name = request.path.rpartition("/")
        if name in self.forbidden:
            return Reply(None, 403)
        if folder == "/configuration/v1" and name in _STRUCTURES:
            return Reply(_STRUCTURES[name])
        if folder == "/personnel/v1" and name in self.rows:
            return self._page(name, request.query)
        return Reply(None, 404)

    def _page(self, name: str, query: dict[str, str]) -> Reply:
        rows = self.all(name)
        if one := query.get("employeeId"):
            id_ = "employeeID" if name == "employment-details" else "employeeId"
            rows = [row for row in rows if row[id_] == one]
        for filter_ in _FILTERS:
            if told := query.get(filter_):
                if not told.startswith(">="):
                    return Reply({"error": "bad operator"}, 400)
                month, day, year = told[2:].split("-")
                since = f"{year}-{month}-{day}"
                rows = [row for row in rows if row[filter_][:10] >= since]
        page, size = int(query["page"]), min(int(query["per_Page"]), self.cap)
        rows = self.shuffle(rows, page)
        return Reply(rows[(page - 1) * size : page * size])


_STRUCTURES: dict[str, list[Row]] = {
    "org-levels": [
        {"level": 1, "code": "US", "description": "United States", "isActive": True},
        {"level": 2, "code": "W", "description": "Works", "isActive": True},
        *(
            {"level": 3, "code": unit, "description": f"Unit {unit}", "isActive": True}
            for unit in UNITS
        ),
    ],
    "locations": [{"locationCode": "NYC", "description": "New York"}],
    "jobs": [
        {"jobCode": f"J{number}", "title": f"Job {number}", "jobGroupCode": "G1"}
        for number in range(5)
    ],
}


def unit_of(unit: str) -> str:
    """What a unit of the company is called after it was taken from UKG."""
    return f"US/W/{unit}"


def tell(ukg: Ukg, company: Company, name: str) -> None:
    """Write somebody of a company into UKG, as they stand today."""
    person, today = company.people[name], ukg.now.date()
    if not person.spells:
        ukg.delete(name)
        return
    # The newest employment that has begun, else the one to come.
    begun = [spell for spell in person.spells if spell.hire <= today]
    spell = begun[-1] if begun else person.spells[0]
    ukg.put("employment-details", name, "C1", employment(company, name, spell, today))
    ukg.put(
        "person-details",
        *(name, "C1"),
        {
            "employeeId": name,
            "companyId": "C1",
            "firstName": name,
            "lastName": person.name.split()[-1],
            "preferredName": None,
            "emailAddress": f"{name.lower()}@example.com",
        },
    )


def employment(company: Company, name: str, spell: Spell, today: datetime.date) -> Row:
    """An employment as employment-details has it."""
    day = min(max(today, spell.hire), spell.last or datetime.date.max)
    stand = spell.stand(day)
    boss = stand.manager
    known = boss is not None and bool(company.people[boss].spells)
    over = spell.last is not None and spell.last < today
    status = "L" if stand.status == "leave" else "A"
    return {
        "companyID": "C1",
        "companyCode": "MAIN",
        "companyName": "Main Works",
        "employeeID": name,
        "employeeNumber": f"00{name}",
        "employeeStatusCode": "T" if over else status,
        "employeeTypeCode": "REG",
        "primaryJobCode": stand.job,
        "jobDescription": f"Works as {stand.job}",
        "orgLevel1Code": "US",
        "orgLevel2Code": "W",
        "orgLevel3Code": stand.unit,
        "orgLevel4Code": "",
        "primaryWorkLocationCode": "NYC",
        "originalHireDate": _moment(company.people[name].spells[0].hire),
        "lastHireDate": _moment(spell.hire),
        "dateOfTermination": _moment(spell.last) if over and spell.last else None,
        "supervisorID": boss if known else None,
        "scheduledFTE": 1.0,
    }


def _moment(day: datetime.date) -> str:
    return f"{day.isoformat()}T00:00:00"
