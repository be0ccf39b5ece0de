"""SuccessFactors: lists that move, checks, log-ins, and what is said of bad answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs.errors import LrsError, SetupError, Unavailable
from lrs.services import Services
from tests.fakes.server import Reply, Request
from tests.fakes.successfactors import ASSERTION
from tests.integration.factors_world import World, employment, opened_world
from tests.integration.test_connector_successfactors import mapping


@pytest.fixture
def world(services: Services, tmp_path: Path):
    with opened_world(services, tmp_path / "hris") as found:
        yield found


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


@pytest.mark.parametrize(
    ("status", "counts"), [(400, True), (400, False), (404, False)]
)
def test_a_snapshot_that_ended_is_no_end_of_the_list(
    world: World, status: int, counts: bool
) -> None:
    world.factors.forgets = status
    world.factors.counts = counts
    with pytest.raises(Unavailable, match="EmpEmployment changed under all"):
        world.hris.sync()
    world.factors.forgets = 0
    assert world.sync().added == 4


def test_an_unknown_field_is_named_by_check(world: World) -> None:
    assert not [text for well, text in world.check() if well is False]
    world.factors.renamed["EmpJob.customString1"] = "customString7"
    with pytest.raises(SetupError, match=r"/odata/v2/EmpJob, status 400"):
        world.hris.sync()
    wrong = [text for well, text in world.check() if well is False]
    assert wrong[0].startswith("EmpJob cannot be read")
    assert wrong[1].startswith("EmpJob has no customString1, or hides it")


def test_check_asks_no_more_once_the_log_in_is_refused(world: World) -> None:
    """Else it would lock the account."""
    world.server.always = "401"
    [(well, told)] = world.check()
    assert (well, "refuses the log-in" in told) == (False, True)
    assert world.server.number == 1


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
