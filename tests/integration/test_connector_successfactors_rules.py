"""SuccessFactors: the rules that bite, by name, and what is said of bad answers."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.connectors.checking import check
from lrs.errors import LrsError, SetupError, Unavailable
from lrs.services import Services
from tests.fakes.server import Reply, Request, Server, served
from tests.fakes.successfactors import ASSERTION, OPTION_OF, PASSWORD, Factors, Row
from tests.fakes.syncing import Hris
from tests.integration.test_connector_successfactors import mapping

NOW = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = "2024-01-01"
A, T, U = (OPTION_OF[code] for code in "ATU")


def job(user: str, since: str = DAY, **changed: Any) -> Row:
    """What a job says."""
    return {
        "userId": user,
        "startDate": since,
        "seqNumber": "1",
        "emplStatus": A,
        "jobCode": "J1",
        "department": "OPS",
        "managerId": "u0",
    } | changed


def employment(who: str, user: str, since: str = DAY, **changed: Any) -> Row:
    """What an employment says."""
    fixed = {"personIdExternal": who, "userId": user, "startDate": since}
    return fixed | {"assignmentClass": "ST"} | changed


class World:
    def __init__(self, server: Server, hris: Hris) -> None:
        self.server, self.hris = server, hris
        factors = server.fake
        assert isinstance(factors, Factors)
        self.factors = factors

    def hire(
        self, who: str, employments: list[Row] | None = None, jobs: Any = None
    ) -> None:
        """Write somebody: E1 is the user u1."""
        user = f"u{who[1:]}"
        self.factors.put("PerPerson", who, [{"personIdExternal": who}])
        name = {"personIdExternal": who, "startDate": DAY, "firstName": f"N{who}"}
        self.factors.put("PerPersonal", who, [name | {"lastName": "Byron"}])
        mail = {"personIdExternal": who, "emailType": "6001", "isPrimary": True}
        mail |= {"emailAddress": f"{who.lower()}@example.com"}
        self.factors.put("PerEmail", who, [mail])
        found = employments or [employment(who, user)]
        self.factors.put("EmpEmployment", who, found)
        self.factors.put("EmpJob", who, jobs or [job(user)])

    def sync(self, *, take_all: bool = False) -> Any:
        """Take what there is, an hour later."""
        self.factors.now += HOUR
        [(_, result)] = self.hris.sync(take_all=take_all).applied
        self.factors.now += HOUR
        return result

    def of(self, who: str) -> dict[str, dict[str, Any]]:
        """The rows of somebody by day."""
        return {day: row for (one, day), row in self.hris.rows().items() if one == who}

    def check(self) -> list[tuple[bool | None, str]]:
        found, source, _ = self.hris.configured()
        return [(finding.well, finding.text) for finding in check(source, found)]


@pytest.fixture
def world(services: Services, tmp_path: Path):
    with served(Factors(NOW)) as server:
        secrets = {"password": PASSWORD}
        hris = Hris(services, tmp_path / "hris", "successfactors", secrets)
        found = World(server, hris)
        hris.write(mapping(server, "page_size = 3"))
        unit = {"externalCode": "OPS", "startDate": DAY, "name": "Ops", "parent": "TOP"}
        found.factors.put("FODepartment", "OPS", [unit])
        zone = {"externalCode": "BER", "startDate": DAY, "timezone": "CET"}
        found.factors.put("FOLocation", "BER", [zone])
        for who in ("E0", "E1", "E2", "E3"):
            found.hire(who)
        found.factors.put("EmpJob", "E0", [job("u0", managerId="NO_MANAGER")])
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
    assert result.managers_set_aside > 0
    assert world.hris.people() == {"E0", "E1", "E2", "E3"}


def test_status_codes_come_as_options_or_as_they_are(world: World) -> None:
    world.factors.put("EmpJob", "E1", [job("u1", emplStatus=U)])
    world.factors.put("EmpJob", "E2", [job("u2", emplStatus="P")])
    world.factors.put("EmpJob", "E3", [job("u3", emplStatus=OPTION_OF["X"])])
    assert world.sync().set_aside == 1  # nobody has said what X is
    assert world.of("E1")[DAY]["status"] == "leave"
    assert world.of("E2")[DAY]["status"] == "leave"
    assert world.of("E3") == {}


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
    world.factors.now = datetime.datetime.now(datetime.UTC)
    world.hris.sync()
    asked = world.server.number
    source = world.hris.configured()[1]
    assert world.hris.take(source).applied == []
    assert world.server.number == asked
    assert source.remarks == ["Asked less than 60 minutes ago: not asked again yet."]
    world.hris.write(mapping(world.server, "every_minutes = 0"))
    world.hris.sync()
    world.hris.sync()
    assert world.server.number > asked


def test_a_page_drift_is_noticed_and_the_list_walked_again(world: World) -> None:
    """Without snapshots a row comes twice, or never, when others move."""
    world.factors.drifts = True

    def before(number: int, request: Request) -> None:
        if number == 2:  # the second page of employments: the first row goes
            world.factors.rows["EmpEmployment"].pop("E0")

    world.server.before = before
    source = world.hris.configured()[1]
    [(_, result)] = world.hris.take(source).applied
    assert "Walk 1 over EmpEmployment met other rows" in source.remarks[0]
    assert result.read == 3
    assert world.hris.people() == {"E1", "E2", "E3"}


def test_a_list_that_never_comes_whole_ends_nobody(world: World) -> None:
    world.sync()
    world.factors.drifts = True

    def before(number: int, request: Request) -> None:
        if "$skiptoken" in request.query:  # each time somebody more
            who = f"E{number + 10}"
            row = employment(who, f"u{number + 10}")
            world.factors.put("EmpEmployment", who, [row])

    world.server.before = before
    rows = world.hris.rows()
    with pytest.raises(Unavailable, match="EmpEmployment changed under all 4 walks"):
        world.hris.sync(take_all=True)
    assert world.hris.rows() == rows


def test_without_counts_two_walks_must_agree(world: World) -> None:
    world.factors.counts = False
    assert world.sync().added == 4
    asked = [request.path for request in world.server.asked]
    assert asked.count("/odata/v2/FOLocation") == 2


@pytest.mark.parametrize("counts", [True, False])
def test_a_snapshot_that_ended_is_no_end_of_the_list(
    world: World, counts: bool
) -> None:
    world.factors.forgets = True
    world.factors.counts = counts
    with pytest.raises(Unavailable, match="EmpEmployment changed under all"):
        world.hris.sync()
    world.factors.forgets = False
    assert world.sync().added == 4


def test_an_unknown_field_is_named_by_check(world: World) -> None:
    assert not [text for well, text in world.check() if well is False]
    world.factors.renamed["EmpJob.customString1"] = "customString7"
    with pytest.raises(SetupError, match=r"/odata/v2/EmpJob, status 400"):
        world.hris.sync()
    wrong = [text for well, text in world.check() if well is False]
    assert wrong[0].startswith("EmpJob cannot be read")
    assert wrong[1].startswith("EmpJob has no customString1, or hides it")


def test_check_says_what_a_picklist_lacks(world: World) -> None:
    world.factors.put("PickListValueV2", "", [])
    told = [text for well, text in world.check() if well is None]
    assert "The picklist employee-status is empty" in " ".join(told)


def test_whose_days_are_hidden_nobody_seems_to_have_left(world: World) -> None:
    world.sync()
    before = world.hris.rows()
    hidden = [employment("E1", "u1") | {"startDate": None}]
    world.factors.put("EmpEmployment", "E1", hidden)
    with pytest.raises(SetupError, match="EmpEmployment without startDate"):
        world.hris.sync(take_all=True)
    assert world.hris.rows() == before


def test_a_saml_assertion_opens_it(world: World) -> None:
    basic = 'kind = "basic"\nuser = "LRS_API@acme"'
    saml = (
        f'kind = "saml_bearer"\ntoken_url = "{world.server.url}/oauth/token"\n'
        'client_id = "lrs"\ncompany_id = "acme"\n#'
    )
    world.hris.secrets = {"assertion": ASSERTION}
    world.hris.write(mapping(world.server).replace(basic, saml))
    assert world.sync().added == 4


BAD = {
    "an error": (b'{"error": {"message": "hunter2"}}', "OData v2 does not have"),
    "no rows": (b'{"d": {"results": "hunter2"}}', "OData v2 does not have"),
    "no key": (b'{"d": {"results": [{"a": "hunter2"}]}}', "EmpEmployment without"),
    "elsewhere": (
        b'{"d": {"results": [], "__next": "https://evil.example/x?hunter2"}}',
        "another host",
    ),
    "a page": (b"<html>hunter2</html>", "what is no JSON"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_is_told_without_a_value(world: World, what: str) -> None:
    body, words = BAD[what]
    world.server.fake = lambda request: Reply(body)
    with pytest.raises(LrsError) as found:
        world.hris.sync()
    assert words in found.value.message
    assert "hunter2" not in found.value.message
    assert world.hris.rows() == {}
