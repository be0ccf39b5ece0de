"""The database's clock is set back and forth under load: order, uniqueness, no loss.

A real mongod under libfaketime (skipped where that is not installed), two web workers,
writers, and a poller that follows X-Experience-API-Consistent-Through.
TEST_FAULT_ROUNDS (1) repeats the jumps.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from config.settings import Settings
from lrs.services import opened
from lrs.store.leases import LeaseTaken, MongoLeases
from tests.builders import a_statement
from tests.conftest import KEY, SECRET
from tests.integration.faulty import (
    PATIENCE,
    Served,
    check,
    served,
    voided,
    with_credential,
)
from tests.integration.peer import Peer
from tests.integration.sending import sending
from tests.integration.shifted_clock import NotInstalled, ShiftedClock, shifted_clock

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("TEST_FAULT_ROUNDS", "1"))
HOUR, DAY = 3600, 86_400
JUMPS = (-DAY, HOUR, 0)  # a day back, forward again and past, and back to the truth
SINCE, UNTIL = "since", "until"


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShiftedClock]:
    try:
        with shifted_clock(tmp_path_factory.mktemp("clock")) as made:
            yield made
    except NotInstalled:
        pytest.skip("libfaketime is not installed (apt-get install libfaketime)")


@pytest.fixture
def own(settings: Settings, clock: ShiftedClock) -> Settings:
    made = replace(settings, mongodb_uri=clock.mongod.uri, workers=2)
    with_credential(made)
    return made


class Poller:
    """Asks since its previous header, until this one, again and again."""

    def __init__(self, url: str) -> None:
        self.seen: Counter[str] = Counter()
        self.headers: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        headers = {"X-Experience-API-Version": "2.0.0"}
        previous = ""
        with httpx.Client(auth=(KEY, SECRET), headers=headers, timeout=60) as http:
            while not self._stop.wait(0.1):
                try:
                    previous = self._poll(http, previous)
                except httpx.TransportError:
                    continue  # a worker was killed; nothing of that answer is counted
                except BaseException as error:
                    self._failed = error
                    return

    def _poll(self, http: httpx.Client, previous: str) -> str:
        path = f"{self._url}/xapi/statements"
        answer = http.get(path, params={"limit": 1})
        if answer.status_code == 503:
            return previous
        through = answer.headers["X-Experience-API-Consistent-Through"]
        parameters = {UNTIL: through, "ascending": "true"}
        if previous:
            parameters[SINCE] = previous
        found: Counter[str] = Counter()
        answer = http.get(path, params=parameters)
        while answer.status_code == 200:
            found.update(item["id"] for item in answer.json()["statements"])
            if not (more := answer.json()["more"]):
                break
            answer = http.get(self._url + more)
        if answer.status_code != 200:
            return previous
        self.seen += found
        self.headers.append(through)
        return through

    def wait_for(self, ids: set[str]) -> None:
        """Wait until it has seen all of these."""
        end = time.monotonic() + PATIENCE
        while missing := ids - set(self.seen):
            assert self._failed is None, self._failed
            assert time.monotonic() < end, f"{len(missing)} of {len(ids)} do not appear"
            time.sleep(0.1)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert self._failed is None, self._failed


def in_turn(server: Served, told: list[str], stop: threading.Event) -> None:
    """Send one Statement after the other; each is told before the next is sent."""
    while not stop.is_set():
        statement = a_statement()
        server.insist([statement])
        told.append(statement["id"])


def test_set_back_and_forth_under_load_nothing_is_lost_and_the_order_holds(
    own: Settings, clock: ShiftedClock, tmp_path: Path
) -> None:
    told: list[str] = []
    stop = threading.Event()
    with served(own, tmp_path) as server:
        poller = Poller(server.url)
        one_by_one = threading.Thread(target=in_turn, args=(server, told, stop))
        one_by_one.start()
        try:
            with sending(server.post, threads=2) as load:
                load.wait_for(5)
                for jump in JUMPS * ROUNDS:
                    clock.set(jump)
                    load.wait_for(10)
                    warned = "warnings" in server.wait_until(200)["mongodb"]
                    assert warned == (jump != 0)
                    # Its successor knows only the new time.
                    os.kill(a_worker(server), signal.SIGKILL)
                    load.wait_for(10)
        finally:
            stop.set()
            one_by_one.join(120)
        ids = {item["id"] for batch in load.acknowledged for item in batch}
        try:
            poller.wait_for((ids - voided(load)) | set(told))
        finally:
            poller.stop()
        check(server, load, others=set(told))
        stored = server.stored()
    assert set(poller.seen.values()) == {1}
    assert all(one <= other for one, other in pairwise(poller.headers))
    assert len(set(stored.values())) == len(stored)
    assert all(stored[one] < stored[other] for one, other in pairwise(told))


def a_worker(server: Served) -> int:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    return int(children.split()[0])


@pytest.fixture
def peer(own: Settings) -> Iterator[Callable[[], Peer]]:
    made: list[Peer] = []

    def start() -> Peer:
        made.append(Peer(own, 10))
        return made[-1]

    yield start
    for one in made:
        one.end()


def test_a_lease_stays_its_holders_and_no_longer_than_that_lives(
    own: Settings, clock: ShiftedClock, peer: Callable[[], Peer]
) -> None:
    seconds = 2.0
    with opened(own) as services:
        leases = MongoLeases(services.database, seconds=seconds)

        def held_here() -> bool:
            try:
                with leases.hold("job"):
                    return True
            except LeaseTaken:
                return False

        living, dead = peer(), peer()
        assert living.ask("lease", name="job", seconds=seconds)["held"]
        assert dead.ask("lease", name="other", seconds=seconds)["held"]
        for jump in (DAY, 0):
            clock.set(jump)
            end = time.monotonic() + 1.5 * seconds
            while time.monotonic() < end:
                assert not held_here()
                time.sleep(0.05)
        dead.kill()
        assert living.ask("done") == {"lost": False}
        assert held_here()
        with leases.hold("other", wait=PATIENCE) as lost:
            assert not lost.is_set()
