"""``lrs workforce sync`` and ``runs``: a landing folder through the real command."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.health import workforce_health
from config.settings import Settings
from lrs.services import Services
from tests.conftest import run_lrs, running
from tests.landings import deliver, landed, moved, reasons

pytestmark = pytest.mark.long

MAPPING = """
name = "acme"

[fields]
Number = "employee_id"
Hired = "hire_date"
Unit = "org_unit_id"

[format]
type = "csv"
separator = ";"

[source]
type = "folder"
path = "landing"
settle_seconds = 0
"""


@pytest.fixture
def hris(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "hris"
    (folder / "landing").mkdir(parents=True)
    (folder / "acme.toml").write_text(MAPPING)
    return replace(settings, hris_dir=folder)


def a_file(*numbers: int, end: str = "") -> dict[str, bytes]:
    rows = [f"E{number};2024-01-01;OPS\n" for number in numbers]
    return {"people.csv": ("Number;Hired;Unit\n" + "".join(rows) + end).encode()}


def put(settings: Settings, at: int, *numbers: int, mode: str = "full") -> None:
    folder = settings.hris_dir / "landing"
    files = {f"{at}.csv": a_file(*numbers)["people.csv"]}
    deliver(folder, at, mode=mode, files=files, records=len(numbers))


def people(services: Services) -> dict[str, Any]:
    ledger = services.analytics().ledger
    newest = {}
    for batch in ledger.rows("default", "workforce"):
        newest |= {row["employee_id"]: row for row in batch}
    return newest


def test_deliveries_are_taken_in_order_and_listed(
    services: Services, hris: Settings
) -> None:
    put(hris, 1, 1, 2, 3)
    put(hris, 2, 1, 3)
    done = run_lrs(hris, "workforce", "sync", "acme")
    assert "1.manifest.json: 3 read: 3 new" in done.stderr
    assert "2.manifest.json: 2 read: 0 new" in done.stderr
    assert people(services)["E2"]["status"] == "terminated"
    assert people(services)["E2"]["termination_date"] == "2026-10-31"
    assert landed(hris.hris_dir / "landing") == []
    done = run_lrs(hris, "workforce", "sync", "acme")
    assert "Nothing new has been delivered." in done.stderr
    listed = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    assert [item["counts"]["read"] for item in listed] == [2, 3]
    assert {item["source"] for item in listed} == {"acme"}
    assert "acme (full)" in run_lrs(hris, "workforce", "runs").stdout


def test_what_a_valve_stops_is_refused_and_the_command_fails(
    services: Services, hris: Settings
) -> None:
    put(hris, 1, *range(60))
    put(hris, 2, *range(30))
    done = run_lrs(hris, "workforce", "sync", "acme", check=False)
    assert done.returncode == 1
    assert "would end 30 of 60 employments" in done.stderr
    assert "would end 30 of 60 employments" in reasons(hris.hris_dir / "landing")
    assert len(people(services)) == 60
    assert moved(hris.hris_dir / "landing", "taken")
    (run, first) = json.loads(
        run_lrs(hris, "workforce", "runs", "--format", "json").stdout
    )
    assert (run["state"], first["state"]) == ("refused", "applied")
    how = f"lrs workforce sync acme --accept {run['run'][:12]}"
    assert run["why"].endswith(f"Where it is right: {how}")
    assert how in done.stderr
    last = services.analytics().walks.last("default", "acme")  # by hand, too
    assert last is not None
    assert last.why == run["why"]
    # It holds for this one delivery, and for no other one that is too much.
    put(hris, 3, *range(9))
    accept = ("workforce", "sync", "acme", "--accept")
    done = run_lrs(hris, *accept, run["run"][:12], check=False)
    assert "2.manifest.json: 30 read" in done.stderr
    assert "30 rows follow from who is missing" in done.stderr
    assert "would end 21 of 30 employments" in done.stderr
    assert done.returncode == 1
    standing = [row for row in people(services).values() if row["status"] == "active"]
    assert len(standing) == 30
    done = run_lrs(hris, *accept, run["run"], check=False)
    assert "neither in the folder nor in refused/" in done.stderr
    done = run_lrs(hris, *accept, first["run"], check=False)
    assert "was not stopped by a valve but is applied" in done.stderr
    # What its sender sent again, as it was, is the same delivery.
    listed = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    put(hris, 3, *range(9))
    run_lrs(hris, *accept, listed[0]["run"])
    assert services.analytics().walks.last("default", "acme").why is None


def test_what_was_overtaken_is_set_aside_and_is_no_failure(
    services: Services, hris: Settings
) -> None:
    put(hris, 2, 1, 2)
    run_lrs(hris, "workforce", "sync", "acme")
    put(hris, 1, 3, mode="delta")
    done = run_lrs(hris, "workforce", "sync", "acme")
    said = (
        "1.manifest.json was set aside in refused/: Delivery 1 came again, or too late"
    )
    assert said in done.stderr
    assert sorted(people(services)) == ["E1", "E2"]


def test_what_is_not_as_its_manifest_says_is_refused_and_the_command_fails(
    services: Services, hris: Settings
) -> None:
    put(hris, 1, 1, 2)
    (hris.hris_dir / "landing" / "1.csv").write_bytes(a_file(1, 3)["people.csv"])
    done = run_lrs(hris, "workforce", "sync", "acme", check=False)
    assert done.returncode == 1
    assert "1.manifest.json was refused: 1.csv has another SHA-256" in done.stderr
    assert people(services) == {}
    run_lrs(hris, "workforce", "sync", "acme")
    (run,) = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    assert (run["state"], run["file"]) == ("refused", "1.manifest.json")
    assert (run["source"], run["mode"], run["counts"]) == ("acme", "full", {})
    assert run["why"] == "1.csv has another SHA-256 than its manifest says."
    put(hris, 1, 1, 2)  # the same wrong way another time is another run
    (hris.hris_dir / "landing" / "1.csv").write_bytes(a_file(1, 3)["people.csv"])
    run_lrs(hris, "workforce", "sync", "acme", check=False)
    listed = run_lrs(hris, "workforce", "runs").stdout
    assert listed.count("refused") == 2


def test_a_manifest_that_stays_where_it_is_stands_once_among_the_runs(
    services: Services, hris: Settings
) -> None:
    landing = hris.hris_dir / "landing"
    put(hris, 1, 1, 2)
    (landing / "1.manifest.json").rename(landing / "1+1.manifest.json")
    (landing / "2.manifest.json").write_text("{}")
    deliver(landing, 3, mode="full", files={"3.csv": b"\xff\xfe\x00"}, records=1)
    for _ in range(3):
        run_lrs(hris, "workforce", "sync", "acme", check=False)
    listed = json.loads(run_lrs(hris, "workforce", "runs", "--format", "json").stdout)
    modes = {run["file"]: run["mode"] for run in listed}
    wrong, unread = "1+1.manifest.json", "2.manifest.json"
    assert len(listed) == 3
    assert (modes.pop(wrong), modes.pop(unread)) == ("unknown", "unknown")
    assert list(modes.values()) == ["full"]
    assert all(run["why"] and run["state"] != "applied" for run in listed)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("other", "There is no mapping of this name; known: acme."),
        ("../acme", "There is no mapping of this name; known: acme."),
        ("plain", "has no [source]"),
    ],
)
def test_a_name_without_a_source_is_told(
    services: Services, hris: Settings, name: str, sentence: str
) -> None:
    if name == "plain":
        written = MAPPING.partition("[source]")[0]
        (hris.hris_dir / "plain.toml").write_text(written)
    done = run_lrs(hris, "workforce", "sync", name, check=False)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_worker_takes_what_its_schedule_says(
    services: Services, hris: Settings, tmp_path: Path
) -> None:
    schedule = '\n[schedule]\ncron = "* * * * *"\n'
    (hris.hris_dir / "acme.toml").write_text(MAPPING + schedule)
    (hris.hris_dir / "wrong.toml").write_text("[fields]\nx = 'no_such_column'\n")
    identity = tmp_path / "identity.toml"
    identity.write_text('plus_tags = "sometimes"\n')
    put(hris, 1, 1, 2)
    log = tmp_path / "worker.log"
    with running(replace(hris, identity_file=identity), "worker", log=log):
        end = time.monotonic() + 60
        while len(people(services)) < 2:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        while (last := services.analytics().walks.last("default", "acme")) is None or (
            last.ended is None
        ):
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        while "enrichment waits" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
    assert last.why is None
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (wrong,) = [line for line in lines if line["event"] == "mapping is wrong"]
    assert wrong["source"] == "wrong"
    (waits,) = [line for line in lines if line["event"] == "enrichment waits"]
    assert waits["reason"] == "identity.toml: plus_tags must be keep or strip."
    assert "no_such_column" in wrong["reason"] or "unknown column" in wrong["reason"]
    found, told = workforce_health(services.analytics().walks)
    assert found
    sources = told["sources"]
    assert isinstance(sources, dict)
    assert sources["default/acme"]["failed"] is False
