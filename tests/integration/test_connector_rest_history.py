"""A company lives behind a REST interface and is known as it knew itself."""

from __future__ import annotations

import datetime
from email.utils import format_datetime
from pathlib import Path
from random import Random

import pytest

from lrs.services import Services
from tests.fakes.companies import founded, known, shown
from tests.fakes.people import Interface
from tests.fakes.server import Reply, Request, served
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import DAYS, START, Row

pytestmark = pytest.mark.long

STEPS, EVENTS = 12, 8
ROOT = Path(__file__).parents[2]
CANONICAL = (ROOT / "config" / "hris" / "canonical.toml").read_text()
SOURCE = """
[source]
type = "rest"
address = "{url}"
path = "/v1/people"
records = "data.items"
id = ["employee_id", "effective_date"]
total = "data.total"
{quick}

[source.paging]
kind = "link"

[source.delta]
parameter = "since"
people_are_whole = true

[delivery]
mode = "full"
missing_person = "retract"
missing_row = "retract"

[valves]
max_terminated_share = 1.0
always_allowed = 1000
"""


class Living:
    """The interface over a company, with a clock of its own."""

    def __init__(self) -> None:
        self.company = founded(11)
        self.interface = Interface(kind="header", cap=9)
        self.now = datetime.datetime.now(datetime.UTC)
        self.told: dict[str, list[Row]] = {}
        self.changed: dict[str, str] = {}

    def __call__(self, request: Request) -> Reply:
        reply = self.interface(request)
        date = {"Date": format_datetime(self.now, usegmt=True)}
        return Reply(reply.content, reply.status, date | reply.headers)

    def live(self, today: datetime.date) -> bool:
        """Let things happen; tell whether somebody is gone, as no delta does."""
        self.now = datetime.datetime.combine(
            today, datetime.time(9), tzinfo=datetime.UTC
        )
        gone = False
        for _ in range(EVENTS):
            self.company.live(today)
        for name in self.company.people:
            rows = list(self.company.rows(name).values())
            if rows != self.told.get(name, []):
                self.told[name] = rows
                self.changed[name] = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
                gone = gone or not rows
        self.interface.rows = [
            row | {"changed": self.changed[name]}
            for name, rows in self.told.items()
            for row in rows
        ]
        return gone


def test_a_random_history_is_known_on_every_day_after_every_sync(
    services: Services, tmp_path: Path
) -> None:
    living, random, deltas = Living(), Random(5), 0
    with served(living) as server:
        hris = Hris(services, tmp_path / "hris")
        source = SOURCE.format(url=server.url, quick=QUICK)
        hris.write(CANONICAL.replace('"canonical"', '"acme"') + source)
        for step in range(STEPS):
            today = START + datetime.timedelta(days=30 + DAYS * step // STEPS)
            gone = living.live(today)
            for _, result in hris.sync(take_all=gone).applied:
                assert result.set_aside == result.managers_set_aside == 0
                deltas += result.read < len(living.interface.rows)
            for day in (today, today + datetime.timedelta(random.randint(-99, 60))):
                expected = known(living.company, day, forgets=False)
                assert shown(services, day) == expected, (step, day)
        assert deltas > 3
        [(_, result)] = hris.sync(take_all=True).applied
        assert (result.added, result.changed, result.missed) == (0, 0, 0)
