"""A SuccessFactors of many people, each with three jobs one after another.

In: how many. Out: a fake that makes the rows of each page from numbers, and holds none.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, overload

from tests.fakes import successfactors
from tests.fakes.successfactors import OPTION_OF, Row

_SPAN = 200  # people below one manager
_DAYS = ("2020-01-01", "2022-03-01", "2024-05-01")
_NUMBER = re.compile(r"(?:personIdExternal|userId) eq '[Pu](\d+)'")


class _Rows(Sequence[Row]):
    """Rows of an entity, made when they are looked at."""

    def __init__(self, number: int, row: Callable[[int], Row]) -> None:
        self._number = number
        self._row = row

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [self._row(one) for one in range(*at.indices(self._number))]
        return self._row(at)


class LargeFactors(successfactors.Factors):
    """A SuccessFactors that makes its rows."""

    def __init__(self, people: int, now: datetime.datetime) -> None:
        super().__init__(now)
        self.people = people
        self.moved = 0
        units = [
            {"externalCode": f"{unit}{number}", "startDate": _DAYS[0], "name": "Unit"}
            for unit in "DE"
            for number in range(400)
        ]
        self.put("FODepartment", "", units)
        place = {"externalCode": "LON", "startDate": _DAYS[0], "timezone": "GMT"}
        self.put("FOLocation", "", [place])
        self.now += datetime.timedelta(days=1)

    def change(self, number: int) -> None:
        """Let the first people move, an hour later."""
        self.now += datetime.timedelta(hours=1)
        self.moved = number

    def _matching(self, entity: str, query: dict[str, str]) -> Any:
        if entity.startswith(("FO", "Pick")):
            return super()._matching(entity, query)
        asked = query.get("$filter", "")
        per = len(_DAYS) if entity == "EmpJob" else 1
        people: Sequence[int] = range(1, self.people + 1)
        if asked.startswith("lastModified"):
            people = range(1, self.moved + 1) if entity == "EmpJob" else ()
        elif asked:
            people = [int(found) for found in _NUMBER.findall(asked)]
        return _Rows(
            len(people) * per,
            lambda at: self._made(entity, people[at // per], at % per),
        )

    def _made(self, entity: str, one: int, at: int) -> Row:
        boss = one // _SPAN
        unit = "E" if one <= self.moved else "D"
        if entity == "EmpJob":
            return {
                "userId": f"u{one}",
                "startDate": _DAYS[at],
                "seqNumber": "1",
                "emplStatus": OPTION_OF["A"],
                "jobCode": f"J{(one + at) % 90}",
                "jobTitle": f"Job {(one + at) % 90}",
                "department": f"{unit}{(one + at) % 400}",
                "location": "LON",
                "costCenter": f"C{one % 100}",
                "managerId": f"u{boss}" if boss else "NO_MANAGER",
                "fte": "1",
                "hazard": False,
            }
        return {
            "personIdExternal": f"P{one}",
            "userId": f"u{one}",
            "startDate": _DAYS[0],
            "assignmentClass": "ST",
            "isContingentWorker": False,
            "perPersonUuid": f"{one:032x}",
            "firstName": "Ann",
            "lastName": f"Byron{one}",
            "emailType": "6001",
            "emailAddress": f"p{one}@example.com",
            "isPrimary": True,
        }
