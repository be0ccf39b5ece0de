"""A few people of the successfactors fake, and a source that takes them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics.workforce.connectors.checking import check
from lrs.services import Services
from tests.fakes.server import Server, served
from tests.fakes.successfactors import OPTION_OF, PASSWORD, Factors, Row
from tests.fakes.syncing import Hris
from tests.integration.test_connector_successfactors import mapping

NOW = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = "2024-01-01"
A, T, U = (OPTION_OF[code] for code in "ATU")


def job(user: str, since: str = DAY, **changed: Any) -> Row:
    """What a job says."""
    return {
        "userId": user,
        "startDate": since,
        "seqNumber": "1",
        "emplStatus": A,
        "jobCode": "J1",
        "department": "OPS",
        "managerId": "u0",
    } | changed


def employment(who: str, user: str, since: str = DAY, **changed: Any) -> Row:
    """What an employment says."""
    fixed = {"personIdExternal": who, "userId": user, "startDate": since}
    return fixed | {"assignmentClass": "ST"} | changed


class World:
    def __init__(self, server: Server, hris: Hris) -> None:
        self.server, self.hris = server, hris
        factors = server.fake
        assert isinstance(factors, Factors)
        self.factors = factors

    def hire(
        self, who: str, employments: list[Row] | None = None, jobs: Any = None
    ) -> None:
        """Write somebody: E1 is the user u1."""
        user = f"u{who[1:]}"
        self.factors.put("PerPerson", who, [{"personIdExternal": who}])
        name = {"personIdExternal": who, "startDate": DAY, "firstName": f"N{who}"}
        self.factors.put("PerPersonal", who, [name | {"lastName": "Byron"}])
        mail = {"personIdExternal": who, "emailType": "6001", "isPrimary": True}
        mail |= {"emailAddress": f"{who.lower()}@example.com"}
        self.factors.put("PerEmail", who, [mail])
        found = employments or [employment(who, user)]
        self.factors.put("EmpEmployment", who, found)
        self.factors.put("EmpJob", who, jobs or [job(user)])

    def sync(self, *, take_all: bool = False) -> Any:
        """Take what there is, an hour later."""
        self.factors.now += HOUR
        [(_, result)] = self.hris.sync(take_all=take_all).applied
        self.factors.now += HOUR
        return result

    def of(self, who: str) -> dict[str, dict[str, Any]]:
        """The rows of somebody by day."""
        return {day: row for (one, day), row in self.hris.rows().items() if one == who}

    def check(self) -> list[tuple[bool | None, str]]:
        found, source, _ = self.hris.configured()
        return [(finding.well, finding.text) for finding in check(source, found)]


@contextmanager
def opened_world(services: Services, folder: Path) -> Iterator[World]:
    """Open a world of a few people."""
    with served(Factors(NOW)) as server:
        secrets = {"password": PASSWORD}
        hris = Hris(services, folder, "successfactors", secrets)
        found = World(server, hris)
        hris.write(mapping(server, "page_size = 3"))
        unit = {"externalCode": "OPS", "startDate": DAY, "name": "Ops", "parent": "TOP"}
        found.factors.put("FODepartment", "OPS", [unit])
        zone = {"externalCode": "BER", "startDate": DAY, "timezone": "CET"}
        found.factors.put("FOLocation", "BER", [zone])
        for who in ("E0", "E1", "E2", "E3"):
            found.hire(who)
        found.factors.put("EmpJob", "E0", [job("u0", managerId="NO_MANAGER")])
        yield found
