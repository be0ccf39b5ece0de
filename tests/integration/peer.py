"""Another process, as the tests of the timeline and the leases need it.

A Peer does what it is told, a JSON object a line; what it answers is one too. It can
pause inside a transaction, so that a test may stop or kill it just there.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database

from config.settings import Settings
from lrs.access import Principal, Scope
from lrs.recording import Recording
from lrs.store import mongo
from lrs.store.leases import LeaseTaken, MongoLeases
from lrs.store.statement_writes import StatementWrites
from lrs.store.statements import MongoStatements
from lrs.store.tenants import MongoTenants
from lrs.store.timeline import MongoTimeline
from lrs.tenants import Cmi5Mode, Tenants
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.builders import a_statement
from tests.programs import Talking

LEASE = 1.5  # seconds; short, and yet longer than a busy machine stalls
AGENT: dict[str, object] = {
    "account": {"homePage": "https://lrs.example", "name": "key"}
}
WRITER = Principal("default", "key", frozenset({Scope.ALL}), AGENT)


class Peer:
    """The other process, from the test's side."""

    def __init__(self, settings: Settings, lease: float, module: str = "peer") -> None:
        where = (settings.mongodb_uri or "", settings.database, str(lease))
        self.process = Talking(f"tests.integration.{module}", *where)

    def ask(self, what: str, **given: Any) -> Any:
        self.tell(what, **given)
        return self.hear()

    def tell(self, what: str, **given: Any) -> None:
        self.process.stdin.write(json.dumps({"do": what, **given}).encode() + b"\n")

    def hear(self, seconds: float = 30) -> Any:
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert ready, "the other process did not answer"
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def wake(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> None:
        """End it in order, or by force where it does not."""
        if self.process.poll() is None:
            self.wake()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def until(found: Callable[[], bool], seconds: float) -> float:
    """Wait until it is found; return the seconds that took, or fail."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if found():
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


def write(timeline: MongoTimeline, database: Database[Any]) -> int:
    def work(session: ClientSession, stamp: int) -> int:
        database["written"].insert_one({"_id": stamp}, session=session)
        return stamp

    return timeline.transact(work)


def writers(database: Database[Any]) -> dict[str, Any]:
    """Return the writers' rows, by id, as all processes see them."""
    found = database["meta"].find_one({"_id": "through"}) or {}
    rows: dict[str, Any] = found.get("writers", {})
    return rows


def writing(database: Database[Any]) -> list[int]:
    """Return the pids of the writers that do not rest."""
    return [row["pid"] for row in writers(database).values() if "low" in row]


class _Cancelled(Exception):
    """A batch that is given up inside its transaction."""


class _Slow:
    """Writes that take their time and are now and then given up (lrs.group_commit)."""

    def __init__(self, writes: StatementWrites, rng: random.Random) -> None:
        self._writes, self._rng = writes, rng

    def together(self, work: Any, count: int) -> None:
        def slowly(session: Any, place: Any) -> None:
            time.sleep(self._rng.choice((0, 0, 0.002, 0.03)))
            work(session, place)
            time.sleep(self._rng.choice((0, 0, 0.002, 0.08)))
            if self._rng.random() < 0.1:
                raise _Cancelled

        self._writes.together(slowly, count)

    def each(self, make: Any, count: int) -> list[Exception | None]:
        def slowly(place: Any, at: int) -> Any:
            time.sleep(self._rng.choice((0, 0, 0.002, 0.08)))
            if self._rng.random() < 0.1:
                raise _Cancelled
            return make(place, at)

        return self._writes.each(slowly, count)


class Other:
    """The process itself."""

    def __init__(self, uri: str, database: str, lease: float) -> None:
        self.client: MongoClient[Any] = mongo.connect(uri)
        self.database = mongo.database(self.client, database)
        self.timeline = MongoTimeline(self.database, slots=8, beat=0.1, lease=lease)

    def through(self) -> dict[str, int]:
        return {"through": self.timeline.consistent_through()}

    def stamp(self, count: int = 1) -> dict[str, int]:
        def work(session: Any, stamp: int) -> int:
            self.database["written"].insert_one({"_id": stamp}, session=session)
            return stamp

        return {"stamp": self.timeline.transact(work, count=count)}

    def hold(self, at: str, key: str = "") -> dict[str, int]:
        """Write, and pause once inside the transaction until a line comes."""
        paused = False
        first = 0

        def pause() -> None:
            nonlocal paused
            if not paused:
                paused = True
                _say({"stamp": first})
                sys.stdin.readline()

        def work(session: Any, stamp: int) -> int:
            nonlocal first
            first = first or stamp
            if at == "begun":
                pause()
            row = {"_id": key or stamp, "stamp": stamp}
            self.database["written"].insert_one(row, session=session)
            if at == "stamped":
                pause()
            return stamp

        rows = self.timeline._member.writers
        touch = rows.touch
        if at == "touched":

            def touch_and_pause(slot: Any, last: int) -> bool:
                touched = touch(slot, last)
                pause()
                return touched

            rows.touch = touch_and_pause  # type: ignore[method-assign]
        done = self.timeline.transact(work)
        rows.touch = touch  # type: ignore[method-assign]
        return {"committed": done}

    def churn(self, seconds: float, threads: int, seed: int) -> dict[str, list[str]]:
        """Record batches from several threads; answer which were acknowledged."""
        acknowledged: list[str] = []
        cancelled: list[str] = []
        end = time.monotonic() + seconds

        def write(number: int) -> None:
            rng = random.Random(f"{seed}:{number}")
            store = MongoStatements(self.database)
            tenants = Tenants(MongoTenants(self.database), cmi5_mode=Cmi5Mode.OFF)
            recording = Recording(
                _Slow(StatementWrites(self.database, self.timeline), rng),
                store,
                tenants,
            )
            while time.monotonic() < end:
                batch = [a_statement() for _ in range(rng.choice((1, 1, 5, 40)))]
                received, _ = text.split(json.dumps(batch).encode())
                ids = [item["id"] for item in batch]
                try:
                    recording.record(WRITER, received, Version.V1_0_3)
                    acknowledged.extend(ids)
                except _Cancelled:
                    cancelled.extend(ids)

        running = [
            threading.Thread(target=write, args=(number,)) for number in range(threads)
        ]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return {"acknowledged": acknowledged, "cancelled": cancelled}

    def lease(self, name: str, seconds: float) -> dict[str, bool]:
        """Hold a lease until a line comes; answer whether it was lost meanwhile."""
        try:
            with MongoLeases(self.database, seconds=seconds).hold(name) as lost:
                _say({"held": True})
                sys.stdin.readline()
                return {"lost": lost.is_set()}
        except LeaseTaken:
            return {"held": False}

    def leave(self) -> dict[str, bool]:
        self.timeline.close()
        return {"left": True}


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def serve(kind: type[Other]) -> None:
    """Do what the lines of standard input say, until they end."""
    uri, database, lease = sys.argv[1:]
    other = kind(uri, database, float(lease))
    for line in sys.stdin:
        given = json.loads(line)
        _say(getattr(other, given.pop("do"))(**given))
    other.timeline.close()
    other.client.close()


if __name__ == "__main__":
    serve(Other)
