"""The timeline when the database server's clock is set: back, forward, by a failover.

A second primary has a clock of its own, so a failover is the same to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from lrs.store import fence, through
from lrs.store.clock import microseconds
from lrs.store.timeline import MongoTimeline
from tests.integration.peer import LEASE, until, write, writers, writing

HOUR = 3_600_000  # milliseconds, as MongoDB counts
SetClock = Callable[[int], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the server's clock by so many milliseconds, as the timelines see it."""

    def change(by: int) -> None:
        monkeypatch.setattr(through, "_NOW", {"$add": ["$$NOW", by]})

    return change


@pytest.fixture
def other(database: Database[Any]) -> Any:
    made = MongoTimeline(database, slots=8, beat=0.1, lease=LEASE)
    yield made
    made.close()


@pytest.mark.parametrize("by", [-HOUR, -400, HOUR])
def test_stamps_and_consistent_through_go_on_whatever_the_clock_is_set_to(
    by: int,
    timeline: MongoTimeline,
    other: MongoTimeline,
    database: Database[Any],
    set_clock: SetClock,
) -> None:
    stamps = [write(timeline, database), write(other, database)]
    published = timeline.consistent_through()
    set_clock(by)
    for turn in range(12):
        writer, reader = (timeline, other) if turn % 2 else (other, timeline)
        stamps.append(write(writer, database))
        found = reader.consistent_through()
        assert found >= published, "it went back"
        published = found
        time.sleep(0.1 if turn % 3 else 1.2)  # both, one or none of them rest
    for one in (timeline, other):
        until(lambda one=one: one.consistent_through() >= stamps[-1], 5)
    if by == -HOUR:
        now = microseconds(timeline._member.document.look(asked=False).clock)
        assert stamps[-1] - now > 3_500_000_000, "the clock was not behind"
    if by < -1000 or by > 0:  # else it is less than what views of a clock may differ
        assert stamps == sorted(stamps), "who had heard of one wrote an earlier one"
    assert len(set(stamps)) == len(stamps)


def test_a_clock_that_is_set_forward_makes_nobody_silent(
    timeline: MongoTimeline,
    other: MongoTimeline,
    database: Database[Any],
    set_clock: SetClock,
) -> None:
    write(timeline, database)
    write(other, database)
    standing = writers(database).keys()
    set_clock(HOUR)
    end = time.monotonic() + 2 * LEASE
    while time.monotonic() < end:
        timeline.consistent_through(max_age=0.1)
        time.sleep(0.05)
    assert writers(database).keys() == standing


def test_who_falls_silent_when_the_clock_is_set_back_is_fenced_after_its_lease(
    timeline: MongoTimeline,
    database: Database[Any],
    set_clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fence, "_exists", lambda _: True)
    silent = MongoTimeline(database, slots=1, beat=3600, lease=3600)
    write(silent, database)
    assert len(writing(database)) == 1
    set_clock(-HOUR)
    stamp = write(timeline, database)
    until(lambda: timeline.consistent_through() >= stamp, 3 * LEASE + 5)
    silent.close()
