"""Leases over real processes: one holder, lost in time, free after a kill."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from lrs.services import Services
from lrs.store.leases import LeaseTaken, MongoLeases
from tests.integration.peer import Peer

SECONDS = 1.0


@pytest.fixture
def leases(services: Services) -> MongoLeases:
    return MongoLeases(services.database, seconds=SECONDS)


def held_by(peer: Peer) -> bool:
    answer: dict[str, Any] = peer.ask("lease", name="job", seconds=SECONDS)
    return bool(answer["held"])


def held_here(leases: MongoLeases) -> bool:
    try:
        with leases.hold("job"):
            return True
    except LeaseTaken:
        return False


def test_only_one_of_two_processes_holds_it_however_long(
    leases: MongoLeases, peer: Callable[[], Peer]
) -> None:
    holder, other = peer(), peer()
    assert held_by(holder)
    end = time.monotonic() + 2 * SECONDS  # extended, past its own length
    while time.monotonic() < end:
        assert not held_here(leases)
        assert not held_by(other)
    assert holder.ask("done") == {"lost": False}
    assert held_by(other), "free at once when its holder is done"
    assert other.ask("done") == {"lost": False}


def test_what_a_stopped_holder_lost_belongs_to_the_next(
    leases: MongoLeases, peer: Callable[[], Peer]
) -> None:
    holder = peer()
    assert held_by(holder)
    holder.stop()
    assert not held_here(leases)
    time.sleep(SECONDS + 0.2)
    with leases.hold("job") as lost:
        holder.wake()
        assert holder.ask("done") == {"lost": True}
        # Leaving, the old one did not take the lease from the new one.
        assert not held_here(leases)
        assert not lost.is_set()


def test_a_killed_holder_blocks_it_no_longer_than_it_lasts(
    leases: MongoLeases, peer: Callable[[], Peer]
) -> None:
    holder = peer()
    assert held_by(holder)
    holder.kill()
    began = time.monotonic()
    assert not held_here(leases)
    while not held_here(leases):
        assert time.monotonic() - began < SECONDS + 1
        time.sleep(0.02)


def test_a_holder_that_cannot_extend_it_knows_when_its_time_is_over(
    leases: MongoLeases, monkeypatch: pytest.MonkeyPatch
) -> None:
    with leases.hold("job") as lost:
        monkeypatch.setattr(leases, "_extend", lambda *_: None)
        assert not lost.is_set()
    with leases.hold("job") as lost:  # as if the database could not be reached
        assert not lost.is_set()
        time.sleep(SECONDS + 0.05)
        assert lost.is_set()


def test_of_many_at_once_one_gets_it_and_it_goes_round(services: Services) -> None:
    leases = MongoLeases(services.database)
    inside = 0
    most = turns = 0
    lock = threading.Lock()
    end = time.monotonic() + 1

    def compete() -> None:
        nonlocal inside, most, turns
        while time.monotonic() < end:
            try:
                with leases.hold("job"):
                    with lock:
                        inside += 1
                        most = max(most, inside)
                        turns += 1
                    time.sleep(0.005)
                    with lock:
                        inside -= 1
            except LeaseTaken:
                time.sleep(0.001)

    threads = [threading.Thread(target=compete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert turns > 10


def test_who_waits_gets_the_lease_when_it_is_free(leases: MongoLeases) -> None:
    began = threading.Event()

    def hold_for_a_while() -> None:
        with leases.hold("job"):
            began.set()
            time.sleep(0.5)

    thread = threading.Thread(target=hold_for_a_while)
    thread.start()
    assert began.wait(5)
    with pytest.raises(LeaseTaken), leases.hold("job"):
        pass
    with leases.hold("job", wait=10) as lost:
        assert not lost.is_set()
    thread.join()
