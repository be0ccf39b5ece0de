"""The embedded MongoDB with a real mongod and real processes that are really killed.

A lock tells whether something lives: the data lock is held by keeper and mongod, so
whoever gets it knows that both are gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from pymongo import MongoClient

from lrs.errors import SetupError
from lrs.store.embedded import attach
from lrs.store.embedded_folder import EXCLUSIVE, Folder, Server

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SECONDS = 20.0
ATTACH = """
import os, sys
from pathlib import Path
from lrs.store.embedded import attach
attachment = attach(Path(sys.argv[1]))
if "fork" in sys.argv and os.fork():
    os._exit(0)
print(os.getpid(), attachment.uri, flush=True)
sys.stdin.read()
if "leave" not in sys.argv:
    attachment.close()
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    # Whatever a test did: with its users gone, the server goes.
    if (tmp_path / "mongodb").exists():
        wait_until(lambda: is_gone(tmp_path))


@contextmanager
def command(data: Path, *how: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that attaches, prints itself and stays until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", ATTACH, str(data), *how],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def connected(uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](uri, journal=True, w="majority") as client:
        yield client


def first_line(stream: IO[str] | None) -> list[str]:
    assert stream is not None
    return stream.readline().split()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "not within the time"
        time.sleep(0.05)


def is_gone(data: Path) -> bool:
    return Folder(data / "mongodb").is_free("data", EXCLUSIVE)


def server(data: Path) -> Server:
    found = Folder(data / "mongodb").server()
    assert found is not None
    return found


def keeper_log(data: Path) -> str:
    return Folder(data / "mongodb").keeper_log.read_text()


def ended_cleanly(data: Path) -> bool:
    last = (data / "mongodb" / "mongod.log").read_text().splitlines()[-1]
    return '"Shutting down","attr":{"exitCode":0}' in last


def store(uri: str, number: int) -> None:
    """Write one document in a transaction and one without."""
    with connected(uri) as client:
        client.lrs.things.insert_one({"_id": number})
        with client.start_session() as session, session.start_transaction():
            client.lrs.things.insert_one({"_id": -number}, session=session)


def stored(uri: str) -> list[int]:
    with connected(uri) as client:
        return sorted(one["_id"] for one in client.lrs.things.find())


def test_the_last_close_stops_it_and_the_next_start_has_the_data(data: Path) -> None:
    told: list[str] = []
    with attach(data, announce=told.append) as attachment:
        port = server(data).port
        store(attachment.uri, 1)
    assert is_gone(data)
    assert ended_cleanly(data)
    assert len(told) == 1
    attachment.close()
    with attach(data) as attachment:
        assert server(data).port == port
        assert stored(attachment.uri) == [-1, 1]


def test_a_second_process_shares_it_and_the_last_one_out_stops_it(data: Path) -> None:
    first = attach(data)
    store(first.uri, 1)
    with command(data) as second:
        assert first_line(second.stdout)[1] == first.uri
        began = time.monotonic()
        first.close()
        assert time.monotonic() - began < 2, "waited although there are others"
        time.sleep(1)
        assert not is_gone(data)
        out, errors = second.communicate("")
    assert (out, errors) == ("", "")
    assert is_gone(data)
    assert ended_cleanly(data)


@pytest.mark.parametrize("how", ["kill", "leave"])
def test_it_stops_cleanly_when_its_only_user_ends_anyhow(data: Path, how: str) -> None:
    with command(data, how) as user:
        _, uri = first_line(user.stdout)
        store(uri, 1)
        if how == "kill":
            user.kill()
        user.communicate()
        wait_until(lambda: is_gone(data))
    assert ended_cleanly(data)


def test_a_fork_of_a_user_keeps_it_running(data: Path) -> None:
    with command(data, "fork") as parent:
        child, uri = first_line(parent.stdout)
        parent.wait()
        time.sleep(1)
        store(uri, 1)
        os.kill(int(child), signal.SIGKILL)
        wait_until(lambda: is_gone(data))


def test_who_comes_while_it_stops_gets_a_new_one(data: Path) -> None:
    with command(data) as user:
        _, uri = first_line(user.stdout)
        store(uri, 1)
        before = server(data).mongod
    wait_until(lambda: Folder(data / "mongodb").server() is None)
    with attach(data) as attachment:
        assert server(data).mongod != before
        assert stored(attachment.uri) == [-1, 1]


def test_a_starter_killed_while_starting_leaves_nothing_behind(data: Path) -> None:
    for delay in (0.2, 0.4, 0.6):
        with command(data) as starter:
            time.sleep(delay)
            starter.kill()
        with attach(data) as attachment:
            store(attachment.uri, int(delay * 10))
    assert is_gone(data)


def test_a_killed_keeper_takes_mongod_down_cleanly(data: Path) -> None:
    with attach(data) as attachment:
        store(attachment.uri, 1)
        before = server(data)
        os.kill(before.keeper, signal.SIGKILL)
        wait_until(lambda: Folder(data / "mongodb").is_free("keeper", EXCLUSIVE))
        with attach(data) as again:
            assert server(data).mongod != before.mongod
            assert stored(again.uri) == [-1, 1]
        os.kill(server(data).keeper, signal.SIGKILL)
        wait_until(lambda: is_gone(data))
        assert ended_cleanly(data)


def test_the_terminals_signals_do_not_stop_it(data: Path) -> None:
    with attach(data) as attachment:
        for kind in (signal.SIGINT, signal.SIGHUP):
            os.kill(server(data).keeper, kind)
        time.sleep(0.5)
        store(attachment.uri, 1)


def test_sigterm_to_the_keeper_stops_mongod_cleanly(data: Path) -> None:
    with attach(data):
        os.kill(server(data).keeper, signal.SIGTERM)
        wait_until(lambda: is_gone(data))
        assert ended_cleanly(data)


def test_its_log_is_bounded(data: Path) -> None:
    log = Folder(data / "mongodb").log
    with attach(data) as attachment:
        os.truncate(log, 11 << 20)
        wait_until(lambda: log.exists() and log.stat().st_size < 1 << 20)
        assert log.with_name("mongod.log.1").exists()
        store(attachment.uri, 1)
    assert ended_cleanly(data)


def test_its_log_has_nothing_of_what_is_slow(data: Path) -> None:
    said = "gEhEiM-4711"
    with attach(data) as attachment, connected(attachment.uri) as client:
        client.lrs.things.insert_one({"said": said})
        slow = {"said": said, "$where": "sleep(300) || true"}
        assert client.lrs.things.find_one(slow)
        client.lrs.things.update_one(slow, {"$set": {"again": said}})
    assert said.encode() not in Folder(data / "mongodb").log.read_bytes()


def test_a_killed_mongod_comes_back_with_every_acknowledged_write(data: Path) -> None:
    acknowledged = 0
    with attach(data) as attachment, connected(attachment.uri) as client:
        before = server(data)
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            acknowledged += 1
            client.lrs.things.insert_one({"_id": acknowledged})
        os.kill(before.mongod, signal.SIGKILL)
        # The same client goes on, by itself.
        client.lrs.things.insert_one({"_id": acknowledged + 1})
        wait_until(lambda: Folder(data / "mongodb").server() is not None)
        after = server(data)
        assert after.port == before.port
        assert after.mongod != before.mongod
        assert stored(attachment.uri) == list(range(1, acknowledged + 2))


def test_a_mongod_that_ends_again_and_again_is_started_more_and_more_seldom(
    data: Path,
) -> None:
    folder = Folder(data / "mongodb")
    with attach(data) as attachment:
        killed = {0}
        while not folder.told():  # why there is none, when it is waited with
            found = folder.server()
            if found is not None and found.mongod not in killed:
                killed.add(found.mongod)
                os.kill(found.mongod, signal.SIGKILL)
            time.sleep(0.02)
        assert len(killed) == 7  # the nought, the first, and its five successors
        with pytest.raises(SetupError, match="mongod ended with code -9"):
            attach(data)
        # Who can wait gets the address: there it will be again.
        with attach(data, patient=True) as patient:
            assert patient.uri == attachment.uri
        wait_until(lambda: folder.server() is not None)
        assert "is started again in 2 s" in keeper_log(data)
        assert not folder.told()
        store(attachment.uri, 1)


def test_all_who_come_at_once_get_one_server(data: Path) -> None:
    with command(data) as one, command(data) as two, ThreadPoolExecutor(4) as pool:
        attachments = list(pool.map(attach, [data] * 4))
        uris = {first_line(each.stdout)[1] for each in (one, two)}
        assert uris == {attachment.uri for attachment in attachments}
        assert keeper_log(data).count(" ready ") == 1
        for attachment in attachments:
            attachment.close()


def test_a_busy_port_makes_it_take_another(data: Path, tmp_path: Path) -> None:
    with attach(data) as attachment:
        store(attachment.uri, 1)
        port = server(data).port
    # Busy with a MongoDB of the same set name, which must not be mistaken for ours.
    other = Folder(tmp_path / "other" / "mongodb")
    other.prepare()
    (other.root / "port").write_text(str(port))
    with attach(tmp_path / "other") as stranger:
        assert server(tmp_path / "other").port == port
        with attach(data) as attachment:
            assert server(data).port != port
            assert stored(attachment.uri) == [-1, 1]
            store(attachment.uri, 2)
        assert stored(stranger.uri) == []


def test_only_its_owner_may_look_into_the_folder(data: Path) -> None:
    with attach(data):
        assert (data / "mongodb").stat().st_mode & 0o077 == 0
