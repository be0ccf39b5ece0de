"""Any REST interface: its paging, its deltas, proofs that a list is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs.services import Services
from tests.fakes.people import Interface, person
from tests.fakes.server import Server, served
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
