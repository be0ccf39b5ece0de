"""The timeline against real processes: late, stopped, killed, two at once."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from pymongo.database import Database

from lrs.feed import STEP
from lrs.store.feed import MongoFeed
from lrs.store.through import ThroughDocument
from lrs.store.timeline import MongoTimeline
from tests.integration.peer import LEASE, Peer, until, write, writers, writing


def test_stamps_increase_within_a_process_and_batches_do_not_overlap(
    timeline: MongoTimeline,
) -> None:
    taken: list[tuple[int, int]] = []

    def write_some(count: int) -> None:
        for _ in range(25):
            stamp = timeline.transact(lambda _, stamp: stamp, count=count)
            taken.append((stamp, stamp + (count - 1) * STEP))

    threads = [
        threading.Thread(target=write_some, args=(count,)) for count in (1, 7, 2000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.sort()
    assert len(taken) == 75
    assert all(last < first for (_, last), (first, _) in pairwise(taken))


def test_stamps_of_two_processes_increase_and_pass_what_was_published(
    peer: Callable[[], Peer],
) -> None:
    one, other = peer(), peer()
    last = 0
    for turn in range(20):
        writer, reader = (one, other) if turn % 2 else (other, one)
        published = reader.ask("through")["through"]
        stamp = writer.ask("stamp")["stamp"]
        assert stamp > published, "a reader that went on from there would miss it"
        assert stamp > last
        last = stamp
        time.sleep(0.01)  # what their views of the server's clock may differ


@pytest.mark.parametrize("at", ["begun", "touched"])
def test_an_open_transaction_holds_consistent_through_back(
    at: str, timeline: MongoTimeline, peer: Callable[[], Peer]
) -> None:
    writer = peer()
    stamp = writer.ask("hold", at=at)["stamp"]
    end = time.monotonic() + 1.2 * LEASE  # alive, it may take longer than a lease
    while time.monotonic() < end:
        assert timeline.consistent_through() < stamp
        time.sleep(0.05)
    assert writer.ask("go")["committed"] == stamp
    assert until(lambda: timeline.consistent_through() >= stamp, 5) < 1


def test_who_joins_or_wakes_stamps_above_what_was_published(
    timeline: MongoTimeline, database: Database[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    joining = MongoTimeline(database, beat=0.1, lease=LEASE)
    # Its clock is far behind: only what it finds published bounds its stamps.
    monkeypatch.setattr(joining._member.clock, "now", lambda: 0)
    for _ in range(3):
        published = timeline.consistent_through()
        assert write(joining, database) > published
        until(
            lambda: bool(joining._member.writer and joining._member.writer.resting), 10
        )
    joining.close()


def test_a_message_that_comes_late_lets_no_writer_rest_that_has_woken(
    timeline: MongoTimeline, database: Database[Any]
) -> None:
    name = "a" * 32
    document = ThroughDocument(database)
    document.join(name, "host", "", 0)
    first = document.wake(name, 1)
    assert first
    assert document.rest(name, 1, first.through, asked=False)
    again = document.wake(name, 2)
    assert again
    assert document.rest(name, 1, first.through, asked=False) is None
    late = document.wake(name, 1)  # as a first try that was given up
    assert late
    assert late.rows[name].low == again.rows[name].low
    for _ in range(3):
        assert timeline.consistent_through() <= (again.rows[name].low or 0)


def test_who_rests_holds_nobody_back_though_it_is_stopped(
    timeline: MongoTimeline, database: Database[Any], peer: Callable[[], Peer]
) -> None:
    resting = peer()
    resting.ask("stamp")
    until(lambda: not writing(database), 10)
    resting.stop()
    stamp = write(timeline, database)
    assert until(lambda: timeline.consistent_through() >= stamp, 5) < LEASE
    assert resting.process.pid in [row["pid"] for row in writers(database).values()]


def test_a_poller_sees_every_acknowledged_statement_exactly_once(
    timeline: MongoTimeline, database: Database[Any], peer: Callable[[], Peer]
) -> None:
    feed = MongoFeed(database, timeline, batch=7)
    peers = [peer(), peer()]
    seen: Counter[str] = Counter()
    position = polls = 0
    answers: list[Any] = []

    def poll() -> int:
        through = feed.consistent_through()
        assert through >= position
        for batch in feed.read("default", position, through):
            seen.update(item.statement_id for item in batch)
        return through

    for turn in range(8):  # one, unless the machine is so busy that little was done
        for at, one in enumerate(peers):
            one.tell("churn", seconds=3, threads=4, seed=2 * turn + at)
        end = time.monotonic() + 3.5
        while time.monotonic() < end:
            position = poll()
            polls += 1
        answers += [one.hear() for one in peers]
        if polls > 30 and sum(len(one["acknowledged"]) for one in answers) > 300:
            break
    last = timeline.transact(lambda _, stamp: stamp)
    until(lambda: timeline.consistent_through() >= last, 30)
    poll()
    acknowledged = {item for one in answers for item in one["acknowledged"]}
    cancelled = {item for one in answers for item in one["cancelled"]}
    assert seen == Counter(acknowledged)
    assert len(acknowledged) > 300
    assert cancelled
    assert polls > 30


def test_leaving_in_order_leaves_nothing_behind(
    timeline: MongoTimeline, database: Database[Any], peer: Callable[[], Peer]
) -> None:
    others = set(threading.enumerate())
    stamps = [write(timeline, database), peer().ask("stamp")["stamp"]]
    other = peer()
    stamps.append(other.ask("stamp")["stamp"])
    assert len(writers(database)) == 3
    other.ask("leave")
    timeline.close()
    timeline.close()  # again: nothing
    left = set(threading.enumerate()) - others
    assert not [one for one in left if one.name == "timeline"]
    assert len(writers(database)) == 1
    reader = MongoTimeline(database, lease=LEASE)
    assert until(lambda: reader.consistent_through() >= max(stamps), 5) < 1


def test_after_a_fork_the_child_is_refused(
    timeline: MongoTimeline, database: Database[Any]
) -> None:
    write(timeline, database)
    child = os.fork()
    if not child:
        refused = 0
        for act in (lambda: write(timeline, database), timeline.consistent_through):
            try:
                act()
            except RuntimeError:
                refused += 1
        timeline.close()  # must not take the parent's row
        os._exit(refused)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert len(writers(database)) == 1
    assert write(timeline, database)
