"""A few people of the workday fake, and a source that takes them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics.workforce.connectors.checking import check
from lrs.services import Services
from tests.fakes.server import Server, served
from tests.fakes.syncing import Hris
from tests.fakes.workday import PASSWORD, Row, Workday
from tests.integration.test_connector_workday import mapping

NOW = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
DAY = "2024-01-01"


def row(one: str = "E1", **changed: Any) -> Row:
    """What the report says of somebody since they came."""
    return {
        "Employee_ID": one,
        "Worker_WID": f"wid-{one}",
        "Effective_Date": DAY,
        "Sequence": 1,
        "Legal_Name_First_Name": "Ada",
        "Legal_Name_Last_Name": "Byron",
        "Email_Work": f"{one.lower()}@example.com",
        "Hire_Date": DAY,
        "Worker_Type": "Employee",
        "On_Leave": "0",
        "Supervisory_Org_ID": "U1",
        "Manager_Employee_ID": "E0",
    } | changed


class World:
    def __init__(self, server: Server, hris: Hris) -> None:
        self.server, self.hris = server, hris
        workday = server.fake
        assert isinstance(workday, Workday)
        self.workday = workday
        hris.write(mapping(server))

    def check(self) -> list[tuple[bool | None, str]]:
        found, source, _ = self.hris.configured()
        return [(finding.well, finding.text) for finding in check(source, found)]


@contextmanager
def opened_world(services: Services, folder: Path) -> Iterator[World]:
    """Open a world of a few people."""
    with served(Workday(NOW)) as server:
        hris = Hris(services, folder, "workday", {"password": PASSWORD})
        found = World(server, hris)
        found.workday.put("E0", [row("E0", Manager_Employee_ID=None)])
        found.workday.put("E1", [row()])
        found.workday.put("E2", [row("E2")], "ACME_US")
        found.workday.now += datetime.timedelta(hours=1)
        yield found
