"""``lrs workforce check`` and ``sync --dry-run``: what is wrong, what would change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.clearing import clear_every_killed
from analytics.workforce.connectors.checking import check
from analytics.workforce.engine.dry_run import DryRun, dry_run
from analytics.workforce.engine.previewing import Preview
from config.settings import Settings
from lrs.services import Services
from tests.conftest import run_lrs
from tests.fakes.people import Interface, person
from tests.fakes.server import Reply, Server, served
from tests.fakes.syncing import QUICK, Hris
from tests.landings import deliver, landed

MAPPING = """
[fields]
number = "employee_id"
hired = "hire_date"
mail = "email"
boss = "manager_id"
shoe = "job_code"
"unit.id" = "org_unit_id"

[source]
type = "rest"
address = "{url}"
path = "/v1/people"
records = "data.items"
id = "number"
total = "data.total"
{quick}

[source.paging]
kind = "offset"
parameter = "at"

[source.delta]
parameter = "since"
"""
KEPT = (
    *("ledger_runs", "ledger_rows", "ledger_people", "quarantine", "ledger_sources"),
    *("ledger_unit_pairs", "ledger_cursors", "workforce_syncs"),
)


class World:
    def __init__(self, interface: Interface, server: Server, hris: Hris) -> None:
        self.interface, self.server, self.hris = interface, server, hris
        hris.write(MAPPING.format(url=server.url, quick=QUICK))

    def look(self) -> DryRun:
        mapping, source, tenant = self.hris.configured()
        return dry_run(self.hris.services.analytics().ledger, tenant, mapping, source)

    def check(self) -> list[tuple[bool | None, str]]:
        mapping, source, _ = self.hris.configured()
        return [(found.well, found.text) for found in check(source, mapping)]

    def stored(self) -> dict[str, list[Any]]:
        database = self.hris.services.database
        return {name: list(database[name].find().sort("_id")) for name in KEPT}


@pytest.fixture
def world(services: Services, tmp_path: Path):
    interface = Interface([person(number) for number in range(20)])
    with served(interface) as server:
        yield World(interface, server, Hris(services, tmp_path / "hris"))


def test_a_dry_run_says_what_would_change_and_leaves_nothing(world: World) -> None:
    before = world.stored()
    looked = world.look()
    assert looked.result is not None
    assert (looked.mode, looked.result.added, looked.preview.new.rows) == (
        *("full", 20, 20),
    )
    assert looked.preview.new.people == ["E000", "E001", "E002"]
    assert world.stored() == before
    world.hris.sync()
    before = world.stored()
    now = "2099-01-01"
    world.interface.rows[3] |= {"mail": "new@example.com", "changed": now}
    world.interface.rows[4] |= {"mail": "x@example.com", "boss": "E009", "changed": now}
    world.interface.rows[5] |= {"hired": "31.12.", "changed": now}
    world.interface.rows.append(person(77, changed=now))
    looked = world.look()
    assert looked.result is not None
    assert (looked.mode, looked.result.set_aside) == ("delta", 1)
    assert {
        name: (column.rows, column.people)
        for name, column in looked.preview.columns.items()
    } == {"email": (2, ["E003", "E004"]), "manager_id": (1, ["E004"])}
    assert looked.preview.new.people == ["E077"]
    assert world.stored() == before


def test_a_dry_run_asks_the_valves_and_shows_what_they_would_stop(
    world: World,
) -> None:
    world.hris.sync()
    before = world.stored()
    del world.interface.rows[8:]
    mapping, source, tenant = world.hris.configured(take_all=True)
    looked = dry_run(world.hris.services.analytics().ledger, tenant, mapping, source)
    assert "would end 12 of 20 employments" in (looked.refused or "")
    assert looked.preview.ends.rows == 12
    assert world.stored() == before


def test_a_dry_run_that_was_killed_leaves_nothing_either(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.stored()

    class KilledError(Exception):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    ledger = world.hris.services.analytics().ledger
    with monkeypatch.context() as patched:
        # As kill -9 would: nothing is cleared behind it.
        patched.setattr(Preview, "_look", killed)
        patched.setattr(
            "analytics.workforce.staging.StagedRun.close", lambda self: None
        )
        with pytest.raises(KilledError):
            world.look()
    assert world.stored() != before
    ledger.collections.locks.update_many({}, {"$set": {"expires": None}})
    assert clear_every_killed(ledger) == 1
    assert world.stored() == before


def test_check_finds_nothing_where_all_is_well(world: World) -> None:
    for row in world.interface.rows:
        row["shoe"] = 45
    assert world.check() == [
        (True, "The list /v1/people can be read"),
        (True, "All fields that the mapping names are there"),
        (True, "10 of 10 records can be taken"),
    ]


def test_check_says_what_is_wrong_with_fields_and_records(world: World) -> None:
    world.interface.rows[2]["hired"] = "31.12.2024"
    [_, absent, fault, well] = world.check()
    assert absent[0] is None
    assert "None of 10 records has shoe: not used there" in absent[1]
    assert fault == (
        False,
        "1 of 10 records cannot be read: hired is not a day of the form YYYY-MM-DD "
        "(it looks like 99.99.9999)",
    )
    assert well == (True, "9 of 10 records can be taken")
    for row in world.interface.rows:
        row["entry"] = row.pop("hired")
    found = world.check()
    assert (found[1][0], "has hired, which every record needs" in found[1][1]) == (
        *(False, True),
    )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401", "refuses the log-in"),
        ("403", "give it the right"),
        ("503", "fails (/v1/people, status 503)"),
        ("time-out", "does not answer in time"),
    ],
)
def test_check_says_what_is_wrong_with_log_in_and_rights(
    world: World, fault: str, words: str
) -> None:
    world.server.hang = 1.2
    world.server.always = fault
    [(well, told)] = world.check()
    assert well is False
    assert told.startswith("The list /v1/people cannot be read: acme ")
    assert words in told


def test_check_says_what_is_wrong_with_the_count_and_the_list(world: World) -> None:
    world.interface.counts = False
    assert "gives no count at data.total" in world.check()[1][1]
    world.server.fake = lambda request: Reply({"data": {"items": [], "total": 0}})
    assert "knows nobody whom this user may see" in world.check()[-1][1]


def test_the_commands_say_all_that_and_exit_with_1_where_something_is_wrong(
    world: World, settings: Settings
) -> None:
    own = replace(settings, hris_dir=world.hris.folder)
    done = run_lrs(own, "workforce", "check", "acme")
    assert "ok     10 of 10 records can be taken" in done.stderr
    assert "look   None of 10 records has shoe" in done.stderr
    done = run_lrs(own, "workforce", "sync", "acme", "--dry-run")
    assert "looked at and not taken:" in done.stderr
    assert "new rows: 20 rows (such as of E000, E001, E002)" in done.stderr
    done = run_lrs(own, "workforce", "sync", "acme")
    assert "20 read: 20 new" in done.stderr
    assert "Nothing new" in run_lrs(own, "workforce", "sync", "acme").stderr
    done = run_lrs(own, "workforce", "sync", "acme", "--full")
    assert "20 read: 0 new, 0 changed, 20 as before" in done.stderr
    del world.interface.rows[8:]
    full = ("workforce", "sync", "acme", "--full")
    done = run_lrs(own, *full, "--dry-run", check=False)
    assert done.returncode == 1
    assert "It would be refused: This delivery would end 12 of 20" in done.stderr
    done = run_lrs(own, *full, check=False)
    assert done.returncode == 1
    # What a valve refused, and is right, is the same as long as nothing changes there.
    listed = json.loads(run_lrs(own, "workforce", "runs", "--format", "json").stdout)
    assert listed[0]["state"] == "refused"
    run_lrs(own, "workforce", "sync", "acme", "--accept", listed[0]["run"])
    assert len(world.hris.people()) == 8
    world.server.always = "403"
    done = run_lrs(own, "workforce", "check", "acme", check=False)
    assert done.returncode == 1
    assert "WRONG  The list /v1/people cannot be read" in done.stderr


def test_a_landing_folder_is_looked_at_and_left_as_it_is(world: World) -> None:
    folder = world.hris.folder / "landing"
    folder.mkdir()
    (world.hris.folder / "acme.toml").write_text(
        '[fields]\nemployee_id = "employee_id"\nhired = "hire_date"\n'
        'unit = "org_unit_id"\n[source]\ntype = "folder"\npath = "landing"\n'
        "settle_seconds = 0\n"
    )
    csv = b"employee_id,hired,unit\n1,2024-01-01,OPS\n"
    deliver(folder, 1, files={"1.csv": csv}, records=1)
    deliver(folder, 2, files={"2.csv": csv}, records=7)
    before, there = world.stored(), landed(folder)
    looked = world.look()
    assert looked.result is not None
    assert looked.result.added == 1
    assert (landed(folder), world.stored()) == (there, before)
