"""UKG Pro: a company lives, is synced in between, and is known as it stands today."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lrs.errors import LrsError, SetupError, Unavailable
from lrs.services import Services
from tests.fakes.living import BEGAN, VALVES, Living, Present
from tests.fakes.server import PASSING, served
from tests.fakes.syncing import QUICK, Hris
from tests.fakes.ukg import SECRETS, Ukg, tell, unit_of
from tests.oracle.living_company import DAYS, START

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "ukg.toml").read_text()
STEPS = 12
EVENTS = 12
ONE = datetime.timedelta(days=1)


def mapping(url: str, page_size: int = 7) -> str:
    """The shipped mapping for a fake; a small company may lose many at once."""
    changed = SHIPPED.replace(
        'address = "https://ukg.example/"',
        f'address = "{url}"\npage_size = {page_size}\n{QUICK}',
    )
    assert changed != SHIPPED
    return changed + VALVES


@pytest.fixture
def world(services: Services, tmp_path: Path):
    ukg = Ukg(BEGAN)
    with served(ukg) as server:
        hris = Hris(services, tmp_path / "hris", "ukg", dict(SECRETS))
        hris.write(mapping(server.url))
        company = Present.founded(Random(7))
        yield Living(company, ukg, server, hris, tell, unit=unit_of)


def test_a_random_history_is_known_on_its_day_after_every_sync(world: Living) -> None:
    random, took = Random(3), []
    void: set[str] = set()
    for step in range(STEPS):
        today = START + datetime.timedelta(days=30 + DAYS * step // STEPS)
        world.live(today, EVENTS)
        full = random.random() < 0.2
        walk = world.hris.sync(take_all=full)
        for _, result in walk.applied:
            assert result.set_aside == result.links_set_aside == 0
            took.append(result.read)
        # No change tells that somebody is no longer there: everybody does.
        void = set() if full else void | world.void()
        world.compare([today], but=frozenset(void))
    world.hris.sync(take_all=True)
    world.compare([today])
    before = world.hris.rows()
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed, result.missed) == (0, 0, 0)
    assert world.hris.rows() == before
    assert min(took) < result.read / 2  # some were deltas


def test_what_stood_before_a_change_still_stands_there(world: Living) -> None:
    """UKG tells today only; what it told before is kept for the days before."""
    today = START + 30 * ONE
    world.live(today, 0)
    world.hris.sync()
    row = world.fake.rows["employment-details"]["H5", "C1"]
    world.fake.now += 40 * ONE
    world.fake.put("employment-details", "H5", "C1", row | {"orgLevel3Code": "U0"})
    world.hris.sync()
    rows = world.hris.rows()
    assert rows["H5", START.isoformat()]["org_unit_id"] == "US/W/U5"
    assert rows["H5", (today + 40 * ONE).isoformat()]["org_unit_id"] == "US/W/U0"


def test_whichever_request_fails_the_repeated_run_ends_alike(world: Living) -> None:
    """At each request in turn the system fails for good, and the sync is repeated."""
    world.hris.write(mapping(world.server.url, 20))
    for day, fault in ((60, "503"), (90, "cut")):  # everybody, then what has changed
        today = START + datetime.timedelta(days=day)
        world.live(today, 16)
        standing, at = world.hris.rows(), 1
        while world.failing(at, fault, standing):
            at += 1
        assert at > 4
        world.compare([today], but=frozenset(world.void()))


# -- rules that bite ----------------------------------------------------------------


def told(world: Living, one: str, company: str = "C1", **changed: Any) -> None:
    """Somebody of the fake, changed, perhaps in another company."""
    rows = world.fake.rows["employment-details"]
    world.fake.put(
        *("employment-details", one, company),
        rows[one, "C1"] | {"companyID": company} | changed,
    )


@pytest.fixture
def founded(world: Living) -> Living:
    """The nine heads of the company's beginning, in the fake, not yet taken."""
    world.live(START + 30 * ONE, 0)
    return world


def test_several_employments_of_one_person_are_one_person(founded: Living) -> None:
    world = founded
    told(world, "H3", isHomeCompany="Y")
    moved = {"lastHireDate": "2024-01-20T00:00:00", "orgLevel3Code": "U8"}
    told(world, "H3", "C2", isHomeCompany="N", supervisorID="H0", **moved)
    world.hris.sync()
    assert world.hris.people() == set(world.company.people)
    mine = {key: row for key, row in world.hris.rows().items() if key[0] == "H3"}
    assert {row["org_unit_id"] for row in mine.values()} == {"US/W/U3"}
    assert {row["hire_date"] for row in mine.values()} == {"2024-01-01"}
    # The home company ends: who stays in the other one has not left.
    world.fake.now += 20 * ONE
    ended = world.fake.now.date() - 2 * ONE
    told(world, "H3", employeeStatusCode="T", dateOfTermination=ended.isoformat())
    world.hris.sync()
    day = world.fake.now.date().isoformat()
    row = world.hris.rows()["H3", day]
    assert (row["org_unit_id"], row["manager_id"]) == ("US/W/U8", "H0")
    assert row["termination_date"] is None
    assert row["hire_date"] == "2024-01-01"


def test_an_employment_that_ended_before_the_next_began_is_its_own(
    founded: Living,
) -> None:
    world = founded
    told(
        *(world, "H3"),
        employeeStatusCode="T",
        dateOfTermination="2024-01-10T00:00:00",
    )
    told(world, "H3", "C2", lastHireDate="2024-01-20T00:00:00")
    world.hris.sync()
    mine = {key[1]: row for key, row in world.hris.rows().items() if key[0] == "H3"}
    assert mine["2024-01-01"]["termination_date"] == "2024-01-10"
    assert mine["2024-01-20"]["hire_date"] == "2024-01-20"
    assert mine["2024-01-20"]["original_hire_date"] == "2024-01-01"


def test_a_null_manager_and_a_circle_of_managers_keep_nobody_out(
    founded: Living,
) -> None:
    world = founded
    told(world, "H3", supervisorID="H4")
    told(world, "H4", supervisorID="H3")
    told(world, "H5", supervisorID=None)
    told(world, "H6", supervisorID="H6")
    [(_, result)] = world.hris.sync().applied
    assert world.hris.people() == set(world.company.people)
    assert result.links_set_aside > 0
    bosses = {key[0]: row["manager_id"] for key, row in world.hris.rows().items()}
    assert bosses["H5"] is None
    assert bosses["H6"] is None
    assert "H3" not in (bosses["H4"], bosses["H3"])


def test_employee_types_are_the_tenants_own_by_the_mapping(founded: Living) -> None:
    world = founded
    told(world, "H3", employeeTypeCode="CON")
    told(world, "H4", employeeTypeCode="SEASONAL 7")
    world.hris.sync()
    types = {key[0]: row["worker_type"] for key, row in world.hris.rows().items()}
    assert (types["H3"], types["H4"]) == ("contractor", "employee")


def test_rows_that_move_between_pages_are_noticed_and_nobody_is_lost(
    founded: Living,
) -> None:
    """On the first walk somebody comes twice and somebody else never."""
    world = founded
    world.fake.cap = 3
    walks = []

    def drift(rows: list[Any], page: int) -> list[Any]:
        walks.append(page)
        return rows[1:] + rows[:1] if len(walks) == 2 else rows

    world.fake.shuffle = drift
    world.hris.sync()
    assert world.hris.people() == set(world.company.people)
    assert world.server.number > 15


def test_a_list_that_never_stands_still_takes_nothing(founded: Living) -> None:
    world = founded
    calls = []

    def drift(rows: list[Any], page: int) -> list[Any]:
        calls.append(page)
        return rows[len(calls) % 5 :]

    world.fake.shuffle = drift
    with pytest.raises(Unavailable, match="changed under all"):
        world.hris.sync()
    assert world.hris.rows() == {}


def test_who_was_missed_by_deltas_is_repaired_by_a_full_sync(founded: Living) -> None:
    world = founded
    world.hris.sync()
    world.fake.delete("H8")
    world.hris.sync()
    assert "H8" in world.hris.people()
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert result.terminated == 1
    assert "H8" not in world.hris.people()


# -- bad answers --------------------------------------------------------------------


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_outlived(founded: Living, fault: str) -> None:
    founded.server.forget()
    founded.server.fail(4, fault)
    founded.hris.sync()
    assert founded.hris.people() == set(founded.company.people)


@pytest.mark.parametrize("fault", ["401", "403", "404"])
def test_a_refusal_says_what_to_do_and_shows_no_value(
    founded: Living, fault: str
) -> None:
    founded.server.forget()
    founded.server.fail(2, fault)
    with pytest.raises(SetupError, match=f"ukg .*status {fault}") as error:
        founded.hris.sync()
    assert "Ada" not in error.value.message
    assert not any(secret in error.value.message for secret in SECRETS.values())
    assert founded.hris.rows() == {}


@pytest.mark.parametrize(
    "answer", [{"rows": []}, "text", [{"name": "Ada"}], [["Ada"]], [None]]
)
def test_an_answer_of_another_form_is_refused_without_its_values(
    founded: Living, answer: Any
) -> None:
    fake = founded.server.fake

    def odd(request: Any) -> Any:
        reply = fake(request)
        is_people = request.path.endswith("person-details")
        return type(reply)(answer, 200, reply.headers) if is_people else reply

    founded.server.fake = odd
    with pytest.raises(LrsError, match="form that UKG Pro does not have") as error:
        founded.hris.sync()
    assert "Ada" not in error.value.message


def test_a_renamed_field_sets_records_aside_and_an_unknown_one_is_let_be(
    founded: Living,
) -> None:
    world = founded
    rows = world.fake.rows["employment-details"]
    for row in rows.values():
        row["favouriteColour"] = "green"
    row = rows["H4", "C1"]
    for name in ("lastHireDate", "originalHireDate"):
        row[f"{name}Renamed"] = row.pop(name)
    [(_, result)] = world.hris.sync().applied
    assert result.set_aside == 1
    assert world.hris.people() == set(world.company.people) - {"H4"}
    row["lastHireDate"] = "2024-01-01T00:00:00"
    world.hris.sync(take_all=True)
    del row["lastHireDate"]
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.set_aside, result.terminated) == (1, 0)  # nobody has left for it


def test_a_delta_of_one_bad_record_is_set_aside_and_holds_nothing_up(
    founded: Living,
) -> None:
    world = founded
    world.fake.now += 3 * ONE
    world.hris.sync()
    world.fake.now += 3 * ONE
    told(world, "H4", lastHireDate=None, originalHireDate=None)
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.set_aside) == (1, 1)
    world.fake.now += 3 * ONE
    world.hris.sync()  # days are asked for: that of the last delta comes again
    world.fake.now += 3 * ONE
    assert world.hris.sync().applied == []


def test_of_many_that_changed_the_lists_are_read(founded: Living) -> None:
    world = founded
    written = mapping(world.server.url).replace(
        "# most_single = 50 ", "most_single = 2 "
    )
    assert "\nmost_single = 2 " in written
    world.hris.write(written)
    world.fake.now += 3 * ONE
    world.hris.sync()
    world.fake.now += 3 * ONE
    for name in ("H3", "H4", "H5"):
        told(world, name, orgLevel3Code="U0")
    world.server.forget()
    [(_, result)] = world.hris.sync().applied
    assert (result.added, result.set_aside) == (3, 0)
    assert result.read < 9  # each with the hire while that is of the same weeks
    assert not [one for one in world.server.asked if "employeeId" in one.query]
