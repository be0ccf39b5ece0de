"""Salesforce, HubSpot, Dynamics: customers who learn, and what employees have sold."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.workforce.connectors import hubspot
from lrs.errors import LrsError
from lrs.services import Services
from tests.fakes.companies import shown
from tests.fakes.crm import CLIENT, SECRET, TOKEN, Crm
from tests.fakes.dynamics import Dynamics
from tests.fakes.hubspot import HubSpot
from tests.fakes.salesforce import Salesforce
from tests.fakes.server import Server, served
from tests.fakes.syncing import QUICK, Hris

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
START = datetime.datetime(2025, 1, 7, 9, tzinfo=datetime.UTC)
SYSTEMS = ("salesforce", "hubspot", "dynamics")
NUMBERS: dict[str, Callable[[str], str]] = {
    "salesforce": lambda one: f"SF-{one}",
    "hubspot": lambda one: f"HS-{int(one.removeprefix('003')) + 1}",
    "dynamics": lambda one: f"D365-{one}",
}
BEFORE = {"salesforce": "SF", "hubspot": "HS", "dynamics": "D365"}
ADDRESSES = (
    "https://acme.my.salesforce.example",
    "https://api.hubapi.example",
    "https://acme.dynamics.example",
    "https://login.example",
)
CLIENTS = ("the consumer key of the connected app", "the application's id")


def mapping(name: str, url: str) -> str:
    """The shipped mapping of that name for a fake."""
    text = (ROOT / "config" / "hris" / f"{name}.toml").read_text()
    for address in ADDRESSES:
        text = text.replace(address, url)
    for client in CLIENTS:
        text = text.replace(client, CLIENT)
    text = text.replace("[source]\n", f"[source]\n{QUICK}\n", 1)
    if name in SYSTEMS:
        text += "\n[valves]\nmax_terminated_share = 1.0\nalways_allowed = 1000\n"
    return text


@dataclass
class World:
    """A CRM, the system that shows it, and a source that takes it."""

    system: str
    crm: Crm
    server: Server
    hris: Hris

    def expected(self) -> set[Any]:
        """Who is a customer, of which account, since when."""
        number, before = NUMBERS[self.system], BEFORE[self.system]
        return {
            (
                *(number(one.id), f"{before}-{one.account or 'NONE'}", None, None),
                *("active", one.made.date()),
            )
            for one in self.crm.living()
        }

    def known(self, day: datetime.date) -> set[Any]:
        return shown(self.hris.services, day)

    def compare(self, day: datetime.date, expected: set[Any], untold: set[str]) -> None:
        """Compare who is known on a day; of the ``untold`` nothing can be said."""
        assert {it for it in self.known(day) if it[0] not in untold} == expected, day


@contextmanager
def a_world(system: str, services: Services, folder: Path) -> Iterator[World]:
    crm = Crm(START, Random(11))
    for _ in range(4):
        crm.add_account()
    fakes = {"salesforce": Salesforce, "hubspot": HubSpot, "dynamics": Dynamics}
    fake: Any = fakes[system](crm)
    with served(fake) as server:
        if isinstance(fake, Dynamics):
            fake.url = server.url
        secrets = {"client_secret": SECRET, "token": TOKEN}
        hris = Hris(services, folder / "hris", system, secrets)
        text = mapping(system, server.url)
        if system == "hubspot":
            text = text.replace("[source]\n", "[source]\npage_size = 7\n", 1)
        hris.write(text)
        yield World(system, crm, server, hris)


@pytest.fixture(params=SYSTEMS)
def world(
    request: pytest.FixtureRequest,
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    monkeypatch.setattr(hubspot, "_MOST", 40)  # results of a search, as the fake has it
    with a_world(request.param, services, tmp_path) as found:
        yield found


def test_a_random_history_is_known_as_the_system_told_it(world: World) -> None:
    random, modes = Random(5), []
    snapshots: dict[datetime.date, tuple[set[Any], set[str]]] = {}
    # HubSpot tells of who is deleted with the next full list only.
    told, untold = set[str](), set[str]()
    for step in range(16):
        world.crm.now = START + datetime.timedelta(days=9 * step)
        for _ in range(60 if not step else 14):
            world.crm.live()
        gone = {one.id for one in world.crm.contacts.values() if one.deleted}
        take_all = random.random() < 0.25
        walk = world.hris.sync(take_all=take_all)
        for _, result in walk.applied:
            assert result.set_aside == result.managers_set_aside == 0
            modes.append(result.read)
        tomorrow = world.crm.now.date() + datetime.timedelta(days=1)
        if world.system == "hubspot":
            told = gone if take_all or not step else told
            untold = set(map(NUMBERS["hubspot"], gone - told))
        snapshots[tomorrow] = world.expected(), untold
        world.compare(tomorrow, *snapshots[tomorrow])
    for day, snapshot in snapshots.items():
        world.compare(day, *snapshot)
    assert min(modes) < len(world.crm.contacts) / 3  # there were deltas
    world.hris.sync(take_all=True)
    before = world.hris.rows()
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed) == (0, 0)
    assert world.hris.rows() == before


def test_whichever_request_fails_the_repeated_run_ends_alike(world: World) -> None:
    for fault in ("503", "truncated"):  # everybody, then what has changed
        world.crm.now += datetime.timedelta(days=9)
        for _ in range(25):
            world.crm.add() if fault == "503" else world.crm.live()
        standing, cursor, at = world.hris.rows(), world.hris.cursor, 1
        while True:
            world.server.forget()
            world.server.plan = dict.fromkeys(range(at, at + 3), fault)
            try:
                world.hris.sync()
            except LrsError:
                assert (world.hris.rows(), world.hris.cursor) == (standing, cursor)
                at += 1
            else:
                break
        assert at > 1
        world.server.forget()
        world.hris.sync(take_all=True)
        tomorrow = world.crm.now.date() + datetime.timedelta(days=1)
        assert world.known(tomorrow) == world.expected()


def test_a_new_owner_of_a_contact_takes_no_access_away(world: World) -> None:
    for _ in range(9):
        world.crm.add()
    world.hris.sync()
    before = world.hris.rows()
    for contact in world.crm.living():
        world.crm.change(contact.id, owner="OWNER-9")
    world.hris.sync()
    after = world.hris.rows()
    for (person, _), row in after.items():
        first = next(it for (who, _), it in before.items() if who == person)
        assert row["org_unit_id"] == first["org_unit_id"]
        assert row["status"] == "active"
        assert not row["termination_date"]
        assert "OWNER" not in str(row)


def test_who_moves_between_pages_is_neither_lost_nor_taken_twice(world: World) -> None:
    contacts = [world.crm.add() for _ in range(30)]
    moved = iter(contacts[3:9])

    def move(number: int, _: object) -> None:
        """While pages are read one of a former page goes, or is changed."""
        if number in (4, 6) and (one := next(moved, None)):
            world.crm.change(one.id, deleted=number == 4)

    world.server.before = move
    [(_, result)] = world.hris.sync().applied
    world.server.before = None
    assert result.set_aside == 0
    world.hris.sync(take_all=True)
    tomorrow = world.crm.now.date() + datetime.timedelta(days=1)
    assert world.known(tomorrow) == world.expected()


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_was_sold_is_summed_up_by_owner_and_month(
    system: str, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubspot, "_MOST", 10_000)
    with a_world(system, services, tmp_path) as world:
        if isinstance(world.server.fake, HubSpot):
            world.server.fake.most = 10_000
        world.crm.sell(120)
        hris = Hris(services, tmp_path / "hris", f"{system}_kpi", world.hris.secrets)
        text = mapping(f"{system}_kpi", world.server.url)
        text = text.replace('"71230001" = "E17", "71230002" = "E18"', "")
        hris.write(text.replace("values = {  }\nrefuse_other = true", ""))
        hris.sync()
        assert _figures(services) == world.crm.sold()
        world.crm.sell(30)
        lost = next(iter(world.crm.deals))
        del world.crm.deals[lost]
        hris.sync()
        for key, value in world.crm.sold().items():
            assert _figures(services)[key] == value


def _figures(services: Services) -> dict[tuple[str, str], Decimal]:
    found = {}
    for batch in services.analytics().ledger.rows("default", "kpi"):
        for row in batch:
            assert (row["metric"], row["unit"]) == ("sales_won", "EUR")
            value = Decimal(str(row["value"])).quantize(Decimal("0.01"))
            found[row["employee_id"], row["period_start"]] = value
    return found


def test_a_link_to_changes_that_is_too_old_takes_everybody(
    services: Services, tmp_path: Path
) -> None:
    with a_world("dynamics", services, tmp_path) as world:
        for _ in range(9):
            world.crm.add()
        world.hris.sync()
        assert isinstance(world.server.fake, Dynamics)
        world.server.fake.oldest = 99
        world.crm.change(world.crm.living()[0].id, account="00A0001")
        [(_, result)] = world.hris.sync().applied
        assert result.read >= 9


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_was_changed_all_at_one_moment_is_taken_whole(
    system: str, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk import: more of one moment than a search gives."""
    monkeypatch.setattr(hubspot, "_MOST", 40)
    with a_world(system, services, tmp_path) as world:
        for _ in range(150):
            one = world.crm.add()
            if 20 <= int(one.id.removeprefix("003")) < 120:
                world.crm.now -= datetime.timedelta(seconds=1)
        walk = world.hris.sync()
        [(_, result)] = walk.applied
        assert (result.set_aside, result.terminated) == (0, 0)
        tomorrow = world.crm.now.date() + datetime.timedelta(days=1)
        assert world.known(tomorrow) == world.expected()
