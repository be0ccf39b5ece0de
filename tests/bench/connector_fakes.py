"""Large companies of the fakes: by system what serves them, and a mapping.

A new connector adds a line to LARGE: what makes the fake of so many people, which has
``change(number)``; the mapping with ``{url}`` in it; and the secrets.
"""

from __future__ import annotations

import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench import crm_fakes
from tests.bench.large_factors import LargeFactors
from tests.bench.large_workday import LargeWorkday
from tests.fakes import adp, bamboohr, oracle_hcm, successfactors, ukg, workday
from tests.fakes.certificates import PASSPHRASE
from tests.fakes.people import Interface, person
from tests.fakes.server import Request

ROOT = Path(__file__).parents[2]
_NOW = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
_SPAN = 200  # people below one manager


class Forgetful(list[Request]):
    """A server's memory that only counts: a benchmark asks too often."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    def append(self, _: Request) -> None:
        self._number += 1

    def __len__(self) -> int:
        return self._number


class LargeBamboo(bamboohr.Bamboo):
    """A BambooHR in which everybody has three rows of a history."""

    def __init__(self, people: int) -> None:
        super().__init__(_NOW - datetime.timedelta(days=1), cap=1000)
        for number in range(1, people + 1):
            self._put(number, "D")
        self.now = _NOW
        self._ids = sorted(self.employees)

    def change(self, number: int) -> None:
        """Let the first people be moved, an hour later."""
        self.now += datetime.timedelta(hours=1)
        for one in range(1, number + 1):
            self._put(one, "E")

    def _put(self, one: int, unit: str) -> None:
        boss = one // _SPAN
        days = ("2020-01-01", "2022-03-01", "2024-05-01")
        jobs = [
            {
                "id": str(at),
                "date": day,
                "jobTitle": f"Job {(one + at) % 90}",
                "department": f"{unit}{(one + at) % 400}",
                "division": "Works",
                "location": "London, UK",
                "reportsTo": f"Person {boss}",
            }
            for at, day in enumerate(days)
        ]
        fields = {
            "firstName": "Ann",
            "lastName": f"Byron{one}",
            "displayName": f"Person {one}",
            "hireDate": days[0],
            "workEmail": f"p{one}@example.com",
            "standardHoursPerWeek": 40,
            "supervisorEId": str(boss) if boss else None,
        }
        status = {"id": "1", "date": days[0], "employmentStatus": "Full-Time"}
        self.put(one, fields, {"jobInfo": jobs, "employmentStatus": [status]})


class LargeInterface(Interface):
    """A plain REST interface of so many people."""

    def __init__(self, people: int) -> None:
        super().__init__([person(one) for one in range(people)], "offset", cap=1000)

    def change(self, number: int) -> None:
        """Let the first people move."""
        for one in range(number):
            self.rows[one] |= {"unit": {"id": "U9"}, "changed": "2099-01-01"}


class LargeUkg(ukg.Ukg):
    """A UKG Pro of so many people in 400 units."""

    def __init__(self, people: int) -> None:
        super().__init__(_NOW - datetime.timedelta(days=30))
        for number in range(people):
            self._put(number, "D")
        self._sorted = {
            name: [row for _, row in sorted(rows.items())]
            for name, rows in self.rows.items()
        }
        self.now = _NOW

    def change(self, number: int) -> None:
        """Let the first people be moved."""
        for one in range(number):
            self._put(one, "E")
        self._sorted = {
            name: [row for _, row in sorted(rows.items())]
            for name, rows in self.rows.items()
        }

    def all(self, name: str) -> list[dict[str, Any]]:
        """The rows are in order already."""
        return self._sorted[name]

    def _put(self, one: int, unit: str) -> None:
        boss = one // _SPAN
        row = {
            "companyID": "C1",
            "employeeID": f"E{one:06}",
            "employeeNumber": f"N{one:06}",
            "employeeStatusCode": "A",
            "employeeTypeCode": "REG",
            "primaryJobCode": f"J{one % 90}",
            "orgLevel1Code": "US",
            "orgLevel2Code": f"{unit}{one % 400}",
            "primaryWorkLocationCode": "NYC",
            "originalHireDate": "2020-01-01T00:00:00",
            "lastHireDate": "2020-01-01T00:00:00",
            "dateOfTermination": None,
            "supervisorID": f"E{boss:06}" if boss != one else None,
            "scheduledFTE": 1,
        }
        self.put("employment-details", row["employeeID"], "C1", row)
        person = {
            "employeeId": row["employeeID"],
            "companyId": "C1",
            "firstName": "Ann",
            "lastName": f"Byron{one}",
            "emailAddress": f"p{one}@example.com",
        }
        self.put("person-details", row["employeeID"], "C1", person)


class LargeAdp(adp.Adp):
    """An ADP of so many workers; its queue is empty at first."""

    def __init__(self, people: int) -> None:
        super().__init__(_NOW, head=False)
        for number in range(people):
            self.put(self._worker(number, "D"))
        self.queue.clear()

    def change(self, number: int) -> None:
        """Let the first workers be moved, an hour later."""
        self.now += datetime.timedelta(hours=1)
        for one in range(number):
            self.put(self._worker(one, "E"))

    def _worker(self, one: int, unit: str) -> dict[str, Any]:
        boss = one // _SPAN
        assignment = {
            "itemID": f"{one}",
            "primaryIndicator": True,
            "hireDate": "2020-01-01",
            "actualStartDate": "2023-01-01",
            "jobCode": {"codeValue": f"J{one % 90}"},
            "assignmentStatus": {"statusCode": {"codeValue": "A"}},
            "homeOrganizationalUnits": [
                {
                    "nameCode": {"codeValue": f"{unit}{one % 400}"},
                    "typeCode": {"codeValue": "Department"},
                }
            ],
            "reportsTo": [{"associateOID": f"G{boss:06}"}],
        }
        return {
            "associateOID": f"G{one:06}",
            "workerID": {"idValue": f"N{one:06}"},
            "person": {"legalName": {"givenName": "Ann", "familyName1": f"B{one}"}},
            "workerDates": {"originalHireDate": "2020-01-01"},
            "workerStatus": {"statusCode": {"codeValue": "A"}},
            "businessCommunication": {"emails": [{"emailUri": f"p{one}@example.com"}]},
            "workAssignments": [assignment],
        }


class LargeOracle(oracle_hcm.OracleHcm):
    """An Oracle HCM of so many workers with two rows each, the last since 2023."""

    def __init__(self, people: int) -> None:
        super().__init__(_NOW - datetime.timedelta(days=1))
        for number in range(people):
            self.put(self._worker(number, "D"))
        self.entries.clear()
        self.now = _NOW
        self._as_of: dict[str, list[dict[str, Any]]] = {}

    def all(self, day: str) -> list[dict[str, Any]]:
        """They are made once for a day."""
        if day not in self._as_of:
            self._as_of[day] = super().all(day)
        return self._as_of[day]

    def change(self, number: int) -> None:
        """Let the first workers be moved, an hour later."""
        self._as_of.clear()
        self.now += datetime.timedelta(hours=1)
        for one in range(number):
            self.put(self._worker(one, "E"))

    def _worker(self, one: int, unit: str) -> dict[str, Any]:
        boss = one // _SPAN
        row = {
            "AssignmentId": one,
            "AssignmentNumber": f"E{one:06}",
            "EffectiveStartDate": "2020-01-01",
            "EffectiveEndDate": "2022-12-31",
            "EffectiveSequence": 1,
            "EffectiveLatestChange": "Y",
            "AssignmentStatusTypeCode": "ACTIVE_PROCESS",
            "PrimaryAssignmentFlag": True,
            "JobCode": f"J{one % 90}",
            "DepartmentName": f"{unit}{one % 400}",
            "BusinessUnitName": "Works",
            "managers": {
                "items": [
                    {
                        "ManagerAssignmentNumber": f"E{boss:06}",
                        "ManagerType": "LINE_MANAGER",
                    }
                ]
            },
        }
        later = {"EffectiveStartDate": "2023-01-01", "EffectiveEndDate": "4712-12-31"}
        relationship = {
            "PeriodOfServiceId": one,
            "PrimaryFlag": True,
            "WorkerType": "E",
            "StartDate": "2020-01-01",
            "TerminationDate": None,
            "assignments": {"items": [row, row | later]},
        }
        return {
            "PersonId": f"{one}",
            "PersonNumber": f"N{one:06}",
            "names": {"items": [{"FirstName": "Ann", "LastName": f"Byron{one}"}]},
            "emails": {"items": [{"EmailAddress": f"p{one}@example.com"}]},
            "workRelationships": {"items": [relationship]},
        }


def _shipped(name: str, address: str, more: str) -> str:
    """Return a mapping of config/hris for a fake."""
    text = (ROOT / "config" / "hris" / f"{name}.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("address = "))
    return text.replace(line, f'address = "{address}"\n{more}')


def _adp() -> str:
    """Return ADP's mapping; TLS costs a fake more than it costs who asks."""
    text = _shipped("adp", "{url}", "page_size = 1000")
    for there, here in (
        ("https://adp.example", "{url}"),
        ("11111111-2222-3333-4444-555555555555", adp.CLIENT),
        ("adp.pem", "client.pem"),
        ("adp.key", "client.key"),
    ):
        text = text.replace(there, here)
    return text


_REST = """
[fields]
number = "employee_id"
hired = "hire_date"
mail = "email"
boss = "manager_id"
"name.first" = "given_name"
"unit.id" = "org_unit_id"

[source]
type = "rest"
address = "{url}"
path = "/v1/people"
records = "data.items"
id = "number"
total = "data.total"

[source.paging]
kind = "offset"
parameter = "at"

[source.delta]
parameter = "since"
"""


def _crm(name: str, path: str) -> str:
    text = crm_fakes.mapped(_shipped(name, "{url}" + path, ""))
    line = next((it for it in text.splitlines() if it.startswith("token_url")), "")
    token = {"salesforce": "/services/oauth2/token"}.get(
        name, "/TENANT/oauth2/v2.0/token"
    )
    return text.replace(line, f'token_url = "{{url}}{token}"') if line else text


LARGE: dict[str, tuple[Any, str, dict[str, str]]] = {
    "rest": (LargeInterface, _REST, {}),
    "bamboohr": (
        LargeBamboo,
        _shipped("bamboohr", "{url}/api/v1", "page_size = 1000"),
        {"api_key": bamboohr.KEY},
    ),
    "workday": (
        partial(LargeWorkday, now=_NOW),
        _shipped("workday", "{url}", ""),
        {"password": workday.PASSWORD},
    ),
    "successfactors": (
        partial(LargeFactors, now=_NOW),
        _shipped("successfactors", "{url}/odata/v2", "every_minutes = 0"),
        {"password": successfactors.PASSWORD},
    ),
    "salesforce": (crm_fakes.salesforce, _crm("salesforce", ""), crm_fakes.SECRETS),
    "hubspot": (crm_fakes.hubspot, _crm("hubspot", ""), crm_fakes.SECRETS),
    "dynamics": (
        crm_fakes.dynamics,
        _crm("dynamics", "/api/data/v9.2"),
        crm_fakes.SECRETS,
    ),
    "ukg": (LargeUkg, _shipped("ukg", "{url}", "page_size = 1000"), ukg.SECRETS),
    "adp": (
        LargeAdp,
        _adp(),
        {"client_secret": adp.SECRET, "passphrase": PASSPHRASE},
    ),
    "oracle_hcm": (
        LargeOracle,
        _shipped("oracle_hcm", "{url}", "page_size = 500"),
        {"password": oracle_hcm.PASSWORD},
    ),
}
