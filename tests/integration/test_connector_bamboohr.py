"""BambooHR: a company lives, is synced in between, and is known as it knew itself."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.workforce.connectors.checking import check
from lrs.errors import LrsError
from lrs.services import Services
from tests.fakes.bamboohr import KEY, Bamboo, number_of, tell
from tests.fakes.companies import founded, known, shown
from tests.fakes.server import Reply, Request, Server, served
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import DAYS, START, Company

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "bamboohr.toml").read_text()
STEPS = 14
EVENTS = 14
TABLES: dict[str, list[dict[str, Any]]] = {"jobInfo": [], "employmentStatus": []}
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


def test_who_is_deleted_there_makes_a_delta_take_everybody(world: World) -> None:
    today = START + datetime.timedelta(days=60)
    world.live(today, 24)
    world.hris.sync()
    [gone, *_] = sorted(one for one in world.bamboo.employees if one >= 1000)
    world.bamboo.now += HOUR
    world.bamboo.delete(gone)
    _, source, _ = world.hris.configured()
    [(_, result)] = world.hris.take(source).applied
    assert source.remarks == ["Everybody is taken: 1 employee was deleted there."]
    assert result.missed > 0
    assert str(gone) not in {person for person, _ in world.hris.rows()}
    assert world.hris.cursor is not None


def test_a_row_taken_out_of_a_table_holds_no_more_after_a_delta(world: World) -> None:
    world.live(START + datetime.timedelta(days=60), 24)
    world.hris.sync()
    one, known = next(
        (one, employee)
        for one, employee in world.bamboo.employees.items()
        if len(employee.tables["jobInfo"]) > 1
    )
    world.bamboo.now += HOUR
    days = {str(row["date"]) for row in known.tables["jobInfo"]}
    first = known.tables["jobInfo"][:1], known.tables["employmentStatus"][:1]
    world.bamboo.put(
        one, known.fields, {"jobInfo": first[0], "employmentStatus": first[1]}
    )
    [(_, result)] = world.hris.sync().applied
    assert (result.missed, result.terminated) == (len(days) - 1, 0)
    assert sum(person == str(one) for person, _ in world.hris.rows()) == 1


def test_many_changes_are_read_with_the_lists_and_come_to_the_same(
    world: World,
) -> None:
    world.live(START + datetime.timedelta(days=60), 24)
    world.hris.sync()
    world.bamboo.now += HOUR
    world.hris.write(mapping(world.server, "most_single = 0"))
    world.hris.sync()  # the mapping changed: everybody
    world.live(START + datetime.timedelta(days=90), 6)
    world.server.forget()
    [(_, result)] = world.hris.sync().applied
    assert result.read < len(world.hris.rows())
    asked = [request.path for request in world.server.asked]
    assert not [path for path in asked if re.search("employees/[0-9]", path)]
    world.compare([START + datetime.timedelta(days=90)])


def test_somebody_new_while_the_pages_are_read_lets_them_be_read_again(
    world: World,
) -> None:
    world.live(START + datetime.timedelta(days=60), 24)
    born: list[int] = []

    def move(number: int, _: Request) -> None:
        if number == 2:  # behind the first page
            world.company.live(START + datetime.timedelta(days=60))
            for name in world.company.people:
                tell(world.bamboo, world.company, name)
            world.bamboo.put(5000, dict(world.bamboo.employees[0].fields), TABLES)
            born.append(number)

    world.server.before = move
    _, source, _ = world.hris.configured()
    world.hris.take(source)
    assert born
    assert "Walk 1 over employees met other rows than are counted." in source.remarks
    assert ("5000", "2024-01-01") in world.hris.rows()


def test_of_two_with_one_name_nobody_is_taken_for_a_former_manager(
    world: World,
) -> None:
    world.bamboo.now += 400 * HOUR
    for one, name in ((1, "Ann"), (2, "Bo"), (3, "Bo"), (4, "Cy")):
        fields = {"displayName": name, "hireDate": "2024-01-01", "supervisorEId": "3"}
        jobs = [
            {"id": "1", "date": "2024-01-01", "department": "D", "reportsTo": "Bo"},
            {"id": "2", "date": "2024-01-05", "department": "D", "reportsTo": "Cy"},
            {"id": "3", "date": "2024-01-09", "department": "D", "reportsTo": "Bo"},
        ]
        world.bamboo.put(one, fields, {"jobInfo": jobs, "employmentStatus": []})
    world.hris.sync()
    rows = world.hris.rows()
    days = ("2024-01-01", "2024-01-05", "2024-01-09")
    assert [rows["1", day].get("manager_id") for day in days] == [None, "4", "3"]


def test_check_names_the_table_that_the_user_may_not_read(world: World) -> None:
    world.live(START + datetime.timedelta(days=60), 24)
    world.bamboo.forbidden = ("employmentStatus",)
    mapped, source, _ = world.hris.configured()
    found = [(finding.well, finding.text) for finding in check(source, mapped)]
    assert found[0] == (True, "The list of employees can be read")
    wrong = [text for well, text in found if well is False]
    assert wrong[0].startswith("The table employmentStatus cannot be read: bamboohr ")
    assert "give it the right" in wrong[0]
    world.bamboo.forbidden = ()
    found = [(finding.well, finding.text) for finding in check(source, mapped)]
    assert {well for well, _ in found} == {True, None}
    assert "employee.customJobLevel" in next(text for well, text in found if not well)


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"data": {}}, {"data": ["Ada"]}, {"data": [{"id": True}]}, b"{", b"<x/>"],
)
def test_an_answer_that_bamboohr_does_not_give_is_told(
    world: World, answer: object
) -> None:
    world.server.fake = lambda request: Reply(answer)
    with pytest.raises(LrsError) as caught:
        world.hris.sync()
    assert caught.value.message.startswith("bamboohr answers ")
    assert "Ada" not in caught.value.message
