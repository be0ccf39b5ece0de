"""``stored`` is strictly ordered, whoever writes: the lanes of the timeline.

Each process has the stamps of one remainder (lrs.store.writers), so that no two records
share one; a lane is free again when its writer has left or was fenced.
"""

from __future__ import annotations

import contextlib
import datetime
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure

from config.settings import Settings
from lrs.access import Scope
from lrs.errors import Unavailable
from lrs.feed import STEP
from lrs.services import Services
from lrs.store.clock import monotonic
from lrs.store.fence import unite_timeline
from lrs.store.timeline import MongoTimeline
from lrs.store.writers import Writer
from tests.conftest import Client
from tests.integration.peer import LEASE, Peer, until, write
from tests.integration.recorder import Recorders

TENANTS = ["default", "other"]


@pytest.fixture
def recorders(settings: Settings) -> Iterator[Recorders]:
    made = Recorders(settings, 3)
    yield made
    made.end()


def lanes(database: Database[Any]) -> list[int]:
    """Return the lanes in use, in order."""
    rows = database["writers"].find({"lane": {"$exists": True}})
    return sorted(row["lane"] for row in rows)


def all_stored(client: Client, ascending: str) -> list[tuple[str, str]]:
    """Return (stored, id) of all Statements, page by page."""
    address, found = f"/xapi/statements?ascending={ascending}", []
    while address:
        answer: Any = client.get(address)
        assert answer.status_code == 200, answer.json
        found += [(item["stored"], item["id"]) for item in answer.json["statements"]]
        address = answer.json["more"]
    return found


def test_stored_strictly_increases_though_several_processes_write_at_once(
    client: Client, services: Services, recorders: Recorders
) -> None:
    clients = {"default": client}
    clients["other"] = client.signed_in_as(
        *services.credentials.add("other", [Scope.ALL])
    )
    for seed, peer in enumerate(recorders.peers):
        peer.tell("burst", tenants=TENANTS, seconds=2.5, threads=3, seed=seed)
    recorded = [item for peer in recorders.peers for item in peer.hear(60)]
    everything = []
    for tenant in TENANTS:
        found = all_stored(clients[tenant], "true")
        assert all(one < next_ for (one, _), (next_, _) in pairwise(found))
        assert all_stored(clients[tenant], "false") == found[::-1]
        place = {statement: at for at, (_, statement) in enumerate(found)}
        batches = [ids for whose, ids in recorded if whose == tenant]
        assert len(batches) > 50
        assert len(found) == sum(len(ids) for ids in batches)
        for ids in batches:  # in the order of the batch, though others came between
            assert [place[item] for item in ids] == sorted(place[item] for item in ids)
        everything += found
    assert len({stored for stored, _ in everything}) == len(everything)


def test_whoever_has_an_answer_is_followed_by_later_times(
    timeline: MongoTimeline, database: Database[Any]
) -> None:
    other = MongoTimeline(database, lease=LEASE)
    count = 3000  # reaches 0.2 s ahead of the clock; nothing is written meanwhile
    for writer, next_writer in [(timeline, other), (other, timeline)] * 2:
        first = writer.transact(lambda _, stamp: stamp, count=count)
        last = first + (count - 1) * STEP
        # A thousandth is what their views of the server's clock may differ.
        assert write(next_writer, database) > last - 2000
    other.close()


def test_stamps_keep_their_lane_and_leave_in_flight_what_is_not_settled() -> None:
    writers = [Writer([], str(lane), lane) for lane in range(STEP)]
    for writer in writers:
        assert writer.stamp(1, 1) is None, "it rests"
        writer.woken(0)
    rng = random.Random(7)
    now, seen = 1_750_000_000_000_000, set()
    for _ in range(4000):
        writer = rng.choice(writers)
        now += rng.choice((0, 0, 1, 3, 500, -2000))  # the clock may be set back
        count = rng.choice((1, 1, 2, 50))
        before = writer.low(now)
        first = writer.stamp(now, count) or 0
        stamps = range(first, first + count * STEP, STEP)
        assert {stamp % STEP for stamp in stamps} == {writer.lane}
        assert seen.isdisjoint(stamps)
        seen.update(stamps)
        assert before < first
        assert writer.low(now + 10_000_000) < first, "it may yet be committed"
        due = writer.done(first)
        assert due - monotonic() <= writer.last - first + 100_000
        assert writer.low(0) >= stamps[-1]


def test_lanes_are_free_again_when_their_writers_leave(
    database: Database[Any],
) -> None:
    standing = [MongoTimeline(database, lease=LEASE) for _ in range(3)]
    for one in standing:
        write(one, database)
    assert lanes(database) == [0, 1, 2]
    standing[1].close()
    assert lanes(database) == [0, 2]
    late = MongoTimeline(database, lease=LEASE)
    write(late, database)
    assert lanes(database) == [0, 2, 3], "a lane was used again within moments"
    for one in (*standing, late):
        one.close()
    assert lanes(database) == []


def test_the_lane_of_a_killed_process_is_free_again_after_its_lease(
    timeline: MongoTimeline, database: Database[Any], peer: Callable[[], Peer]
) -> None:
    write(timeline, database)
    killed = peer()
    stamp = killed.ask("stamp", count=50)["stamp"]
    assert lanes(database) == [0, 1]
    killed.kill()

    def freed() -> bool:
        timeline.consistent_through()
        return lanes(database) == [0]

    until(freed, LEASE + 3)
    found = database["meta"].find_one({"_id": "through"})
    assert found
    assert found["floor"] >= stamp + 49 * STEP


@pytest.mark.parametrize("killed", [True, False])
def test_who_takes_a_lane_over_begins_above_what_was_written_in_it(
    killed: bool,
    timeline: MongoTimeline,
    database: Database[Any],
    peer: Callable[[], Peer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former = peer()
    stamp = former.ask("stamp", count=20_000)["stamp"]  # 1.3 s, all in lane 0
    if killed:
        former.kill()
        until(lambda: timeline.consistent_through() > 0 and not lanes(database), 5)
    else:
        former.ask("leave")
    database["meta"].update_one({"_id": "through"}, {"$set": {"joined": STEP}})
    # Its clock is behind: only what it finds bounds its stamps.
    monkeypatch.setattr(timeline._member.clock, "now", lambda: 0)
    assert write(timeline, database) > stamp + 19_999 * STEP
    assert lanes(database) == [0]


def test_as_many_processes_as_there_are_lanes_can_write_and_no_more(
    database: Database[Any],
) -> None:
    standing = [MongoTimeline(database, slots=1, lease=60) for _ in range(STEP)]
    threads = [threading.Thread(target=write, args=(one, database)) for one in standing]
    for thread in threads:  # at once: each finds another lane free
        thread.start()
    for thread in threads:
        thread.join()
    assert lanes(database) == list(range(STEP))
    late = MongoTimeline(database, slots=1, lease=60)
    with pytest.raises(Unavailable, match="64 processes write"):
        write(late, database)
    assert database["written"].count_documents({}) == STEP
    standing[17].close()
    write(late, database)
    assert lanes(database) == list(range(STEP))
    for one in (*standing, late):
        one.close()


def test_where_all_lanes_are_taken_that_of_a_silent_process_is_had(
    settings: Settings, database: Database[Any]
) -> None:
    # All have one lease, as it is: who rests tells of itself only so often.
    silent = Peer(settings, lease=60)
    silent.ask("stamp")
    standing = [MongoTimeline(database, slots=1, lease=60) for _ in range(STEP - 1)]
    for one in standing:
        write(one, database)
    silent.kill()
    late = MongoTimeline(database, slots=1, lease=60)

    def written() -> bool:
        with contextlib.suppress(Unavailable):
            return bool(write(late, database))
        return False

    until(written, 60)
    assert lanes(database) == list(range(STEP))
    for one in (*standing, late):
        one.close()
    silent.end()


def test_a_transaction_cannot_end_in_a_lane_that_was_taken_from_it(
    timeline: MongoTimeline, database: Database[Any]
) -> None:
    other = MongoTimeline(database, lease=LEASE)
    tried: list[int] = []

    def work(session: ClientSession, stamp: int) -> int:
        tried.append(stamp)
        database["written"].insert_one({"_id": stamp}, session=session)
        if len(tried) == 1:  # fenced meanwhile, as after a long silence

            def fenced() -> bool:  # unless it has just spoken
                rows = other._member.document.look(asked=True).rows
                return all(map(other._member.fence.raise_against, rows.values()))

            until(fenced, 10)
        return stamp

    done = timeline.transact(work)
    assert done == tried[-1] > tried[0]
    assert done % STEP != tried[0] % STEP
    assert database["written"].distinct("_id") == [done]
    other.close()


def test_the_timeline_of_the_former_program_is_taken_over_and_it_can_write_no_more(
    timeline: MongoTimeline, database: Database[Any]
) -> None:
    old = uuid.uuid4().hex
    row = {"low": 5, "beat": datetime.datetime.now(datetime.UTC), "pid": 1}
    database["writers"].insert_many(
        [
            {"_id": old, "lane": 0, "sessions": [uuid.uuid4()], **row},
            {"_id": f"{old}/0", "writer": old, "last": 3_000_000_000_000_000},
        ]
    )
    given_out = 2_900_000_000_000_000
    former = {"_id": "timeline", "joined": 7, "through": given_out, "floor": 1}
    database["meta"].replace_one({"_id": "timeline"}, former, upsert=True)
    for _ in range(2):  # as one that was cut off
        unite_timeline(database)
    assert lanes(database) == []
    assert not database["writers"].count_documents({})
    assert timeline.consistent_through() >= given_out
    assert write(timeline, database) > 3_000_000_000_000_000
    with pytest.raises(OperationFailure):  # how the former program joins
        database["meta"].update_one({"_id": "timeline"}, {"$inc": {"joined": 1}})
