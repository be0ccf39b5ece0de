"""SuccessFactors: the rules that bite, each by name."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from lrs.services import Services
from tests.fakes.successfactors import OPTION_OF, Row
from tests.integration.factors_world import (
    DAY,
    HOUR,
    T,
    U,
    World,
    employment,
    job,
    opened_world,
)
from tests.integration.test_connector_successfactors import mapping


@pytest.fixture
def world(services: Services, tmp_path: Path):
    with opened_world(services, tmp_path / "hris") as found:
        yield found


def test_matrix_managers_never_make_a_second_person_or_row(world: World) -> None:
    related = [
        {"userId": "u1", "startDate": DAY, "endDate": "9999-12-31"}
        | {"relationshipType": kind, "relUserId": boss}
        for kind, boss in (("hr", "u2"), ("matrix", "u3"), ("matrix", "u2"))
    ]
    world.factors.put("EmpJobRelationships", "E1", related)
    result = world.sync()
    assert (result.read, result.added, result.set_aside) == (4, 4, 0)
    assert world.of("E1")[DAY]["manager_id"] == "E0"
    matrix = """
[columns.manager_id]
first = ["EmpJobRelationships[relationshipType=hr].personId", "managerPersonId"]
"""
    told = mapping(world.server).replace('"managerPersonId" = "manager_id"', "#")
    world.hris.write(told + matrix)
    result = world.sync()
    assert (result.read, result.set_aside) == (4, 0)
    assert world.of("E1")[DAY]["manager_id"] == "E2"


def test_effective_dated_rows_are_taken_whole_and_each_from_its_day(
    world: World,
) -> None:
    names = [
        {"personIdExternal": "E1", "startDate": day, "lastName": name}
        for day, name in ((DAY, "Byron"), ("2025-02-01", "Lovelace"))
    ]
    world.factors.put("PerPersonal", "E1", names)
    jobs = [job("u1"), job("u1", "2024-06-01", department="LAB", location="BER")]
    jobs += [job("u1", "2027-01-01", department="FAR")]  # in the future
    world.factors.put("EmpJob", "E1", jobs)
    world.sync()
    rows = world.of("E1")
    assert {day: row["org_unit_id"] for day, row in rows.items()} == {
        DAY: "OPS",
        "2024-06-01": "LAB",
        "2025-02-01": "LAB",
        "2027-01-01": "FAR",
    }
    assert rows["2025-02-01"]["family_name"] == "Lovelace"
    assert rows["2024-06-01"]["location_time_zone"] == "Europe/Berlin"


def test_of_changes_of_one_day_the_greatest_sequence_number_holds(
    world: World,
) -> None:
    jobs = [
        job("u1", seqNumber=number, department=unit)
        for number, unit in (("10", "LAST"), ("9", "NINE"), ("1", "FIRST"))
    ]
    world.factors.put("EmpJob", "E1", jobs)
    assert world.sync().set_aside == 0
    assert {day: row["org_unit_id"] for day, row in world.of("E1").items()} == {
        DAY: "LAST"
    }


def test_an_end_and_a_rehire_on_the_next_day_are_two_stays(world: World) -> None:
    jobs = [job("u1"), job("u1", "2025-01-01", emplStatus=T)]
    jobs += [job("u1", "2025-01-01", seqNumber="2", department="NEW")]
    world.factors.put("EmpJob", "E1", jobs)
    world.sync()
    rows = world.of("E1")
    assert rows[DAY]["termination_date"] == "2024-12-31"
    assert rows["2025-01-01"]["hire_date"] == "2025-01-01"
    assert rows["2025-01-01"]["original_hire_date"] == DAY


def test_of_several_employments_the_main_one_decides_and_there_is_one_person(
    world: World,
) -> None:
    """A global assignment, and a second employment that goes on behind the first."""
    home = employment("E1", "u1", endDate="2025-12-31")
    abroad = employment("E1", "a1", "2024-03-01", assignmentClass="GA")
    second = employment("E1", "b1", "2024-09-01")
    jobs = [job("u1"), job("a1", "2024-03-01", department="ABROAD")]
    jobs += [job("b1", "2024-09-01", department="SECOND")]
    world.hire("E1", [abroad, second, home], jobs)
    world.sync()
    rows = world.of("E1")
    assert {row["org_unit_id"] for row in rows.values()} == {"OPS", "SECOND"}
    assert rows["2026-01-01"]["org_unit_id"] == "SECOND"
    assert {row["hire_date"] for row in rows.values()} == {DAY}
    assert len(world.hris.people()) == 4
    world.hris.write(mapping(world.server, 'main = "latest"'))
    world.sync()
    assert world.of("E1")["2024-09-01"]["org_unit_id"] == "SECOND"
    world.hris.write(mapping(world.server, 'assignment_classes = ["GA", "ST"]'))
    world.sync()
    assert world.of("E1")["2024-03-01"]["org_unit_id"] == "ABROAD"
    assert len(world.hris.people()) == 4


def test_a_manager_is_the_person_behind_whichever_user(world: World) -> None:
    """Also in a delta, which reads nothing of the manager but whose user that is."""
    both = [employment("E2", "u2"), employment("E2", "x2", "2024-05-01")]
    world.hire("E2", both, [job("u2"), job("x2", "2024-05-01")])
    world.sync()
    world.factors.put("EmpJob", "E1", [job("u1", managerId="x2")])
    assert world.sync().read == 1
    assert world.of("E1")[DAY]["manager_id"] == "E2"
    world.factors.put("EmpJob", "E1", [job("u1", managerId="nobody")])
    world.sync()
    assert not world.of("E1")[DAY].get("manager_id")


def test_a_null_manager_and_a_circle_of_managers_lose_nobody(world: World) -> None:
    world.factors.put("EmpJob", "E1", [job("u1", managerId="u2")])
    world.factors.put("EmpJob", "E2", [job("u2", managerId="u1")])
    world.factors.put("EmpJob", "E3", [job("u3", managerId=None)])
    result = world.sync()
    assert result.links_set_aside > 0
    assert world.hris.people() == {"E0", "E1", "E2", "E3"}


def test_status_codes_come_as_options_or_as_they_are(world: World) -> None:
    world.factors.put("EmpJob", "E1", [job("u1", emplStatus=U)])
    world.factors.put("EmpJob", "E2", [job("u2", emplStatus="P")])
    world.factors.put("EmpJob", "E3", [job("u3", emplStatus=OPTION_OF["X"])])
    assert world.sync().set_aside == 1  # nobody has said what X is
    assert world.of("E1")[DAY]["status"] == "leave"
    assert world.of("E2")[DAY]["status"] == "leave"
    assert world.of("E3") == {}


def test_what_is_said_in_lists_and_flags_comes_as_the_shipped_mapping_says(
    world: World,
) -> None:
    told = job("u1", hazard=True, customString1="Crane, FORKLIFT", fte="0.8")
    world.factors.put("EmpJob", "E1", [told | {"payGrade": "GR-7", "location": "BER"}])
    uuid = {"personIdExternal": "E1", "perPersonUuid": "uuid-1"}
    world.factors.put("PerPerson", "E1", [uuid])
    assert world.sync().set_aside == 0
    row = world.of("E1")[DAY]
    assert row["regulatory_classes"] == ["crane", "forklift", "hazard"]
    assert (row["fte"], row["job_level"]) == (0.8, "GR-7")
    assert row["org_unit_name"] == "Ops"
    assert len(row["identities"]) == 2


def test_a_change_of_any_entity_brings_the_whole_person(world: World) -> None:
    world.sync()
    mail = {
        "personIdExternal": "E1",
        "emailType": "6001",
        "emailAddress": "n@x.example",
    }
    changes: dict[str, list[Row]] = {
        "PerEmail": [mail],
        "PerPersonal": [
            {"personIdExternal": "E1", "startDate": DAY, "lastName": "New"}
        ],
        "EmpEmployment": [employment("E1", "u1", isContingentWorker=True)],
        "EmpJob": [job("u1", jobCode="J2")],
    }
    for entity, rows in changes.items():
        world.factors.put(entity, "E1", rows)
        result = world.sync()
        assert (result.read, result.changed) == (1, 1), entity
    row = world.of("E1")[DAY]
    assert (row["email"], row["family_name"], row["job_code"], row["worker_type"]) == (
        *("n@x.example", "New", "J2", "contractor"),
    )


def test_a_department_that_moved_brings_those_who_work_there(world: World) -> None:
    world.factors.put("EmpJob", "E3", [job("u3", department="LAB")])
    world.sync()
    moved = [
        {"externalCode": "OPS", "startDate": day, "name": "Ops", "parent": parent}
        for day, parent in ((DAY, "TOP"), ("2026-01-01", "SIDE"))
    ]
    world.factors.put("FODepartment", "OPS", moved)
    assert world.sync().read == 6
    assert world.of("E1")["2026-01-01"]["org_parent_id"] == "SIDE"
    assert set(world.of("E3")) == {DAY}


def test_what_was_deleted_is_repaired_when_everybody_is_taken(world: World) -> None:
    world.factors.put("EmpJob", "E1", [job("u1"), job("u1", "2025-01-01", fte="0.5")])
    world.sync()
    world.factors.put("EmpJob", "E1", [job("u1")])
    world.factors.put("EmpEmployment", "E2", [])
    assert world.hris.sync().applied == []  # no delta tells of it
    assert world.sync(take_all=True).missed > 0
    assert set(world.of("E1")) == {DAY}
    assert world.of("E2") == {}


def test_deltas_are_asked_no_more_often_than_every_hour(world: World) -> None:
    world.factors.now = datetime.datetime.now(datetime.UTC) + HOUR  # its clock
    world.hris.write(mapping(world.server, every="every_minutes = 60"))
    world.hris.sync()
    asked = world.server.number
    source = world.hris.configured()[1]
    assert world.hris.take(source).applied == []
    assert world.server.number == asked
    assert source.remarks == ["Asked less than 60 minutes ago: not asked again yet."]
    world.hris.write(mapping(world.server))
    world.hris.sync()
    world.hris.sync()
    assert world.server.number > asked
