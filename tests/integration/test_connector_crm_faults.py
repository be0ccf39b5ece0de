"""Salesforce, HubSpot, Dynamics: every fault of the line, and fields that are odd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.errors import SetupError, Unavailable
from lrs.services import Services
from tests.fakes.crm_world import NUMBERS, SYSTEMS, World, a_world
from tests.fakes.server import PASSING

pytestmark = pytest.mark.long


@pytest.fixture(params=SYSTEMS)
def world(
    request: pytest.FixtureRequest, services: Services, tmp_path: Path
) -> Iterator[World]:
    """Nine contacts."""
    with a_world(request.param, services, tmp_path) as found:
        for _ in range(9):
            found.crm.add()
        yield found


def everybody(world: World) -> set[str]:
    return set(map(NUMBERS[world.system], world.crm.contacts))


def test_a_fault_that_passes_is_outlived(world: World) -> None:
    """Each of them in turn, and a token that ended."""
    for fault in [*PASSING, *(["401"] if world.system != "hubspot" else [])]:
        world.server.forget()
        world.server.fail(2, fault)
        world.hris.sync(take_all=True)
        assert world.server.plan == {}, fault
        assert world.hris.people() == everybody(world)


def test_a_refusal_says_what_to_do_and_shows_no_value(world: World) -> None:
    for fault in ("401", "403", "404"):
        world.server.forget()
        world.server.always = fault
        with pytest.raises(SetupError, match=f"{world.system} .*{fault}") as error:
            world.hris.sync()
        assert "Ada" not in error.value.message
    assert world.hris.rows() == {}


def test_a_time_out_ends_the_sync_in_time(world: World) -> None:
    world.server.always = "time-out"
    with pytest.raises(Unavailable, match="tried 3 times"):
        world.hris.sync()
    assert world.hris.rows() == {}


def test_an_unknown_field_is_let_be(world: World) -> None:
    world.crm.more = {"Birthdate": "1990-01-01", "birthdate": "1990-01-01"}
    world.hris.sync()
    assert world.hris.people() == everybody(world)
    assert not any("1990-01-01" in str(row) for row in world.hris.rows().values())


def test_a_circle_of_contacts_and_one_who_reports_to_nobody_lose_nobody(
    world: World,
) -> None:
    first, second, third, *_ = world.crm.contacts
    world.crm.above = {first: second, second: first, third: first}
    [(_, result)] = world.hris.sync().applied
    assert (result.set_aside, result.links_set_aside) == (0, 2)
    assert world.hris.people() == everybody(world)
    number = NUMBERS[world.system]
    managers = {who: row["manager_id"] for (who, _), row in world.hris.rows().items()}
    assert managers[number(first)] is managers[number(second)] is None
    assert managers[number(third)] == number(first)
