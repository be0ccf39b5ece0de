"""Large companies of the fakes: by system what serves them, and a mapping.

A new connector adds a line to LARGE: what makes the fake of so many people, which has
``change(number)``; the mapping with ``{url}`` in it; and the secrets.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from tests.fakes import bamboohr
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


def _shipped(name: str, address: str, more: str) -> str:
    """Return a mapping of config/hris for a fake."""
    text = (ROOT / "config" / "hris" / f"{name}.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("address = "))
    return text.replace(line, f'address = "{address}"\n{more}')


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

LARGE: dict[str, tuple[Any, str, dict[str, str]]] = {
    "rest": (LargeInterface, _REST, {}),
    "bamboohr": (
        LargeBamboo,
        _shipped("bamboohr", "{url}/api/v1", "page_size = 1000"),
        {"api_key": bamboohr.KEY},
    ),
}
