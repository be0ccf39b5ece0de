"""BambooHR: a company lives, is synced in between, and is known as it knew itself."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lrs.errors import LrsError
from lrs.services import Services
from tests.fakes.bamboohr import KEY, Bamboo, number_of, tell
from tests.fakes.companies import founded, known, shown
from tests.fakes.server import Server, served
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import DAYS, START, Company

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "bamboohr.toml").read_text()
STEPS = 14
EVENTS = 14
HOUR = datetime.timedelta(hours=1)


def mapping(server: Server, more: str = "") -> str:
    """The shipped mapping for a fake; a small company may lose many at once."""
    changed = SHIPPED.replace(
        'address = "https://bamboohr.example/api/v1"',
        f'address = "{server.url}/api/v1"\npage_size = 7\n{more}\n{QUICK}',
    )
    assert changed != SHIPPED
    # Whom the company takes back was never there.
    changed = changed.replace('"terminate" ', '"retract" ')
    assert '"retract"  ' in changed
    return changed + "\n[valves]\nmax_terminated_share = 1.0\nalways_allowed = 1000\n"


class World:
    """A company, its BambooHR, and a source that takes it."""

    def __init__(self, company: Company, server: Server, hris: Hris) -> None:
        self.company, self.server, self.hris = company, server, hris
        bamboo = server.fake
        assert isinstance(bamboo, Bamboo)
        self.bamboo = bamboo

    def live(self, today: datetime.date, events: int) -> None:
        """Let things happen, and HR write them down."""
        self.bamboo.now = max(
            self.bamboo.now + HOUR,
            datetime.datetime.combine(today, datetime.time(9), tzinfo=datetime.UTC),
        )
        for _ in range(events):
            self.company.live(today)
        for name in self.company.people:
            tell(self.bamboo, self.company, name)

    def expected(self, day: datetime.date) -> set[Any]:
        """What is known on a day: the unit of BambooHR is a division's department."""
        return {
            (one, f"Works / {unit}", *rest)
            for one, unit, *rest in known(
                self.company, day, lambda name: str(number_of(name))
            )
        }

    def compare(self, days: list[datetime.date]) -> None:
        for day in days:
            assert shown(self.hris.services, day) == self.expected(day), day


@pytest.fixture
def world(services: Services, tmp_path: Path):
    began = datetime.datetime.combine(START, datetime.time(9), tzinfo=datetime.UTC)
    with served(Bamboo(began)) as server:
        hris = Hris(services, tmp_path / "hris", "bamboohr", {"api_key": KEY})
        hris.write(mapping(server))
        yield World(founded(7), server, hris)


def some_days(random: Random, today: datetime.date, number: int) -> list[datetime.date]:
    return [
        today + datetime.timedelta(days=random.randint(-DAYS // 2, 90))
        for _ in range(number)
    ]


def test_a_random_history_is_known_on_every_day_after_every_sync(world: World) -> None:
    random = Random(3)
    took: list[int] = []
    for step in range(STEPS):
        today = START + datetime.timedelta(days=30 + DAYS * step // STEPS)
        world.live(today, EVENTS)
        walk = world.hris.sync(take_all=random.random() < 0.15)
        for _, result in walk.applied:
            assert result.set_aside == result.managers_set_aside == 0
            took.append(result.read)
        world.compare([today, *some_days(random, today, 1)])
    world.compare(some_days(random, START + datetime.timedelta(days=DAYS), 15))
    before = world.hris.rows()
    assert min(took) < len(before) / 4  # most were deltas
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed, result.missed) == (0, 0, 0)
    assert world.hris.rows() == before


def failing(world: World, at: int, fault: str, standing: Any) -> bool:
    """Sync while one request fails in all tries; tell whether it did."""
    world.server.forget()
    world.server.plan = dict.fromkeys(range(at, at + 3), fault)
    cursor = world.hris.cursor
    try:
        world.hris.sync()
    except LrsError:
        assert (world.hris.rows(), world.hris.cursor) == (standing, cursor)
        return True
    return False


def test_whichever_request_fails_the_repeated_run_ends_alike(world: World) -> None:
    """At each request in turn the system fails for good, and the sync is repeated."""
    for day, fault in ((60, "503"), (90, "cut")):  # everybody, then what has changed
        today = START + datetime.timedelta(days=day)
        world.live(today, 24)
        standing, at = world.hris.rows(), 1
        while failing(world, at, fault, standing):
            at += 1
        assert at > 4
        world.compare([today])
