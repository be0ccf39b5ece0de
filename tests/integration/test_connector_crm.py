"""Salesforce, HubSpot, Dynamics: customers who learn, as their system tells of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.workforce.connectors import hubspot
from lrs.errors import LrsError
from lrs.services import Services
from tests.fakes.crm_world import NUMBERS, START, SYSTEMS, World, a_world

pytestmark = pytest.mark.long


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
    for step in range(11):
        world.crm.now = START + datetime.timedelta(days=9 * step)
        for _ in range(60 if not step else 14):
            world.crm.live()
        gone = {one.id for one in world.crm.contacts.values() if one.deleted}
        take_all = random.random() < 0.25
        walk = world.hris.sync(take_all=take_all)
        for _, result in walk.applied:
            assert result.set_aside == result.links_set_aside == 0
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
