"""Any REST interface: its paging, its deltas, proofs that a list is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.engine.syncing import sync
from analytics.workforce.sources.cursors import cursors_of
from lrs.errors import LrsError, SetupError, Unavailable
from lrs.services import Services
from tests.fakes.people import Interface, person
from tests.fakes.server import Reply, Server, served
from tests.fakes.syncing import QUICK, Hris

MAPPING = """
[fields]
number = "employee_id"
hired = "hire_date"
mail = "email"
boss = "manager_id"
"name.first" = "given_name"
"unit.id" = "org_unit_id"
left = "termination_date"

[source]
type = "rest"
address = "{url}"
path = "/v1/people"
records = "data.items"
id = "number"
{more}
{quick}

[source.paging]
{paging}

[source.delta]
parameter = "since"
"""
PAGINGS = {
    "none": 'kind = "none"',
    "page": 'kind = "page"\nparameter = "page"\nsize_parameter = "size"\nsize = 7',
    "offset": 'kind = "offset"\nparameter = "at"\nsize_parameter = "size"\nsize = 50',
    "cursor": 'kind = "cursor"\nparameter = "at"\nnext = "next"',
    "link": 'kind = "link"\nnext = "next"',
    "header": 'kind = "link"',
}
TOTAL = 'total = "data.total"'


class World:
    """The interface, its server, and a source that takes it."""

    def __init__(self, interface: Interface, server: Server, hris: Hris) -> None:
        self.interface, self.server, self.hris = interface, server, hris

    def page(self, kind: str, more: str = TOTAL) -> None:
        self.interface.kind = kind
        self.hris.write(
            MAPPING.format(
                url=self.server.url, paging=PAGINGS[kind], quick=QUICK, more=more
            )
        )


@pytest.fixture
def world(services: Services, tmp_path: Path):
    interface = Interface([person(number) for number in range(33)])
    with served(interface) as server:
        yield World(interface, server, Hris(services, tmp_path / "hris"))


@pytest.mark.parametrize("kind", PAGINGS)
@pytest.mark.parametrize("counts", [True, False])
def test_every_page_of_every_kind_is_taken(
    world: World, kind: str, counts: bool
) -> None:
    world.interface.counts = counts
    world.page(kind, TOTAL if counts else "")
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.added) == (33, 33)
    assert result.set_aside == 0
    row = world.hris.rows()["E004", "2024-01-01"]
    assert (row["given_name"], row["org_unit_id"]) == ("First4", "U1")
    assert row["manager_id"] == "E000"


def test_a_delta_takes_what_has_changed_and_the_next_full_one_repairs_the_rest(
    world: World,
) -> None:
    world.page("offset")
    world.hris.sync()
    assert world.hris.sync().applied == []  # nothing has changed: no run
    now = "2099-01-01T00:00:00Z"
    world.interface.rows[5] = person(5, unit={"id": "U9"}, changed=now)
    world.interface.rows.append(person(40, changed=now))
    gone = world.interface.rows.pop(7)
    before = world.server.number
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.added, result.changed) == (2, 1, 1)
    assert world.server.number == before + 2  # a page, and the empty one behind it
    assert gone["number"] in world.hris.people()  # no delta tells of who is gone
    [(_, result)] = world.hris.sync(take_all=True).applied
    assert result.terminated == 1
    assert gone["number"] not in world.hris.people()


def test_a_changed_mapping_takes_everybody_anew(world: World) -> None:
    world.page("offset")
    world.hris.sync()
    world.page("offset", TOTAL + "\n# another version")
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.unchanged) == (33, 33)


def test_a_row_that_moves_between_pages_is_noticed_and_the_list_walked_again(
    world: World,
) -> None:
    """Once a row is seen twice and another never: nobody leaves by that."""
    world.page("offset")
    world.hris.sync()
    walks = [0]

    def moving(rows: list[Any], page: int) -> list[Any]:
        walks[0] += page == 0
        # Behind the first page of the first walk the last row has moved to the front.
        return [rows[-1], *rows[:-1]] if walks[0] == 1 and page else rows

    world.interface.shuffle = moving
    _, source, _ = world.hris.configured(take_all=True)
    walk = world.hris.take(source)
    [(_, result)] = walk.applied
    assert (result.read, result.unchanged, result.terminated) == (33, 33, 0)
    assert walks[0] == 2
    assert any("came again on another page" in told for told in source.remarks)


@pytest.mark.parametrize("counts", [True, False])
def test_a_list_that_nobody_can_call_whole_is_refused(
    world: World, counts: bool
) -> None:
    world.interface.counts = counts
    world.page("offset", TOTAL if counts else "")
    world.hris.sync()
    before, cursor = world.hris.rows(), world.hris.cursor
    walks = [0]

    def losing(rows: list[Any], page: int) -> list[Any]:
        walks[0] += page == 0
        return [row for n, row in enumerate(rows) if n != walks[0]]

    world.interface.shuffle = losing
    world.interface.counted = 33
    with pytest.raises(Unavailable, match="nobody can say that it is whole"):
        world.hris.sync(take_all=True)
    assert (world.hris.rows(), world.hris.cursor) == (before, cursor)


@pytest.mark.parametrize("counts", [True, False])
def test_records_that_share_an_id_are_not_taken_for_one_another(
    world: World, counts: bool
) -> None:
    world.interface.counts = counts
    world.interface.rows[7]["number"] = "E008"
    world.page("offset", TOTAL if counts else "")
    with pytest.raises(Unavailable, match="whether two records there have one id"):
        world.hris.sync()
    assert world.hris.rows() == {}


def test_whichever_request_fails_the_repeated_run_ends_alike(world: World) -> None:
    world.page("cursor")
    at = 1
    while True:
        world.server.forget()
        world.server.plan = dict.fromkeys(range(at, at + 3), "truncated")
        try:
            world.hris.sync()
        except Unavailable:
            assert (world.hris.rows(), world.hris.cursor) == ({}, None)
            at += 1
            continue
        break
    assert at == 5  # four pages
    assert len(world.hris.rows()) == 33
    cursor = world.hris.cursor
    world.interface.rows[3] = person(3, mail="x@example.com", changed="2099-01-01")
    world.server.plan = {1: "429", 2: "500", 3: "time-out"}
    world.server.forget()
    world.hris.sync()
    assert world.hris.rows()["E003", "2024-01-01"]["email"] == "x@example.com"
    assert world.hris.cursor != cursor


def test_who_is_killed_between_applying_and_noting_takes_the_same_again(
    world: World,
) -> None:
    world.page("offset")
    world.hris.sync()
    noted = world.hris.cursor
    assert noted is not None
    world.interface.rows[3] = person(3, boss="E001", changed="2099-01-01")
    world.hris.sync()
    cursors_of(world.hris.services.database).set("default", "acme", noted)
    [(_, result)] = world.hris.sync().applied
    assert (result.read, result.unchanged, result.changed) == (1, 1, 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"data": {"rows": []}}, "without a list at data.items"),
        ({"data": {"items": [{"name": "Ada"}]}}, "has a record without number"),
        ({"data": {"items": ["Ada"]}}, "has a record without number"),
        (["Ada"], "without a list at data.items"),
        ("Ada", "without a list at data.items"),
        (b"<html>Ada</html>", "no JSON"),
    ],
)
def test_bad_answers_are_told_without_what_they_hold(
    world: World, answer: object, words: str
) -> None:
    world.page("offset", "")
    world.server.fake = lambda request: Reply(answer)
    with pytest.raises(LrsError) as caught:
        world.hris.sync()
    assert words in caught.value.message
    assert "Ada" not in caught.value.message


def test_pages_that_lead_in_a_circle_are_refused(world: World) -> None:
    world.page("cursor", "")
    world.server.fake = lambda request: Reply(
        {"data": {"items": [person(1)]}, "next": "7"}
    )
    with pytest.raises(SetupError, match="in a circle"):
        world.hris.sync()


def test_unknown_fields_null_managers_and_circles_of_managers_stop_nobody(
    world: World,
) -> None:
    world.page("offset")
    world.interface.rows[0]["boss"] = "E001"  # and E001 stands below E000
    world.interface.rows[2]["shoe_size"] = 45
    world.interface.rows[3]["boss"] = None
    world.interface.rows[4] |= {"hired": "31.12.2024"}
    [(_, result)] = world.hris.sync().applied
    assert (result.set_aside, result.managers_set_aside) == (1, 2)
    assert "shoe_size" in result.ignored
    assert len(world.hris.people()) == 32


def test_a_renamed_field_that_every_record_needs_refuses_the_delivery(
    world: World,
) -> None:
    world.page("offset")
    world.hris.sync()
    for row in world.interface.rows:
        row["hired_on"] = row.pop("hired")
    mapping, source, tenant = world.hris.configured(take_all=True)
    walk = sync(world.hris.services.analytics().ledger, tenant, mapping, source)
    [(_, why)] = walk.refused
    assert "has no field hired" in why
    assert len(world.hris.people()) == 33


def test_a_delta_is_held_against_no_full_delivery_and_none_against_it(
    world: World,
) -> None:
    """The few that change now are no sample: the valve of filled columns waits."""
    world.interface.rows = [person(number) for number in range(120)]
    world.page("offset")
    world.hris.sync()
    for number in range(1, 51):
        del world.interface.rows[number]["mail"]
        world.interface.rows[number] |= {"boss": None, "changed": "2099-01-01"}
    [(_, result)] = world.hris.sync().applied
    assert result.changed == 50
    for row in world.interface.rows:
        row.pop("mail", None)
    mapping, source, tenant = world.hris.configured(take_all=True)
    walk = sync(world.hris.services.analytics().ledger, tenant, mapping, source)
    [(_, why)] = walk.refused
    assert "email from 100% to 0% of the rows" in why
