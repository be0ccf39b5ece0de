"""Oracle HCM: a company lives, is synced in between, and is known as it was."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lrs.errors import SetupError, Unavailable
from lrs.services import Services
from tests.fakes.companies import founded as founded_company
from tests.fakes.living import BEGAN, HOUR, VALVES, Living
from tests.fakes.oracle_hcm import (
    PASSWORD,
    OracleHcm,
    number_of,
    number_of_assignment,
    person_id,
    tell,
    unit_of,
)
from tests.fakes.server import PASSING, served
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import DAYS, START

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "oracle_hcm.toml").read_text()
STEPS = 12
EVENTS = 6
ONE = datetime.timedelta(days=1)


def mapping(url: str, page_size: int = 7, more: str = "") -> str:
    """The shipped mapping for a fake; a small company may lose many at once."""
    changed = SHIPPED
    for there, here in (
        (
            'address = "https://oracle-hcm.example/"',
            f'address = "{url}"\npage_size = {page_size}\n{more}\n{QUICK}',
        ),
        ('"terminate" ', '"retract" '),  # whom the company takes back was never there
    ):
        assert there in changed
        changed = changed.replace(there, here)
    return changed + VALVES


@pytest.fixture
def world(services: Services, tmp_path: Path):
    oracle = OracleHcm(BEGAN)
    with served(oracle) as server:
        secrets = {"password": PASSWORD}
        hris = Hris(services, tmp_path / "hris", "oracle_hcm", secrets)
        hris.write(mapping(server.url))
        company = founded_company(7)
        yield Living(company, oracle, server, hris, tell, number_of, unit_of)


@pytest.fixture
def founded(world: Living) -> Living:
    """The nine heads of the company's beginning, in the fake, not yet taken."""
    world.live(START + 30 * ONE, 0)
    world.fake.now += 2 * HOUR
    return world


@pytest.mark.parametrize("xml", [True, False], ids=["xml", "json"])
def test_a_random_history_is_known_on_every_day_since_the_first_sync(
    world: Living, xml: bool
) -> None:
    random, world.fake.xml, took = Random(3), xml, []
    first = START + 30 * ONE
    for step in range(STEPS):
        today = first + datetime.timedelta(days=DAYS * step // STEPS)
        world.live(today, EVENTS)
        for _, result in world.hris.sync().applied:
            assert result.set_aside == result.links_set_aside == 0
            took.append(result.read)
        if random.random() < 0.2:
            world.hris.sync(take_all=True)
        past = first + ONE * random.randint(0, (today - first).days)
        world.compare([today, past])
    world.compare([first + ONE * random.randint(0, DAYS // 2) for _ in range(5)])
    [(_, result)] = world.hris.sync(take_all=True).applied
    before = world.hris.rows()
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed, result.missed) == (0, 0, 0)
    assert world.hris.rows() == before
    assert min(took) < result.read / 2  # some were deltas


def test_whichever_request_fails_the_repeated_run_ends_alike(world: Living) -> None:
    """At each request in turn the system fails for good, and the sync is repeated."""
    world.hris.write(mapping(world.server.url, 20))
    for day, fault in ((60, "503"), (90, "cut")):  # everybody, then what has changed
        today = START + datetime.timedelta(days=day)
        world.live(today, 12 if day == 60 else 2)
        standing, at = world.hris.rows(), 1
        while world.failing(at, fault, standing):
            at += 1
        assert at > (1 if day == 60 else 8)
        world.compare([today])


# -- rules that bite ----------------------------------------------------------------


def change(world: Living, name: str, **changed: Any) -> None:
    """Change the row of somebody's only assignment in the fake, and say so."""
    worker = world.fake.workers[person_id(name)]
    [relationship] = worker["workRelationships"]["items"]
    [row] = relationship["assignments"]["items"]
    rewrite(world, name, [row | changed])


def rewrite(world: Living, name: str, rows: list[Any], **changed: Any) -> None:
    worker = world.fake.workers[person_id(name)]
    [relationship] = worker["workRelationships"]["items"]
    made = relationship | {"assignments": {"items": rows}} | changed
    world.fake.put(worker | {"workRelationships": {"items": [made]}})


def rows_of(world: Living, name: str) -> dict[str, Any]:
    rows = world.hris.rows().items()
    return {key[1]: row for key, row in rows if key[0] == number_of(name)}


def row_of(world: Living, name: str) -> Any:
    worker = world.fake.workers[person_id(name)]
    [relationship] = worker["workRelationships"]["items"]
    return relationship["assignments"]["items"][0]


def test_of_several_rows_of_one_day_the_last_change_holds(founded: Living) -> None:
    world = founded
    row = row_of(world, "H5") | {"EffectiveEndDate": "2024-01-14"}
    day = row | {"EffectiveStartDate": "2024-01-15", "EffectiveEndDate": "4712-12-31"}
    rows = [
        day | {"EffectiveSequence": 3, "DepartmentName": "C"},
        day | {"EffectiveSequence": 1, "EffectiveLatestChange": "N", "JobCode": "A"},
        day | {"EffectiveSequence": 2, "EffectiveLatestChange": "N", "JobCode": "B"},
        row,
    ]
    world.hris.sync()
    world.fake.now += 2 * HOUR
    rewrite(world, "H5", rows)
    world.hris.sync()
    found = rows_of(world, "H5")
    assert sorted(found) == ["2024-01-01", "2024-01-15"]
    assert found["2024-01-01"]["org_unit_name"] == "U5"
    assert found["2024-01-15"]["org_unit_name"] == "C"


def test_a_corrected_row_leaves_nothing_of_the_former_one(founded: Living) -> None:
    """What was to hold from one day holds from an earlier one, also for a full sync."""
    world = founded
    row = row_of(world, "H5")

    def moved(day: str) -> list[Any]:
        before = row | {"EffectiveEndDate": day}
        return [before, row | {"EffectiveStartDate": day, "DepartmentName": "X"}]

    rewrite(world, "H5", moved("2024-01-20"))
    world.hris.sync()
    for full, day in ((False, "2024-01-10"), (True, "2024-01-05")):
        world.fake.now += 2 * HOUR
        rewrite(world, "H5", moved(day))
        world.hris.sync(take_all=full)
        assert sorted(rows_of(world, "H5"))[-1] == day


def test_several_work_relationships_are_one_person_and_the_primary_speaks(
    founded: Living,
) -> None:
    world = founded
    worker = world.fake.workers[person_id("H7")]
    [own] = worker["workRelationships"]["items"]
    [row] = own["assignments"]["items"]
    second = row | {
        "AssignmentId": 1,
        "AssignmentNumber": "E1",
        "EffectiveStartDate": "2024-01-15",
        "DepartmentName": "Side",
    }
    other = own | {
        "PeriodOfServiceId": 1,
        "PrimaryFlag": False,
        "StartDate": "2024-01-15",
        "WorkerType": "C",
        "assignments": {"items": [second]},
    }
    world.fake.put(worker | {"workRelationships": {"items": [other, own]}})
    world.hris.sync()
    assert world.hris.people() == {number_of(name) for name in world.company.people}
    found = rows_of(world, "H7")
    assert {row["org_unit_name"] for row in found.values()} == {"U7"}
    assert {row["hire_date"] for row in found.values()} == {"2024-01-01"}
    # The primary one ends: who has another one has not left.
    world.fake.now += 2 * HOUR
    gone = row | {
        "EffectiveStartDate": "2024-01-21",
        "AssignmentStatusTypeCode": "INACTIVE_PROCESS",
    }
    rows = [row | {"EffectiveEndDate": "2024-01-20"}, gone]
    ended = own | {"TerminationDate": "2024-01-20", "assignments": {"items": rows}}
    world.fake.put(worker | {"workRelationships": {"items": [other, ended]}})
    world.hris.sync()
    found = rows_of(world, "H7")
    assert found["2024-01-21"]["org_unit_name"] == "Side"
    assert {row["termination_date"] for row in found.values()} == {None}


def test_a_cancelled_work_relationship_takes_the_hire_back(founded: Living) -> None:
    world = founded
    world.hris.sync()
    world.fake.now += 2 * HOUR
    world.fake.cancel(person_id("H8"))
    [(_, result)] = world.hris.sync().applied
    assert result.read == 1
    assert rows_of(world, "H8") == {}
    assert number_of("H8") not in world.hris.people()


def test_changes_are_told_by_feeds_and_never_looked_for_in_workers(
    founded: Living,
) -> None:
    world = founded
    world.hris.sync()
    world.fake.now += 3 * HOUR
    world.server.forget()
    assert world.hris.sync().applied == []
    paths = [request.path for request in world.server.asked]
    assert not [path for path in paths if path.endswith("/workers")]
    kinds = [path.split("/")[-2] for path in paths]
    assert kinds == ["workstructures"] * 4 + ["employee"] * 6


def test_changed_work_structures_let_everybody_be_taken(founded: Living) -> None:
    world = founded
    world.hris.sync()
    world.fake.now += 3 * HOUR
    world.fake.restructure("organizations")
    world.fake.now += HOUR
    [(_, result)] = world.hris.sync().applied
    assert result.read == 9
    world.fake.now += 3 * HOUR
    assert world.hris.sync().applied == []


def test_what_changed_before_everybody_was_taken_is_told_with_its_history(
    founded: Living,
) -> None:
    """Everybody as of today has one row of each: the feeds still tell of the others."""
    world = founded
    world.hris.sync()
    world.fake.now += 10 * 24 * HOUR
    row = row_of(world, "H5")
    days = ["2024-01-01", "2024-02-03", "2024-02-07"]
    ends = ["2024-02-02", "2024-02-06", "4712-12-31"]
    rows = [
        row
        | {"EffectiveStartDate": day, "EffectiveEndDate": end, "DepartmentName": day}
        for day, end in zip(days, ends, strict=True)
    ]
    rewrite(world, "H5", rows)
    world.fake.now += 2 * HOUR
    world.hris.sync(take_all=True)
    assert sorted(rows_of(world, "H5")) == ["2024-01-01", "2024-02-07"]
    world.hris.sync()
    found = rows_of(world, "H5")
    assert sorted(found) == days
    assert all(row["org_unit_name"] == day for day, row in found.items())
    world.fake.now += 2 * HOUR
    assert world.hris.sync().applied == []


def test_of_too_many_that_changed_everybody_is_taken_once(founded: Living) -> None:
    world = founded
    world.hris.write(mapping(world.server.url, more="most_single = 1"))
    world.hris.sync()
    world.fake.now += 2 * HOUR
    for name in ("H6", "H7", "H8"):
        change(world, name, DepartmentName="X")
    [(_, result)] = world.hris.sync().applied
    assert result.read == 9
    assert {row["org_unit_name"] for row in rows_of(world, "H8").values()} == {"X"}
    for _ in range(2):
        world.fake.now += 2 * HOUR
        assert world.hris.sync().applied == []


def test_a_matrix_manager_a_null_one_and_a_circle_keep_nobody_out(
    founded: Living,
) -> None:
    world = founded

    def led(*pairs: tuple[str, str]) -> Any:
        return {
            "items": [
                {
                    "ManagerAssignmentNumber": number_of_assignment(boss, 0),
                    "ManagerType": kind,
                }
                for boss, kind in pairs
            ]
        }

    both = led(("H1", "PROJECT_MANAGER"), ("H3", "LINE_MANAGER"))
    change(world, "H8", managers=both)
    change(world, "H7", managers=None)
    change(world, "H6", managers=led(("H5", "LINE_MANAGER")))
    change(world, "H5", managers=led(("H6", "LINE_MANAGER")))
    change(world, "H4", managers=led(("H4", "LINE_MANAGER")))
    world.hris.sync()
    assert world.hris.people() == {number_of(name) for name in world.company.people}
    found = {key[0]: row["manager_id"] for key, row in world.hris.rows().items()}
    assert found[number_of("H8")] == number_of("H3")
    assert {found[number_of(one)] for one in ("H4", "H5", "H6", "H7")} == {None}


@pytest.mark.parametrize("counts", [True, False])
def test_rows_that_move_between_pages_are_noticed_and_nobody_is_lost(
    founded: Living, counts: bool
) -> None:
    world = founded
    world.fake.cap, world.fake.counts = 3, counts
    walks = []

    def drift(rows: list[Any], at: int) -> list[Any]:
        walks.append(at)
        return rows[1:] + rows[:1] if len(walks) == 2 else rows

    world.fake.shuffle = drift
    world.hris.sync()
    assert world.hris.people() == {number_of(name) for name in world.company.people}
    assert len(walks) > 5


def test_a_list_that_never_stands_still_takes_nothing(founded: Living) -> None:
    walks = []

    def drift(rows: list[Any], at: int) -> list[Any]:
        walks.extend([at] if not at else [])
        return rows[: len(walks)] + rows[len(walks) + 1 :]

    founded.fake.shuffle, founded.fake.counts = drift, False
    with pytest.raises(Unavailable, match="changed under all"):
        founded.hris.sync()
    assert founded.hris.rows() == {}


# -- bad answers --------------------------------------------------------------------


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_outlived(founded: Living, fault: str) -> None:
    founded.hris.sync()
    founded.fake.now += 2 * HOUR
    change(founded, "H8", DepartmentName="X")
    for at in (2, 7, 11):  # work structures, a feed of employees, a worker
        founded.server.fail(at, fault)
    founded.hris.sync()
    assert {row["org_unit_name"] for row in rows_of(founded, "H8").values()} == {"X"}


@pytest.mark.parametrize("fault", ["401", "403", "404"])
def test_a_refusal_says_what_to_do_and_shows_no_value(
    founded: Living, fault: str
) -> None:
    founded.server.fail(1, fault)
    with pytest.raises(SetupError, match=f"oracle_hcm .*status {fault}") as error:
        founded.hris.sync()
    assert "Ada" not in error.value.message
    assert founded.hris.rows() == {}


@pytest.mark.parametrize(
    "answer", [[], "text", {"items": {}}, {"items": [{"name": "Ada"}]}, {"items": [1]}]
)
def test_an_answer_of_another_form_is_refused_without_its_values(
    founded: Living, answer: Any
) -> None:
    fake = founded.server.fake

    def odd(request: Any) -> Any:
        reply = fake(request)
        is_list = request.path.endswith("/workers")
        return type(reply)(answer, 200, reply.headers) if is_list else reply

    founded.server.fake = odd
    with pytest.raises(SetupError, match="form that Oracle HCM does not") as error:
        founded.hris.sync()
    assert "Ada" not in error.value.message


def test_a_renamed_field_sets_records_aside_and_ends_nobody(founded: Living) -> None:
    world = founded
    world.hris.sync()
    worker = dict(world.fake.workers[person_id("H4")])
    worker["relationshipsOfWork"] = worker["workRelationships"]
    [own] = worker["workRelationships"]["items"]
    worker["workRelationships"] = {"items": [own | {"StartDate": ""}]}
    world.fake.workers[person_id("H4")] = worker | {"favouriteColour": "green"}
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.set_aside, result.terminated) == (1, 0)
    assert number_of("H4") in world.hris.people()
