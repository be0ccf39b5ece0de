"""MongoDB that is not there, that is wrong, that stalls: 503, no loss, and back again.

Real servers, workers and mongods. TEST_FAULT_ROUNDS (1) repeats what fails, for longer
runs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.settings import Settings
from tests.builders import a_statement
from tests.conftest import run_lrs, running
from tests.integration.faulty import (
    PATIENCE,
    Served,
    check,
    lines,
    served,
    with_credential,
)
from tests.integration.own_mongod import OwnMongod
from tests.integration.sending import Sent, sending
from tests.integration.slow_line import SlowLine

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("TEST_FAULT_ROUNDS", "1"))


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[OwnMongod]:
    own = OwnMongod(tmp_path / "db")
    yield own
    own.end()


@pytest.fixture
def own(settings: Settings, mongod: OwnMongod) -> Settings:
    return replace(settings, mongodb_uri=mongod.uri, database_seconds=3)


# -- not there ----------------------------------------------------------------------


def test_server_and_worker_start_without_their_database_and_outlive_it(
    own: Settings, mongod: OwnMongod, tmp_path: Path
) -> None:
    sent = Sent()
    work = tmp_path / "work.log"
    with running(own, "worker", log=work), served(own, tmp_path, ready=False) as server:
        said = server.wait_until(503)["mongodb"]
        assert said["status"] == "failed"
        assert "No MongoDB answers at LRS_MONGODB_URI" in said["reason"]
        assert "connection refused" in said["reason"]
        assert not server.post([a_statement()])
        assert not server.get()
        mongod.start()
        server.wait_until(200)
        with_credential(own)
        wait_for(work, "database ready")
        for outage in range(1, ROUNDS + 1):
            with sending(server.post) as load:
                load.wait_for(20)
                mongod.kill()
                server.wait_until(503)
                server.lives()
                wait_for(work, "database unreachable", outage)
                mongod.start()
                load.wait_for(20)
            server.wait_until(200)
            wait_for(work, "database reached", outage)
            for batch in load.unanswered[-4:]:
                server.insist(batch)
            sent.acknowledged += load.acknowledged
            sent.unanswered += load.unanswered
            assert load.unanswered
        check(server, sent)
        assert not server.broken
    # Each outage is said once, not at each try.
    assert len(lines(work, "database not ready")) <= 2
    assert len(lines(work, "database unreachable")) <= 2 * ROUNDS
    assert len(lines(work, "database")) <= 2 * ROUNDS


def wait_for(log: Path, event: str, count: int = 1) -> None:
    end = time.monotonic() + PATIENCE
    while len(lines(log, event)) < count:
        assert time.monotonic() < end, log.read_text()[-2000:]
        time.sleep(0.1)


# -- wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "change", "sentence"),
    [
        ("serve", {"mongodb_uri": "http://127.0.0.1"}, "is not a MongoDB address"),
        ("serve", {"replica_set": "other"}, "belongs to the replica set that it names"),
        ("serve", {"write_concern": "2"}, "LRS_WRITE_CONCERN is 2, and this replica"),
        ("worker", {"replica_set": "other"}, "belongs to the replica set that it"),
    ],
)
def test_a_wrong_setup_ends_at_once_with_one_sentence(
    settings: Settings, command: str, change: dict[str, str], sentence: str
) -> None:
    if name := change.pop("replica_set", None):
        host = urlsplit(settings.mongodb_uri or "").netloc
        change["mongodb_uri"] = f"mongodb://{host}/?replicaSet={name}"
    done = run_lrs(replace(settings, **change), command, check=False)
    assert done.returncode == 1
    (error,) = [line for line in done.stderr.splitlines() if line]
    assert sentence in error
    assert done.stdout == ""


def test_a_standalone_server_is_a_wrong_setup(
    settings: Settings, tmp_path: Path
) -> None:
    alone = OwnMongod(tmp_path / "db", replica_set=False)
    try:
        alone.start()
        done = run_lrs(replace(settings, mongodb_uri=alone.uri), "serve", check=False)
    finally:
        alone.end()
    assert done.returncode == 1
    assert "This MongoDB is a standalone server" in done.stderr


# -- slow ---------------------------------------------------------------------------


@pytest.fixture
def line(mongod: OwnMongod) -> Iterator[SlowLine]:
    mongod.start()
    made = SlowLine(("127.0.0.1", mongod.port))
    yield made
    made.close()


@pytest.fixture
def slow(own: Settings, line: SlowLine, tmp_path: Path) -> Iterator[Served]:
    """Give a server with four threads, whose database is behind the line."""
    with_credential(own)
    # Directly: a replica set would tell the driver the address that has no line.
    uri = f"mongodb://127.0.0.1:{line.port}/?directConnection=true"
    bound = replace(own, mongodb_uri=uri, workers=1, threads=4, database_seconds=2)
    with served(bound, tmp_path) as server:
        yield server


def test_a_database_that_stalls_costs_no_thread_and_loses_nothing(
    slow: Served, line: SlowLine
) -> None:
    sent = Sent()
    for turn in range(2 * ROUNDS):
        with sending(slow.post, threads=4) as load:
            load.wait_for(10)
            # What is asked does not arrive; what is answered does not, though done.
            with line.stalled(there=turn % 2 == 0, back=turn % 2 == 1):
                # More than there are threads: none may be held for good.
                with ThreadPoolExecutor(8) as pool:
                    got = list(pool.map(lambda _: slow.get(), range(8)))
                assert not all(got)
                slow.wait_until(503)
                slow.lives()
            slow.wait_until(200)
            load.wait_for(20)
        assert load.unanswered
        for batch in load.unanswered[:8]:
            slow.insist(batch)
        sent.acknowledged += load.acknowledged
        sent.unanswered += load.unanswered
    check(slow, sent)
    assert not slow.broken
    assert any("did not answer in time" in said for said in slow.refused)


def test_a_slow_database_is_waited_for_within_the_limit_and_no_longer(
    slow: Served, line: SlowLine
) -> None:
    line.delay = 0.05
    slow.insist([a_statement()])
    assert slow.get()
    line.delay = 1.5  # a request has more than one step: together they are too long
    assert not slow.post([a_statement()])
    line.delay = 0.0
    slow.insist([a_statement()])


def test_connections_that_break_again_and_again_lose_nothing(
    slow: Served, line: SlowLine
) -> None:
    with sending(slow.post, threads=4) as load:
        for _ in range(10 * ROUNDS):
            load.wait_for(3)
            line.cut()
            time.sleep(0.05)
        load.wait_for(10)
    check(slow, load)
    assert not slow.broken
