"""ADP: a company lives, is synced in between, and is known as it stands today."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.workforce.engine.dry_run import dry_run
from analytics.workforce.engine.importing import import_delivery
from lrs.errors import SetupError, Unavailable
from lrs.services import Services
from tests.fakes.adp import CLIENT, SECRET, Adp, oid, reports_to, tell, unit_of
from tests.fakes.certificates import PASSPHRASE, Certificates, certificates
from tests.fakes.living import BEGAN, HOUR, VALVES, Living, Present
from tests.fakes.server import PASSING, served
from tests.fakes.syncing import QUICK, Hris
from tests.oracle.living_company import DAYS, START

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "hris" / "adp.toml").read_text()
SECRETS = {"client_secret": SECRET, "passphrase": PASSPHRASE}
STEPS = 12
EVENTS = 6
ONE = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


def mapping(url: str, signed: Certificates, more: str = "page_size = 7") -> str:
    """The shipped mapping for a fake; a small company may lose many at once."""
    certificate, key = signed.client
    changed = SHIPPED
    for there, here in (
        (
            'address = "https://adp.example/"',
            f'address = "{url}"\nca_file = "{signed.authority}"\n{more}\n{QUICK}',
        ),
        ('"adp.pem"', f'"{certificate}"'),
        ('"adp.key"', f'"{key}"'),
        ("https://adp.example/auth", f"{url}/auth"),
        ("11111111-2222-3333-4444-555555555555", CLIENT),
        ('"terminate" ', '"retract" '),  # whom the company takes back was never there
    ):
        assert there in changed
        changed = changed.replace(there, here)
    return changed + VALVES


@pytest.fixture
def world(services: Services, tmp_path: Path, signed: Certificates):
    adp = Adp(BEGAN)
    with served(adp, tls=signed.server, mutual=signed.authority) as server:
        hris = Hris(services, tmp_path / "hris", "adp", dict(SECRETS))
        hris.write(mapping(server.url, signed))
        company = Present.founded(Random(7))
        yield Living(company, adp, server, hris, tell, oid, unit_of)


@pytest.fixture
def founded(world: Living) -> Living:
    """The nine heads of the company's beginning, in the fake, not yet taken."""
    world.live(START + 30 * ONE, 0)
    world.fake.now += HOUR
    return world


@pytest.mark.parametrize("head", [True, False], ids=["head", "next"])
def test_a_random_history_is_known_on_its_day_after_every_sync(
    world: Living, head: bool
) -> None:
    random, world.fake.head, took = Random(3), head, []
    for step in range(STEPS):
        today = START + datetime.timedelta(days=30 + DAYS * step // STEPS)
        world.live(today, EVENTS)
        walk = world.hris.sync(take_all=random.random() < 0.15)
        for _, result in walk.applied:
            assert result.set_aside == result.links_set_aside == 0
            took.append(result.read)
        world.compare([today])
    before = world.hris.rows()
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.added, result.changed, result.missed) == (0, 0, 0)
    assert world.hris.rows() == before
    assert min(took) < result.read / 4  # some were deltas


def test_whichever_request_fails_the_repeated_run_ends_alike(
    world: Living, signed: Certificates
) -> None:
    """At each request in turn the system fails for good, and the sync is repeated."""
    world.hris.write(mapping(world.server.url, signed, "page_size = 20"))
    world.fake.head = False
    for day, fault in ((60, "503"), (90, "cut")):  # everybody, then what has changed
        today = START + datetime.timedelta(days=day)
        world.live(today, 12 if day == 60 else 4)
        standing, at = world.hris.rows(), 1
        while world.failing(at, fault, standing):
            world.fake.shown.clear()
            at += 1
        assert at > 4
        world.compare([today])


# -- the queue of events ------------------------------------------------------------


def moved(world: Living, name: str, unit: str) -> None:
    """Somebody of the fake stands in another unit."""
    worker = world.fake.workers[oid(name)]
    [assignment] = worker["workAssignments"]
    units = [
        {**item, "nameCode": {"codeValue": unit}}
        if item["typeCode"]["codeValue"] == "Department"
        else item
        for item in assignment["homeOrganizationalUnits"]
    ]
    world.fake.put(
        worker | {"workAssignments": [assignment | {"homeOrganizationalUnits": units}]}
    )


def units(world: Living) -> dict[str, str]:
    return {key[0]: row["org_unit_id"] for key, row in world.hris.rows().items()}


def test_a_message_is_deleted_only_when_its_run_was_applied(founded: Living) -> None:
    world = founded
    world.hris.sync()
    assert world.fake.deleted == []
    world.fake.now += ONE
    assert world.hris.sync().applied == []  # what was recorded before that is unread
    assert world.fake.queue == {}
    for name in ("H3", "H4", "H5"):
        moved(world, name, "U0")
    mapping_, source, tenant = world.hris.configured()
    ledger = world.hris.services.analytics().ledger
    for _ in range(2):  # killed before the cursor moved, and begun again
        with source.offers() as offers:
            offer = next(offers)
            with offer.opened() as delivery:
                import_delivery(ledger, tenant, delivery, mapping_, mapping_.terms)
        assert len(world.fake.queue) == 3
    world.hris.sync()
    assert world.fake.queue == {}
    assert [units(world)[oid(name)] for name in ("H3", "H4", "H5")] == ["WORKS/U0"] * 3


def test_a_dry_run_leaves_the_queue_and_the_cursor_as_they_are(
    founded: Living,
) -> None:
    world = founded
    world.hris.sync()
    world.fake.now += ONE
    moved(world, "H3", "U0")
    world.fake.tell(None, "payroll.done")
    before = dict(world.fake.queue), world.hris.cursor, world.hris.rows()
    for _ in range(2):
        mapping_, source, tenant = world.hris.configured()
        ledger = world.hris.services.analytics().ledger
        dry_run(ledger, tenant, mapping_, source)
    assert (world.fake.queue, world.hris.cursor, world.hris.rows()) == before
    assert world.fake.deleted == []
    world.hris.sync()
    assert units(world)[oid("H3")] == "WORKS/U0"


def test_an_event_about_nobody_is_taken_off_the_queue_and_makes_no_run(
    founded: Living,
) -> None:
    world = founded
    world.hris.sync()
    world.fake.now += ONE
    world.fake.tell(None, "payroll.done")
    assert world.hris.sync().applied == []
    assert world.fake.queue == {}


def test_who_is_no_longer_there_lets_everybody_be_taken(founded: Living) -> None:
    world = founded
    world.hris.sync()
    world.fake.now += ONE
    world.fake.delete(oid("H8"))
    world.hris.sync()
    assert oid("H8") not in world.hris.people()
    world.fake.now += ONE
    assert world.hris.sync().applied == []
    assert world.fake.queue == {}


# -- rules that bite ----------------------------------------------------------------


def change(world: Living, name: str, **changed: Any) -> None:
    """Change somebody's only assignment in the fake."""
    worker = world.fake.workers[oid(name)]
    [assignment] = worker["workAssignments"]
    world.fake.put(worker | {"workAssignments": [assignment | changed]})


def bosses(world: Living) -> dict[str, str | None]:
    return {key[0]: row["manager_id"] for key, row in world.hris.rows().items()}


def test_two_managers_never_make_two_people(
    founded: Living, signed: Certificates
) -> None:
    world = founded
    both = [reports_to("H5", "Matrix"), reports_to("H2", "Line"), reports_to("H1")]
    change(world, "H7", reportsTo=both)
    change(world, "H8", reportsTo=[reports_to("H4"), reports_to("H3")])
    _, source, _ = world.hris.configured()
    with source.offers() as offers, next(offers).opened() as delivery:
        ids = [record.cells["id"] for record in delivery.records]
    assert len(ids) == len(set(ids)) == 9
    assert any("2 report to more than one" in said for said in source.remarks)
    world.hris.sync()
    assert world.hris.people() == {oid(name) for name in world.company.people}
    assert (bosses(world)[oid("H7")], bosses(world)[oid("H8")]) == ("G3H1", "G3H3")
    change(world, "H8", reportsTo=[reports_to("H3"), reports_to("H4")])
    world.hris.sync(take_all=True)
    assert bosses(world)[oid("H8")] == "G3H3"  # in whatever order they come
    more = 'page_size = 7\nmanager_relationships = ["line"]'
    world.hris.write(mapping(world.server.url, signed, more))
    world.hris.sync()
    assert bosses(world)[oid("H7")] == "G3H2"


def test_the_primary_assignment_decides_where_somebody_stands(founded: Living) -> None:
    world = founded
    worker = world.fake.workers[oid("H7")]
    [own] = worker["workAssignments"]
    other = own | {"itemID": "0", "primaryIndicator": False, "jobCode": {}}
    world.fake.put(worker | {"workAssignments": [other, own]})
    world.hris.sync()
    rows = {key: row for key, row in world.hris.rows().items() if key[0] == oid("H7")}
    assert [row["job_code"] for row in rows.values()] == ["HEAD"]
    # The primary one ends: who has another assignment has not left.
    ended = own | {"terminationDate": "2024-01-20", "primaryIndicator": True}
    world.fake.put(worker | {"workAssignments": [other, ended]})
    world.hris.sync()
    assert oid("H7") in world.hris.people()
    assert {
        row["termination_date"]
        for key, row in world.hris.rows().items()
        if key[0] == oid("H7")
    } == {None}


def test_a_manager_told_by_number_a_null_one_and_a_circle(founded: Living) -> None:
    world = founded
    change(world, "H3", reportsTo=[{"workerID": {"idValue": "00H1"}}])
    change(world, "H4", reportsTo=None)
    change(world, "H5", reportsTo=[reports_to("H6")])
    change(world, "H6", reportsTo=[reports_to("H5")])
    change(world, "H7", reportsTo=[{"workerID": {"idValue": "nobody"}}])
    change(world, "H8", reportsTo=[reports_to("H8")])
    world.hris.sync()
    assert world.hris.people() == {oid(name) for name in world.company.people}
    found = bosses(world)
    assert found[oid("H3")] == oid("H1")
    assert {found[oid(name)] for name in ("H4", "H5", "H6", "H7", "H8")} == {None}
    world.fake.now += ONE
    change(world, "H3", reportsTo=[{"workerID": {"idValue": "00H2"}}])
    world.hris.sync()
    assert bosses(world)[oid("H3")] == oid("H2")


@pytest.mark.parametrize("ends", ["204", "empty"])
def test_rows_that_move_between_pages_are_noticed_and_nobody_is_lost(
    founded: Living, ends: str
) -> None:
    world = founded
    world.fake.cap, world.fake.ends = 3, ends
    walks = []

    def drift(rows: list[Any], skip: int) -> list[Any]:
        walks.append(skip)
        return rows[1:] + rows[:1] if len(walks) == 2 else rows

    world.fake.shuffle = drift
    world.hris.sync()
    assert world.hris.people() == {oid(name) for name in world.company.people}
    assert len(walks) > 8


def test_a_list_that_never_stands_still_takes_nothing(founded: Living) -> None:
    walks = []

    def drift(rows: list[Any], skip: int) -> list[Any]:
        walks.extend([skip] if not skip else [])
        return rows[: len(walks)] + rows[len(walks) + 1 :]

    founded.fake.shuffle = drift
    with pytest.raises(Unavailable, match="changed under all"):
        founded.hris.sync()
    assert founded.hris.rows() == {}


def test_codes_of_another_product_mean_the_same(founded: Living) -> None:
    world = founded
    since = {"effectiveDate": "2024-01-20"}
    leave = {"statusCode": {"codeValue": "Leave"}, **since}
    change(world, "H7", assignmentStatus=leave)
    gone = {"statusCode": {"codeValue": "terminated"}, **since}
    change(world, "H8", assignmentStatus=gone)
    world.hris.sync()
    rows = world.hris.rows()
    assert rows[oid("H7"), "2024-01-20"]["status"] == "leave"
    assert rows[oid("H7"), "2024-01-01"]["status"] == "active"
    assert rows[oid("H8"), "2024-01-01"]["termination_date"] == "2024-01-20"


# -- bad answers --------------------------------------------------------------------


@pytest.mark.parametrize("fault", [*PASSING, "401"])
def test_a_fault_that_passes_is_outlived(founded: Living, fault: str) -> None:
    founded.server.forget()
    founded.server.fail(3, fault)
    founded.hris.sync()
    assert founded.hris.people() == {oid(name) for name in founded.company.people}


@pytest.mark.parametrize("fault", ["403", "404"])
def test_a_refusal_says_what_to_do_and_shows_no_value(
    founded: Living, fault: str
) -> None:
    founded.server.forget()
    founded.server.fail(2, fault)
    with pytest.raises(SetupError, match=f"adp .*status {fault}") as error:
        founded.hris.sync()
    assert "Ada" not in error.value.message
    assert founded.hris.rows() == {}


@pytest.mark.parametrize(
    "answer", [[], "text", {"workers": {}}, {"workers": [{"name": "Ada"}]}, {"x": 1}]
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
    with pytest.raises(SetupError, match="form that ADP does not have") as error:
        founded.hris.sync()
    assert "Ada" not in error.value.message


def test_without_the_certificate_nobody_comes_in(
    founded: Living, signed: Certificates
) -> None:
    world = founded
    written = (world.hris.folder / "adp.toml").read_text()
    lines = [line for line in written.splitlines() if not line.startswith("client_c")]
    world.hris.write("\n".join(line for line in lines if "client_key" not in line))
    with pytest.raises(Exception, match="client_certificate is missing"):
        world.hris.sync()


def test_a_renamed_field_sets_records_aside_and_ends_nobody(founded: Living) -> None:
    world = founded
    world.hris.sync()
    worker = dict(world.fake.workers[oid("H4")])
    worker["datesOfWorker"] = worker.pop("workerDates")
    [assignment] = worker["workAssignments"]
    worker["workAssignments"] = [assignment | {"hireDate": None}]
    world.fake.put(worker)
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert (result.set_aside, result.terminated) == (1, 0)
    assert oid("H4") in world.hris.people()
