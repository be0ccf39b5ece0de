"""The fence: writers stopped, killed or without an answer hold nobody back for long."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from config.settings import Settings
from lrs.store import marks
from lrs.store.timeline import MongoTimeline
from tests.integration.peer import LEASE, Peer, until, write, writers


# begun: the server knows of no transaction yet; only the missing slot stops it.
@pytest.mark.parametrize("at", ["begun", "stamped", "touched"])
def test_a_stopped_writer_is_fenced_after_its_lease_and_writes_later(
    at: str, timeline: MongoTimeline, database: Database[Any], peer: Callable[[], Peer]
) -> None:
    writer = peer()
    stamp = writer.ask("hold", at=at)["stamp"]
    writer.stop()
    end = time.monotonic() + LEASE * 0.6
    while time.monotonic() < end:
        assert timeline.consistent_through() < stamp
    until(lambda: timeline.consistent_through() >= stamp, LEASE + 2)
    seen = timeline.consistent_through()
    assert database["written"].count_documents({}) == 0
    writer.wake()
    assert writer.ask("go")["committed"] > seen
    rows = list(database["written"].find())
    assert [row["stamp"] > seen for row in rows] == [True]


@pytest.mark.parametrize("at", ["stamped", "touched"])
def test_a_killed_writer_holds_nobody_back_longer_than_its_lease(
    at: str, timeline: MongoTimeline, database: Database[Any], peer: Callable[[], Peer]
) -> None:
    writer, retry = peer(), peer()
    stamp = writer.ask("hold", at=at, key="the same")["stamp"]
    retry.ask("stamp")
    writer.kill()
    retry.tell("hold", at="nowhere", key="the same")  # meets the dead one's lock
    until(lambda: timeline.consistent_through() >= stamp, LEASE + 1.5)
    # Only the fence ends what the dead process left open: MongoDB takes a minute.
    assert retry.hear(LEASE + 3)["committed"] > stamp
    alive = database["writers"].distinct("pid")
    assert alive == [retry.process.pid]


def test_a_writer_killed_on_this_machine_is_not_waited_for(
    settings: Settings, database: Database[Any]
) -> None:
    timeline = MongoTimeline(database, lease=300)
    writer = Peer(settings, lease=300)
    stamp = writer.ask("hold", at="touched")["stamp"]
    assert timeline.consistent_through() < stamp
    writer.kill()
    until(lambda: timeline.consistent_through() >= stamp, 30)
    assert not database["written"].count_documents({})
    timeline.close()
    writer.end()


def test_a_commit_of_unknown_outcome_is_decided_without_waiting_for_a_lease(
    database: Database[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = MongoTimeline(database, lease=300)

    def lost(_: ClientSession) -> None:
        raise PyMongoError("no answer came")

    with monkeypatch.context() as patched:
        patched.setattr(ClientSession, "commit_transaction", lost)
        with pytest.raises(PyMongoError, match="no answer"):
            write(timeline, database)
    stamp = write(timeline, database)
    until(lambda: timeline.consistent_through() >= stamp, 30)
    timeline.close()


def test_the_next_mark_of_each_slot_is_taken_whatever_others_have_written(
    database: Database[Any],
) -> None:
    statements = database["statements"]
    writers = [f"{number:02x}" + "5" * 30 for number in (0, 0x55, 0xFF)]

    def write(writer: str, slot: int, number: int) -> None:
        made = {"t": "default", "s": uuid.uuid4()}
        mark = marks.mark(writer, slot, number)
        statements.insert_one({"_id": made, "mark": mark, "stored": number + 1})

    for writer in (writers[0], writers[2]):
        for number in range(5):
            write(writer, 1, number)
    write(writers[1], 2, 0)
    write(writers[1], 2, 1)
    for _ in range(2):  # as one that was cut off
        assert marks.take_next(statements, writers[1], 4) == 2
    for slot in range(4):
        with pytest.raises(DuplicateKeyError):
            write(writers[1], slot, 2 if slot == 2 else 0)
    for writer in (writers[0], writers[2]):
        write(writer, 1, 5)
        write(writer, 2, 0)


def test_what_a_killed_writer_left_is_fenced_though_nobody_reads(
    database: Database[Any], peer: Callable[[], Peer]
) -> None:
    writer, retry = peer(), peer()
    stamp = writer.ask("hold", at="touched", key="the same")["stamp"]
    writer.kill()
    retry.tell("hold", at="nowhere", key="the same")
    assert retry.hear(2 * LEASE + 3)["committed"] > stamp


@pytest.mark.parametrize("sent", [True, False])
def test_a_commit_of_unknown_outcome_is_decided_by_the_fence(
    sent: bool,
    timeline: MongoTimeline,
    database: Database[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(timeline, database)
    commit = ClientSession.commit_transaction

    def lost(session: ClientSession) -> None:
        if sent:
            commit(session)
        raise PyMongoError("no answer came")

    reader = MongoTimeline(database, lease=LEASE)
    with monkeypatch.context() as patched:
        patched.setattr(ClientSession, "commit_transaction", lost)
        stamps: list[int] = []

        def work(session: ClientSession, stamp: int) -> None:
            stamps.append(stamp)
            database["written"].insert_one({"_id": stamp}, session=session)

        with pytest.raises(PyMongoError, match="no answer"):
            timeline.transact(work)
        assert reader.consistent_through() < stamps[0]
    later = write(timeline, database)
    assert later > stamps[0]
    until(lambda: reader.consistent_through() >= later, LEASE + 2)
    found = database["written"].find_one({"_id": stamps[0]})
    assert (found is not None) == sent


def test_a_writer_fenced_while_it_joins_takes_another_row(
    timeline: MongoTimeline, database: Database[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    joining = MongoTimeline(database, beat=0.1, lease=LEASE)
    register = joining._member.writers.register
    fenced: list[str] = []

    def slowly(name: str, turn: int) -> Any:
        row = register(name, turn)
        if not fenced:
            fenced.append(name)
            timeline.consistent_through()
            until(lambda: name not in writers(database), 3 * LEASE)
            assert not database["writers"].count_documents({"_id": name})
        return row

    monkeypatch.setattr(joining._member.writers, "register", slowly)
    before = timeline.consistent_through()
    assert write(joining, database) > before
    assert database["written"].count_documents({}) == 1
    joining.close()
