"""What a run set aside is listed, and imported again by a mended mapping."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.workforce.quarantine import asides
from config.settings import Settings
from lrs.services import Services
from tests.conftest import ROOT, environment_of, run_lrs

pytestmark = pytest.mark.long

MAPPING = """
name = "acme"
[fields]
Number = "employee_id"
Hired = "hire_date"
Unit = "org_unit_id"
"""
ROWS = """Number,Hired,Unit,Secret
E1,2024-01-01,OPS,x
E2,01.02.2024,OPS,x
E3,never,OPS,x
E4,2024-01-01,A,x
E4,2024-01-01,B,x
"""


@pytest.fixture
def hris(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "hris"
    folder.mkdir()
    (folder / "acme.toml").write_text(MAPPING)
    return replace(settings, hris_dir=folder)


def units(services: Services) -> dict[str, str]:
    return {
        row["employee_id"]: row["hire_date"]
        for batch in services.analytics().ledger.rows("default", "workforce")
        for row in batch
    }


def test_records_that_can_be_read_now_are_taken_and_the_others_stay(
    services: Services, hris: Settings, tmp_path: Path
) -> None:
    path, mapping = tmp_path / "people.csv", hris.hris_dir / "acme.toml"
    path.write_text(ROWS + "E5,2024-01-01\nE6,2024-01-01,x,OPS,x\n")  # no mapping helps
    run_lrs(hris, "workforce", "import", str(path), "--mapping", str(mapping))
    assert units(services) == {"E1": "2024-01-01"}
    (run,) = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    listed = run_lrs(hris, "workforce", "quarantine", run["run"][:8]).stdout
    assert listed.startswith("3: Hired is not a day")
    assert [line.split(":")[0] for line in listed.splitlines()] == list("345678")
    assert "never" not in listed
    assert "Secret" not in str(list(services.database["quarantine"].find()))
    days = '[fields.Hired]\nto = "hire_date"\ndate_format = ["%d.%m.%Y", "iso"]\n'
    mapping.write_text(MAPPING.replace('Hired = "hire_date"\n', "") + days)
    done = run_lrs(hris, "workforce", "replay", run["run"][:8])
    assert "4 read: 1 new, 0 changed, 0 as before, 3 set aside." in done.stderr
    assert f"lrs workforce quarantine {run['run'][:12]}" in done.stderr
    assert units(services) == {"E1": "2024-01-01", "E2": "2024-02-01"}
    listed = run_lrs(hris, "workforce", "quarantine", run["run"][:8]).stdout
    states = [line.rpartition("[")[2] for line in listed.splitlines()]
    again = [state.partition(" again by run ")[0] for state in states]
    assert again[1:4] == ["refused"] * 3  # the list begins with what was taken
    assert states[0].startswith("taken by run ")
    assert "replay with --record 5, or else the one at 6]" in states[2]
    assert [state.partition(":")[0] for state in states[4:]] == ["waiting"] * 2
    assert "correct it, or deliver it again: its cells mean nothing" in states[4]
    done = run_lrs(hris, "workforce", "replay", run["run"], "--record", "6")
    assert "1 read: 1 new, 0 changed, 0 as before, 0 set aside." in done.stderr
    assert "(4 still waiting)" in run_lrs(hris, "workforce", "runs").stdout
    again_done = run_lrs(
        *(hris, "workforce", "replay", run["run"], "--record", "6"), check=False
    )
    assert again_done.returncode == 1
    assert "There is nothing to do: 6 is taken (run " in again_done.stderr


# Dies by kill -9 when all of a replay is staged and marked, and none of it applied.
DYING = """
import os, sys
from analytics.workforce.engine.retrying import Retry
Retry.settle = lambda *_: os.kill(os.getpid(), 9)
sys.argv = ["lrs", *sys.argv[1:]]
import lrs.__main__
"""


def test_a_replay_that_is_killed_leaves_the_former_state_and_completes_again(
    services: Services, hris: Settings, tmp_path: Path
) -> None:
    path, mapping = tmp_path / "people.csv", hris.hris_dir / "acme.toml"
    path.write_text(ROWS)
    run_lrs(hris, "workforce", "import", str(path), "--mapping", str(mapping))
    ledger = services.analytics().ledger
    (run,) = ledger.runs("default", "workforce")
    before = list(asides(ledger, "default", run.run))
    dying = [sys.executable, "-c", DYING, "workforce", "replay", run.run]
    chosen = ["--record", "6"]
    environment = environment_of(hris)
    done = subprocess.run([*dying, *chosen], env=environment, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    marked = {"tries": {"$exists": True}}
    assert services.database["quarantine"].count_documents(marked) == 1
    assert list(asides(ledger, "default", run.run)) == before
    assert units(services) == {"E1": "2024-01-01"}
    done_again = run_lrs(hris, "workforce", "replay", run.run, *chosen, seconds=120)
    assert "1 read: 1 new" in done_again.stderr
    assert units(services) == {"E1": "2024-01-01", "E4": "2024-01-01"}
    told = run_lrs(hris, "workforce", "quarantine", run.run, "--format", "json").stdout
    states = {one["record"]: (one["state"], one["replay"]) for one in json.loads(told)}
    assert states["6"] == ("taken", False)
    assert states["5"] == ("waiting", True)


def test_corrections_that_are_killed_leave_the_former_state_and_complete_again(
    services: Services, hris: Settings, tmp_path: Path
) -> None:
    path, mapping = tmp_path / "people.csv", hris.hris_dir / "acme.toml"
    path.write_text("Number,Hired,Unit\nE1,2024-01-01\nE2,never,OPS\n")
    run_lrs(hris, "workforce", "import", str(path), "--mapping", str(mapping))
    ledger = services.analytics().ledger
    (run,) = ledger.runs("default", "workforce")
    failed = run_lrs(hris, "workforce", "replay", run.run, check=False)
    assert failed.returncode == 1  # one was tried, and refused once more
    assert "Nothing could be taken." in failed.stderr
    file = tmp_path / "wrong.csv"
    asked = ("workforce", "quarantine", run.run[:8], "--export", str(file))
    done = run_lrs(hris, *asked)
    assert "2 records to correct in wrong.csv" in done.stderr
    assert f"replay {run.run[:12]} --corrected wrong.csv" in done.stderr
    assert "exists already" in run_lrs(hris, *asked, check=False).stderr
    first, second = file.read_text("utf-8-sig").splitlines()[1:]
    assert first == "2,has 2 cells where the header has 3,,,"
    assert second.startswith("3,Hired is not a day")
    file.write_text(
        "record,Number,Hired,Unit\n2,E1,2024-01-01,OPS\n3,E2,2024-02-01,A\n"
    )
    taking = ["workforce", "replay", run.run, "--corrected", str(file)]
    done = run_lrs(hris, *taking, check=False)
    assert (done.returncode, "--by and --reason" in done.stderr) == (2, True)
    taking += ["--by", "ann@example.com", "--why", "Typing errors"]
    before = list(asides(ledger, "default", run.run))
    dying = [sys.executable, "-c", DYING, *taking]
    environment = environment_of(hris)
    killed = subprocess.run(dying, env=environment, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(asides(ledger, "default", run.run)) == before
    assert units(services) == {}
    done = run_lrs(hris, *taking, seconds=120)
    assert "2 read: 2 new" in done.stderr
    assert units(services) == {"E1": "2024-01-01", "E2": "2024-02-01"}
    listed = run_lrs(hris, "workforce", "runs").stdout
    assert "corrected by ann@example.com: Typing errors" in listed
    told = run_lrs(hris, "workforce", "quarantine", run.run).stdout
    assert "as corrected by ann@example.com (Typing errors)]" in told


def test_what_a_later_run_said_is_not_undone_by_a_replay(
    services: Services, hris: Settings, tmp_path: Path
) -> None:
    path, mapping = tmp_path / "people.csv", hris.hris_dir / "acme.toml"
    asked = ("workforce", "import", str(path), "--mapping", str(mapping))
    path.write_text("Number,Hired,Unit\nE1,01.02.2024,OLD\nE2,01.02.2024,OLD\n")
    run_lrs(hris, *asked)
    (run,) = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    path.write_text("Number,Hired,Unit\nE2,2024-02-01,NEW\n")
    run_lrs(hris, *asked)
    days = '[fields.Hired]\nto = "hire_date"\ndate_format = ["%d.%m.%Y", "iso"]\n'
    mapping.write_text(MAPPING.replace('Hired = "hire_date"\n', "") + days)
    done = run_lrs(hris, "workforce", "replay", run["run"])
    assert "1 read: 1 new, 0 changed" in done.stderr
    ledger = services.analytics().ledger
    found = {
        row["employee_id"]: row["org_unit_id"]
        for batch in ledger.rows("default", "workforce")
        for row in batch
    }
    assert found == {"E1": "OLD", "E2": "NEW"}


def test_a_run_is_replayed_by_its_own_mapping_only(
    services: Services, hris: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("employee_id,hire_date,org_unit_id\nE1,soon,OPS\n")
    run_lrs(hris, "workforce", "import", str(path))
    (run,) = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    other = str(hris.hris_dir / "acme.toml")
    done = run_lrs(
        hris, "workforce", "replay", run["run"], "--mapping", other, check=False
    )
    assert done.returncode == 1
    assert "This run was of canonical, workforce; the mapping is acme" in done.stderr
    done = run_lrs(hris, "workforce", "replay", "ffff", check=False)
    assert "There is no run whose id begins like this." in done.stderr
