"""SuccessFactors: a company lives, is synced in between, and is known as it was."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random

import pytest

from lrs.errors import LrsError
from lrs.services import Services
from tests.fakes.companies import founded, known, shown
from tests.fakes.factors_company import tell, tell_units
from tests.fakes.server import Server, served
from tests.fakes.successfactors import PASSWORD, Factors
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import DAYS, START, Company

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "successfactors.toml").read_text()
STEPS = 14
EVENTS = 12
HOUR = datetime.timedelta(hours=1)


def mapping(server: Server, more: str = "", every: str = "every_minutes = 0") -> str:
    """The shipped mapping for a fake; a small company may lose many at once."""
    more = f"{more}\n{every}"
    changed = SHIPPED.replace(
        'address = "https://successfactors.example/odata/v2"',
        f'address = "{server.url}/odata/v2"\n{more}\n{QUICK}\n#',
    )
    # Whom the company takes back was never there.
    changed = changed.replace('"terminate" ', '"retract" ')
    assert '"retract"  ' in changed
    return changed + "\n[valves]\nmax_terminated_share = 1.0\nalways_allowed = 1000\n"


class World:
    """A company, its SuccessFactors, and a source that takes it."""

    def __init__(self, company: Company, server: Server, hris: Hris) -> None:
        self.company, self.server, self.hris = company, server, hris
        factors = server.fake
        assert isinstance(factors, Factors)
        self.factors = factors

    def live(self, today: datetime.date, events: int) -> None:
        """Let things happen, and HR write them down."""
        at = datetime.datetime.combine(today, datetime.time(9), tzinfo=datetime.UTC)
        self.factors.now = max(self.factors.now + HOUR, at)
        for _ in range(events):
            self.company.live(today)
        tell_units(self.factors, self.company)
        for name in self.company.people:
            tell(self.factors, self.company, name)

    def compare(self, days: list[datetime.date]) -> None:
        for day in days:
            expected = known(self.company, day, lambda name: name)
            assert shown(self.hris.services, day) == expected, day


@pytest.fixture
def world(services: Services, tmp_path: Path):
    began = datetime.datetime.combine(START, datetime.time(9), tzinfo=datetime.UTC)
    with served(Factors(began)) as server:
        secrets = {"password": PASSWORD}
        hris = Hris(services, tmp_path / "hris", "successfactors", secrets)
        hris.write(mapping(server, "page_size = 25\nids_per_question = 7"))
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
        # What was deleted no delta tells: only everybody taken anew.
        take_all = bool(world.factors.unseen) or random.random() < 0.1
        world.factors.unseen.clear()
        walk = world.hris.sync(take_all=take_all)
        for _, result in walk.applied:
            assert result.set_aside == result.links_set_aside == 0
            took.append(result.read)
        world.compare([today, *some_days(random, today, 1)])
    world.compare(some_days(random, START + datetime.timedelta(days=DAYS), 15))
    before = world.hris.rows()
    assert min(took) < len(before) / 4  # some were deltas
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed, result.missed) == (0, 0, 0)
    assert world.hris.rows() == before


def test_whatever_request_fails_the_repeated_run_ends_alike(world: World) -> None:
    """At each request in turn the system fails for good; the sync is repeated."""
    world.live(START + datetime.timedelta(days=60), 25)
    assert _until_it_goes_well(world, "503") >= 12
    world.compare([START + datetime.timedelta(days=60)])
    world.live(START + datetime.timedelta(days=90), 4)
    assert _until_it_goes_well(world, "cut") > 16
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
