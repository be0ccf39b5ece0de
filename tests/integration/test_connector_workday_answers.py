"""Workday: lists that move, checks, log-ins, and what is said of bad answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrs.errors import LrsError, SetupError, Unavailable
from lrs.services import Services
from tests.fakes.server import PASSING, Reply
from tests.fakes.workday import COMPANIES, REPORT, WORKERS, Row
from tests.integration.test_connector_workday import PARTS, mapping
from tests.integration.workday_world import DAY, World, opened_world, row


@pytest.fixture
def world(services: Services, tmp_path: Path):
    with opened_world(services, tmp_path / "hris") as found:
        yield found


def test_an_unknown_column_does_no_harm_and_check_names_it(world: World) -> None:
    world.workday.shown = lambda found: found | {"Shoe_Size": "45"}
    assert world.hris.sync().applied[0][1].set_aside == 0
    told = [text for well, text in world.check() if well is None]
    assert "also has Shoe_Size, which the mapping does not name" in told[0]


def test_check_names_the_required_column_that_the_report_lacks(world: World) -> None:
    def shown(found: Row) -> Row:
        named = dict(found)
        named["Date_of_Hire"] = named.pop("Hire_Date")
        return named

    world.workday.shown = shown
    wrong = [text for well, text in world.check() if well is False]
    assert any("has Hire_Date, which every record needs" in text for text in wrong)
    assert any("also has Date_of_Hire" in text for _, text in world.check())
    world.workday.shown = lambda found: {"Person": found["Employee_ID"]}
    [(_, told)] = [found for found in world.check() if found[0] is False]
    assert "has a row without Employee_ID" in told
    with pytest.raises(SetupError, match="LRS_Workers has a row without Employee_ID"):
        world.hris.sync()


def test_check_finds_nothing_wrong_where_all_is_well(world: World) -> None:
    world.hris.write(mapping(world.server, tables=PARTS))
    found = world.check()
    assert not [text for well, text in found if well is False]
    assert [text for well, text in found if well][:4] == [
        "What the report is read by (Company) can be read",
        "The report LRS_Workers can be read",
        "What has changed (Updated_From) can be read",
        "The count of workers (REST) can be read",
    ]


def test_check_asks_no_more_once_the_log_in_is_refused(world: World) -> None:
    """Else it would lock the account."""
    world.server.always = "401"
    [(well, told)] = world.check()
    assert (well, "refuses the log-in" in told) == (False, True)
    assert world.server.number == 1


def test_check_says_that_a_prompt_for_changes_does_nothing(world: World) -> None:
    world.hris.write(mapping(world.server).replace("Updated_From", "Since"))
    assert any("is its prompt called Since" in text for _, text in world.check())


def test_who_is_missing_in_the_report_but_counted_ends_nobody(world: World) -> None:
    world.hris.sync()
    world.workday.hidden = 1
    before = world.hris.rows()
    with pytest.raises(Unavailable, match="has 3 workers, Workday counts 4") as found:
        world.hris.sync(take_all=True)
    assert "[source.partition]" in found.value.message
    assert world.hris.rows() == before


def test_who_moves_between_parts_is_read_again_and_never_lost(world: World) -> None:
    """E2 moves to the part that was read while the other one is."""
    world.hris.write(mapping(world.server, tables=PARTS))
    moved = row("E2", Supervisory_Org_ID="NEW")

    def before(number: int, request: Any) -> None:
        if request.query.get("Company") == "ACME_US":
            world.workday.put("E2", [moved], "ACME_DE")

    world.server.before = before
    source = world.hris.configured()[1]
    [(_, result)] = world.hris.take(source).applied
    assert (result.read, result.added) == (3, 3)
    assert world.hris.rows()["E2", DAY]["org_unit_id"] == "NEW"
    assert "Reading 1" in source.remarks[0]


def test_who_is_in_two_parts_is_one_person_as_the_later_part_says(world: World) -> None:
    world.hris.write(mapping(world.server, tables=PARTS))

    def before(number: int, request: Any) -> None:
        if request.query.get("Company") == "ACME_US":
            world.workday.put("E1", [row(Supervisory_Org_ID="NEW")], "ACME_US")

    world.server.before = before
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.added, result.set_aside) == (3, 3, 0)
    assert world.hris.rows()["E1", DAY]["org_unit_id"] == "NEW"


def test_parts_without_a_count_are_read_until_two_readings_agree(world: World) -> None:
    told = mapping(world.server, tables=PARTS).replace("[source.workers]", "[ignored]")
    told = told.replace("[ignored]", "").replace('counts = "employed"', "")
    world.hris.write(told)
    world.hris.sync()
    assert world.hris.people() == {"E0", "E1", "E2"}
    asked = [request.path for request in world.server.asked]
    assert asked == [COMPANIES, REPORT, REPORT] * 2
    assert WORKERS not in asked


def test_what_a_delta_missed_is_repaired_when_everybody_is_taken(world: World) -> None:
    world.hris.sync()
    known = world.workday.workers["E1"]
    world.workday.put("E1", [row(Supervisory_Org_ID="NEW")])
    world.workday.workers["E1"].changed = known.changed  # it tells of it too late
    del world.workday.workers["E2"]
    assert world.hris.sync().applied == []
    world.hris.sync(take_all=True)
    assert world.hris.rows()["E1", DAY]["org_unit_id"] == "NEW"
    assert world.hris.people() == {"E0", "E1"}


def test_an_empty_report_of_changes_changes_nothing(world: World) -> None:
    world.hris.sync()
    world.server.fake = lambda request: Reply({})
    assert world.hris.sync().applied == []


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again_for_a_report_too(world: World, fault: str) -> None:
    world.server.hang = 1.2
    world.server.plan[2] = fault  # behind the count
    world.hris.sync()
    assert world.hris.people() == {"E0", "E1", "E2"}
    assert world.server.number == 4


def test_a_refresh_token_opens_the_report(world: World) -> None:
    login = (
        'kind = "refresh_token"\nclient_in = "basic"\nclient_id = "lrs"\n'
        f'token_url = "{world.server.url}/ccx/oauth2/acme/token"\n'
    )
    told = mapping(world.server).replace(
        'kind = "basic"\nuser = "ISU_LRS@acme"\n', login
    )
    world.hris.secrets = {"client_secret": "s-7", "refresh_token": "refresh-7"}
    world.hris.write(told)
    world.hris.sync()
    assert len(world.hris.people()) == 3


BAD = {
    "no report": (b'{"error": "hunter2"}', "answers without Report_Entry"),
    "no object": (b'["hunter2"]', "answers with what breaks off"),
    "no rows": (b'{"Report_Entry": "hunter2"}', "answers without Report_Entry"),
    "no row": (b'{"Report_Entry": ["hunter2"]}', "a row that is no object"),
    "cut": (b'{"Report_Entry": [{"Employee_ID": "hunter2"}', "breaks off"),
    "page": (b"<html>hunter2</html>", "breaks off"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_is_told_without_a_value(world: World, what: str) -> None:
    body, words = BAD[what]
    fake = world.server.fake

    def bad(request: Any) -> Reply:
        return Reply(body) if request.path == REPORT else fake(request)

    world.server.fake = bad
    with pytest.raises(LrsError) as found:
        world.hris.sync()
    assert words in found.value.message
    assert "hunter2" not in found.value.message
    assert world.hris.rows() == {}


@pytest.mark.parametrize(
    ("fault", "words"),
    [("401", "refuses the log-in"), ("403", "give it the right"), ("404", "nothing")],
)
def test_a_refused_report_is_told_with_what_to_do(
    world: World, fault: str, words: str
) -> None:
    world.server.always = fault
    with pytest.raises(SetupError, match=words):
        world.hris.sync()


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('report = "LRS_Workers"', "source.report is not OWNER/REPORT"),
        ("[source.partition]\nprompt = 'Company'", "source.partition.values is miss"),
        ("[source.workers]\ncounts = 'most'", "source.workers.counts is not one of"),
        ("[source.delta]\nformat = 'iso'", "source.delta.prompt is missing"),
        ("password = 'hunter2'", "is a secret, which never stands in a mapping"),
    ],
)
def test_a_wrong_key_is_refused_by_its_name(world: World, key: str, told: str) -> None:
    head = '[source]\ntype = "workday"\naddress = "https://workday.example"\n'
    usual = "" if "report =" in key else 'report = "A/B"\n'
    login = '[source.login]\nkind = "basic"\nuser = "a"\n'
    fields = "[fields]\na = 'employee_id'\nb = 'hire_date'\nc = 'org_unit_id'\n"
    text = f"{head}workday_tenant = 'acme'\n{usual}"
    text += f"{login}{key}\n" if key.startswith("[") else f"{key}\n{login}"
    world.hris.write(fields + text)
    with pytest.raises(LrsError, match=told.replace("[", r"\[")):
        world.hris.configured()
