"""Workday: the rules that bite, each by name."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from lrs.services import Services
from tests.integration.workday_world import DAY, World, opened_world, row


@pytest.fixture
def world(services: Services, tmp_path: Path):
    with opened_world(services, tmp_path / "hris") as found:
        yield found


def test_two_managers_never_make_two_people(world: World) -> None:
    """Neither as rows that differ only there, nor as several instances in one."""
    both = [row(Manager_Employee_ID=boss) for boss in ("E2", "E0")]
    world.workday.put("E1", both)
    instances = [{"Manager_Employee_ID": boss} for boss in ("E1", "E0")]
    world.workday.put("E2", [row("E2", Manager_Employee_ID=instances)])
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.added, result.set_aside) == (3, 3, 0)
    rows = world.hris.rows()
    assert rows["E1", DAY]["manager_id"] == "E0"
    assert rows["E2", DAY]["manager_id"] == "E1"
    both.reverse()
    world.workday.put("E1", [*both, both[0]])
    assert world.hris.sync().applied[0][1].changed == 0


def test_of_changes_of_one_day_the_greatest_sequence_holds(world: World) -> None:
    rows = [
        row(Effective_Date="2025-05-01", Sequence=10, Supervisory_Org_ID="LAST"),
        row(Effective_Date="2025-05-01", Sequence=9, Supervisory_Org_ID="FIRST"),
    ]
    world.workday.put("E1", [row(), *rows])
    [(_, result)] = world.hris.sync().applied
    assert result.set_aside == 0
    assert world.hris.rows()["E1", "2025-05-01"]["org_unit_id"] == "LAST"


def test_rows_of_one_day_that_contradict_each_other_are_set_aside(world: World) -> None:
    world.workday.put("E1", [row(), row(Supervisory_Org_ID="OTHER")])
    [(_, result)] = world.hris.sync().applied
    assert (result.added, result.set_aside) == (2, 2)


def test_a_row_that_took_effect_no_more_is_retracted_by_a_delta(world: World) -> None:
    world.workday.put("E1", [row(), row(Effective_Date="2025-01-01", On_Leave="1")])
    world.hris.sync()
    assert world.hris.rows()["E1", "2025-01-01"]["status"] == "leave"
    world.workday.now += datetime.timedelta(hours=1)
    world.workday.put("E1", [row()])
    [(_, result)] = world.hris.sync().applied
    assert result.read == 1
    assert {key for key in world.hris.rows() if key[0] == "E1"} == {("E1", DAY)}


def test_several_instances_and_flags_come_in_either_form(world: World) -> None:
    several = [{"Regulatory_Class": "Crane"}, {"Regulatory_Class": "FORKLIFT"}]
    world.workday.put("E1", [row(Regulatory_Class=several, On_Leave=True, FTE=0.5)])
    world.workday.put("E2", [row("E2", Regulatory_Class="Crane", On_Leave="1")])
    world.hris.sync()
    rows = world.hris.rows()
    assert rows["E1", DAY]["regulatory_classes"] == ["crane", "forklift"]
    assert (rows["E1", DAY]["status"], rows["E1", DAY]["fte"]) == ("leave", 0.5)
    assert rows["E2", DAY]["regulatory_classes"] == ["crane"]


def test_a_null_manager_and_a_circle_of_managers_lose_nobody(world: World) -> None:
    world.workday.put("E1", [row(Manager_Employee_ID="E2")])
    world.workday.put("E2", [row("E2", Manager_Employee_ID="E1")])
    [(_, result)] = world.hris.sync().applied
    assert result.links_set_aside > 0
    assert world.hris.people() == {"E0", "E1", "E2"}
    assert not world.hris.rows()["E0", DAY].get("manager_id")


def test_days_with_an_offset_are_days(world: World) -> None:
    world.workday.put("E1", [row(Hire_Date=f"{DAY}-08:00", Effective_Date=f"{DAY}Z")])
    world.hris.sync()
    assert world.hris.rows()["E1", DAY]["hire_date"] == DAY
