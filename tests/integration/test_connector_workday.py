"""Workday: a company lives, is synced in between, and is known as it knew itself."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random

import pytest

from lrs.errors import LrsError
from lrs.services import Services
from tests.fakes.companies import founded, known, shown
from tests.fakes.server import Server, served
from tests.fakes.syncing import QUICK, Hris
from tests.fakes.workday import PASSWORD, Workday, tell
from tests.oracle.living_company import DAYS, START, Company

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "workday.toml").read_text()
STEPS = 16
HOUR = datetime.timedelta(hours=1)
PARTS = """
[source.partition]
prompt = "Company"
report = "ISU_LRS/LRS_Companies"
"""


def mapping(server: Server, more: str = "", tables: str = "") -> str:
    """The shipped mapping for a fake; a small company may lose many at once."""
    changed = SHIPPED.replace(
        'address = "https://workday.example/"',
        f'address = "{server.url}"\n{more}\n{QUICK}\n#',
    ).replace("timeout_seconds = 1800", "#")
    # Whom the company takes back was never there.
    changed = changed.replace('"terminate" ', '"retract" ')
    assert '"retract"  ' in changed
    valves = "\n[valves]\nmax_terminated_share = 1.0\nalways_allowed = 1000\n"
    return changed + tables + valves


class World:
    """A company, its Workday, and a source that takes it."""

    def __init__(self, company: Company, server: Server, hris: Hris) -> None:
        self.company, self.server, self.hris = company, server, hris
        workday = server.fake
        assert isinstance(workday, Workday)
        self.workday = workday

    def live(self, today: datetime.date, events: int) -> None:
        """Let things happen, and HR write them down."""
        at = datetime.datetime.combine(today, datetime.time(9), tzinfo=datetime.UTC)
        self.workday.now = max(self.workday.now + HOUR, at)
        for _ in range(events):
            self.company.live(today)
        for name in self.company.people:
            tell(self.workday, self.company, name)

    def compare(self, days: list[datetime.date]) -> None:
        for day in days:
            expected = known(self.company, day, lambda name: name)
            assert shown(self.hris.services, day) == expected, day


@pytest.fixture
def world(services: Services, tmp_path: Path):
    began = datetime.datetime.combine(START, datetime.time(9), tzinfo=datetime.UTC)
    with served(Workday(began, counts_all=False)) as server:
        hris = Hris(services, tmp_path / "hris", "workday", {"password": PASSWORD})
        hris.write(mapping(server, tables=PARTS))
        yield World(founded(7), server, hris)


def some_days(random: Random, today: datetime.date, number: int) -> list[datetime.date]:
    return [
        today + datetime.timedelta(days=random.randint(-DAYS // 2, 90))
        for _ in range(number)
    ]


def test_a_random_history_is_known_on_every_day_after_every_sync(world: World) -> None:
    random, whom = Random(3), set[str]()
    for step in range(STEPS):
        today = START + datetime.timedelta(days=30 + DAYS * step // STEPS)
        world.live(today, 8)
        # Whom a report no longer has no delta tells of: only everybody taken anew.
        gone = whom - set(world.workday.workers)
        whom = set(world.workday.workers)
        walk = world.hris.sync(take_all=bool(gone) or random.random() < 0.15)
        for _, result in walk.applied:
            assert result.set_aside == result.links_set_aside == 0
        world.compare([today, *some_days(random, today, 3)])
    world.compare(some_days(random, START + datetime.timedelta(days=DAYS), 25))
    before = world.hris.rows()
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed, result.missed) == (0, 0, 0)
    assert world.hris.rows() == before


def test_whatever_request_fails_the_repeated_run_ends_alike(world: World) -> None:
    """At each request in turn the system fails for good; the sync is repeated."""
    world.live(START + datetime.timedelta(days=60), 30)
    at = _until_it_goes_well(world, "503")
    assert at == 6  # the parts, the count, two parts, the count: none is left out
    world.compare([START + datetime.timedelta(days=60)])
    world.live(START + datetime.timedelta(days=90), 10)
    assert _until_it_goes_well(world, "cut") == 2
    world.compare([START + datetime.timedelta(days=90)])


def _until_it_goes_well(world: World, fault: str) -> int:
    before, cursor, at = world.hris.rows(), world.hris.cursor, 0
    while True:
        at += 1
        world.server.forget()
        for number in range(at, at + 3):  # all tries
            world.server.plan[number] = fault
        try:
            world.hris.sync()
        except LrsError:
            assert world.hris.rows() == before
            assert world.hris.cursor == cursor
            continue
        return at
