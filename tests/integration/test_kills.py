"""kill -9 of everything that writes; then: nothing lost, nothing twice, batches whole.

TEST_KILL_ROUNDS (1) repeats each test's kills, for longer runs.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError

from config.settings import Settings
from lrs.errors import LrsError
from lrs.services import Services, opened
from lrs.store.embedded_folder import Folder
from tests.builders import a_statement
from tests.conftest import environment_of
from tests.integration.lakes import content, deliver, enrichment, rebuilt, record
from tests.integration.sending import Batch, Sent, a_batch, sending
from tests.programs import Running, start
from tests.soak.killing import kill_at_random

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("TEST_KILL_ROUNDS", "1"))
LEASE = 10  # of a writer, as the services have it
STORED = {"stored": {"$exists": True}}  # and no stubs, nor marks


def stored_ids(services: Services) -> Counter[str]:
    """Return how often the feed has each, when the dead hold nothing back any more."""
    latest = services.timeline.transact(lambda _, stamp: stamp)
    end = time.monotonic() + LEASE + 5
    while (through := services.feed.consistent_through()) < latest:
        assert time.monotonic() < end, "the dead hold it back longer than a lease"
        time.sleep(0.1)
    read = services.feed.read("default", 0, through)
    return Counter(item.statement_id for batch in read for item in batch)


def check(services: Services, sent: Sent, folder: Path) -> None:
    """Every acknowledged Statement is there once, batches are whole or absent."""
    found = stored_ids(services)
    assert set(found.values()) <= {1}
    for batch in sent.acknowledged:
        assert all(found[item["id"]] == 1 for item in batch)
    for batch in sent.unanswered:
        assert len({found[item["id"]] for item in batch}) == 1, "half a batch"
    known = {item["id"] for batch in sent.batches for item in batch}
    assert set(found) <= known
    check_lake(services, folder)


def check_lake(services: Services, folder: Path) -> None:
    """After one more pass the tables are what a rebuild makes."""
    lake = services.analytics().lake
    enrichment(services, lake).run("default")
    tables = content(lake)
    assert tables == rebuilt(services, folder / "anew")
    facts = [json.dumps(row) for row in tables["facts"]]
    assert len(facts) == len(set(facts))
    assert len(facts) >= len(stored_ids(services)) > 0


def program(settings: Settings, *command: str) -> Running:
    environment = environment_of(settings) | {"LRS_ENRICH_SECONDS": "1"}
    with open(os.devnull, "wb") as nothing:
        return start(command, environment, nothing, nothing)


def kill(process: Running) -> bool:
    """Kill it; tell whether it was still at work."""
    at_work = process.poll() is None
    process.kill()
    process.wait(10)
    return at_work


def people(turn: int) -> list[dict[str, str]]:
    row = {"hire_date": "2025-01-01", "org_unit_id": f"U{turn}"}
    return [
        {"employee_id": f"p{number}", "email": f"p{number}@example.com", **row}
        for number in range(5)
    ]


def test_the_web_servers_processes_and_the_worker(
    services: Services, tmp_path: Path
) -> None:
    deliver(services, tmp_path, people(0))
    figures = kill_at_random(services, tmp_path, ROUNDS, print)
    assert figures.repeated
    check_lake(services, tmp_path)


def test_an_import_of_statements(services: Services, tmp_path: Path) -> None:
    rng = random.Random(2)
    deliver(services, tmp_path, people(0))
    for turn in range(ROUNDS):
        file = tmp_path / f"{turn}.ndjson"
        lines = [a_statement(timestamp="2025-03-01T00:00:00Z") for _ in range(6_000)]
        file.write_text("".join(json.dumps(item) + "\n" for item in lines))
        command = ("statements", "import", str(file))
        before = services.database["statements"].count_documents(STORED)

        def new(before: int = before) -> int:
            return services.database["statements"].count_documents(STORED) - before

        process = program(services.settings, *command)
        some = rng.randint(1, 8) * 500
        while new() < some:
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))
        assert kill(process)
        assert new() % 500 == 0, "half a batch"
        assert 0 < new() < 6_000
        assert program(services.settings, *command).wait(60) == 0
        assert new() == 6_000
        found = stored_ids(services)
        assert all(found[item["id"]] == 1 for item in lines)
    check_lake(services, tmp_path)


def test_an_enrichment_at_any_moment(services: Services, tmp_path: Path) -> None:
    rng = random.Random(3)
    lake = Path(services.settings.lake_url)
    killed = 0
    for turn in range(4 * ROUNDS):
        record(services, "default", a_batch(rng))
        deliver(services, tmp_path, people(turn))
        record(services, "default", a_batch(rng))
        stood = len(list(lake.glob("*/*/_delta_log/*.json")))
        command = ("enrich", "--rebuild") if turn % 2 else ("enrich",)
        process = program(services.settings, *command)
        commits = stood + rng.randint(0, 5)
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            if len(list(lake.glob("*/*/_delta_log/*.json"))) > commits:
                time.sleep(rng.uniform(0, 0.02))
                break
            time.sleep(0.001)
        killed += kill(process)
        # Its lease would last 15 s; without it even two at once must do no harm.
        services.database["leases"].delete_many({})
    assert killed
    check_lake(services, tmp_path)


def test_the_worker_while_statements_come_in(
    services: Services, tmp_path: Path
) -> None:
    rng = random.Random(5)
    deliver(services, tmp_path, people(0))

    def store(batch: Batch) -> bool:
        record(services, "default", batch)
        time.sleep(0.01)
        return True

    lake = services.analytics().lake
    with sending(store, threads=2) as sent:
        for turn in range(2 * ROUNDS):
            process = program(services.settings, "worker")
            stood = lake.position("default", "facts")
            end = time.monotonic() + 20
            while lake.position("default", "facts") == stood:
                assert time.monotonic() < end
                time.sleep(0.01)
            deliver(services, tmp_path, people(turn + 1))
            time.sleep(rng.uniform(0, 1.2))
            assert kill(process)
            services.database["leases"].delete_many({})
    check(services, sent, tmp_path)


def test_the_embedded_mongodb_under_its_writers(
    settings: Settings, tmp_path: Path
) -> None:
    rng = random.Random(4)
    own = replace(settings, mongodb_uri=None)
    with opened(own) as services:
        deliver(services, tmp_path, people(0))

        def store(batch: Batch) -> bool:
            try:
                record(services, "default", batch)
            except (PyMongoError, LrsError):
                return False
            return True

        folder = Folder(own.data_dir / "mongodb")
        with sending(store) as sent:
            # At the sixth time in a row its keeper takes its time.
            for _ in range(min(2 * ROUNDS, 5)):
                sent.wait_for(20)
                time.sleep(rng.uniform(0, 0.5))
                server = folder.server()
                assert server
                os.kill(server.mongod, signal.SIGKILL)
                end = time.monotonic() + 60
                while folder.server() in (None, server):
                    assert time.monotonic() < end
                    time.sleep(0.05)
            sent.wait_for(20)
        check(services, sent, tmp_path)
    with opened(own) as services:  # from the files alone
        found = stored_ids(services)
        for batch in sent.acknowledged:
            assert all(found[item["id"]] == 1 for item in batch)
