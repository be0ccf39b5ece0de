"""A company of tests.oracle.living_company, as HR keeps it in SuccessFactors.

A rehire is a new employment of some, and a job behind the end of the same one of
others. Some are on a global assignment beside, which decides nothing; some have a
matrix manager, and change jobs twice on a day.
"""

from __future__ import annotations

import datetime
from typing import Any

from tests.fakes.successfactors import OPTION_OF, Factors
from tests.oracle.living_company import Company, Person, Spell

ONE = datetime.timedelta(days=1)
EVER = "9999-12-31"
Row = dict[str, Any]


def tell_units(factors: Factors, company: Company) -> None:
    """Write the units with all days on which they moved."""
    for unit, parents in company.parents.items():
        rows = [
            {
                "externalCode": unit,
                "startDate": max(day, datetime.date(1990, 1, 1)).isoformat(),
                "name": f"Unit {unit}",
                "parent": parent,
            }
            for day, parent in sorted(parents.items())
        ]
        factors.put("FODepartment", unit, rows)


def tell(factors: Factors, company: Company, name: str) -> None:
    """Write somebody of a company."""
    person = company.people[name]
    number = sum(map(ord, name))
    again = person.style == "dated"  # a rehire is a new employment
    before = name in factors.unseen
    jobs: dict[str, list[Row]] = {}
    employments: list[Row] = []
    for at, spell in enumerate(person.spells):
        user = f"u{name}-{at}" if again else f"u{name}"
        rows = jobs.setdefault(user, [])
        rows += _jobs(company, person, user, spell, number)
        row = {
            "personIdExternal": name,
            "userId": user,
            "startDate": spell.hire.isoformat(),
            "endDate": spell.last.isoformat() if spell.last else None,
            "originalStartDate": person.spells[0].hire.isoformat(),
            "assignmentClass": "ST",
            "isContingentWorker": False,
        }
        if not again:
            employments.clear()
        employments.append(row)
    if person.spells and number % 4 == 0:
        spell = person.spells[-1]
        abroad = {"userId": f"g{name}", "assignmentClass": "GA"}
        employments.insert(0, employments[-1] | abroad)
        own = {"department": "ABROAD", "managerId": "uH0", "userId": f"g{name}"}
        jobs[f"g{name}"] = [
            row | own for row in _jobs(company, person, "", spell, 1)[:1]
        ]
    told = [
        factors.put("EmpEmployment", name, employments),
        factors.put("EmpJob", name, [row for rows in jobs.values() for row in rows]),
        factors.put("EmpJobRelationships", name, _related(jobs, number)),
        *(
            factors.put(entity, name, [row] if person.spells else [])
            for entity, row in (
                ("PerPerson", _is(name, perPersonUuid=f"uuid-{name}")),
                ("PerPersonal", _named(name, person)),
            )
        ),
        factors.put("PerEmail", name, _emails(name) if person.spells else []),
    ]
    if any(told) and not before:
        factors.unseen.discard(name)  # what was deleted is noticed with the rest


def _jobs(
    company: Company, person: Person, user: str, spell: Spell, number: int
) -> list[Row]:
    rows: list[Row] = []
    for day, stand in sorted(spell.changes.items()):
        leave = OPTION_OF["U" if number % 2 else "P"]
        row = {
            "userId": user,
            "startDate": day.isoformat(),
            "seqNumber": "2",
            "emplStatus": leave if stand.status == "leave" else OPTION_OF["A"],
            "jobCode": stand.job,
            "jobTitle": f"Title {stand.job}",
            "department": stand.unit,
            "location": "BER",
            "managerId": user_of(company, stand.manager),
            "fte": "1",
            "hazard": False,
        }
        if number % 3 == 0:  # twice on that day: the second holds
            rows.append(row | {"seqNumber": "1", "department": "FIRST"})
        rows.append(row)
    if spell.last:
        day = (spell.last + ONE).isoformat()
        ended = {"startDate": day, "seqNumber": "1", "emplStatus": OPTION_OF["T"]}
        rows.append(rows[-1] | ended)
    return rows


def user_of(company: Company, boss: str | None) -> str:
    """The user that stands as a manager."""
    if boss is None or not company.people[boss].spells:
        return "NO_MANAGER"
    if company.people[boss].style == "dated":
        return f"u{boss}-{len(company.people[boss].spells) - 1}"
    return f"u{boss}"


def _related(jobs: dict[str, list[Row]], number: int) -> list[Row]:
    if number % 5 or not jobs:
        return []
    [(user, rows), *_] = jobs.items()
    return [
        {
            "userId": user,
            "startDate": rows[0]["startDate"],
            "endDate": EVER,
            "relationshipType": kind,
            "relUserId": "uH0",
        }
        for kind in ("matrix manager", "hr manager")
    ]


def _is(name: str, **fields: Any) -> Row:
    return {"personIdExternal": name, **fields}


def _named(name: str, person: Person) -> Row:
    since = person.spells[0].hire.isoformat() if person.spells else ""
    last = person.name.split()[-1]
    return _is(name, startDate=since, endDate=EVER, firstName=name, lastName=last)


def _emails(name: str) -> list[Row]:
    own = f"{name.lower()}@home.example"
    work = f"{name.lower()}@example.com"
    return [
        _is(name, emailType="6002", emailAddress=own, isPrimary=True),
        _is(name, emailType="6001", emailAddress=work, isPrimary=False),
    ]
