"""Writes of Statements: each for itself or all together, with marks and without."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from pymongo.database import Database

from lrs.group_commit import Batch, Place
from lrs.recording import ConflictingStatements, Recording
from lrs.store.marks import NOBODY
from lrs.store.statement_writes import StatementWrites
from lrs.store.statements import MongoStatements
from lrs.store.tenants import MongoTenants
from lrs.store.timeline import MongoTimeline
from lrs.tenants import Cmi5Mode, Tenants
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.builders import a_statement
from tests.integration.peer import WRITER


@pytest.fixture(params=[True, False], ids=["marked", "unmarked"])
def writes(
    request: pytest.FixtureRequest, database: Database[Any], timeline: MongoTimeline
) -> StatementWrites:
    return StatementWrites(database, timeline, marked=request.param)


@pytest.fixture
def recording(writes: StatementWrites, database: Database[Any]) -> Recording:
    tenants = Tenants(MongoTenants(database), cmi5_mode=Cmi5Mode.OFF)
    return Recording(writes, MongoStatements(database), tenants)


def record(recording: Recording, *statements: dict[str, Any]) -> int:
    """Record Statements as one request; return how many were new."""
    body = statements[0] if len(statements) == 1 else statements
    received, _ = text.split(json.dumps(body).encode())
    return recording.record(WRITER, received, Version.V1_0_3).new


def stored(database: Database[Any]) -> list[str]:
    """Return the ids of all Statements, in stored order."""
    found = database["statements"].find({"stored": {"$exists": True}})
    return [str(row["_id"]["s"]) for row in found.sort("stored")]


def test_many_at_a_time_are_stored_each_once(
    recording: Recording, database: Database[Any]
) -> None:
    sent = [[a_statement() for _ in range(n % 3 + 1)] for n in range(60)]
    news: list[int] = []

    def write(mine: list[list[dict[str, Any]]]) -> None:
        news.extend(record(recording, *batch) for batch in mine)

    threads = [threading.Thread(target=write, args=(sent[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [item["id"] for batch in sent for item in batch]
    assert sorted(stored(database)) == sorted(ids)
    assert sum(news) == len(ids)
    stamps = database["statements"].distinct("stored")
    assert len(stamps) == len(ids)


def test_what_one_request_is_refused_for_no_other_suffers(
    recording: Recording, database: Database[Any]
) -> None:
    standing = a_statement()
    record(recording, standing)
    other = {**standing, "verb": {"id": "http://example.com/other"}}
    sent = [a_statement() for _ in range(12)]
    refused: list[str] = []

    def write(statement: dict[str, Any]) -> None:
        try:
            record(recording, statement)
        except ConflictingStatements:
            refused.append(statement["id"])

    threads = [
        threading.Thread(target=write, args=(item,))
        for pair in ((item, other) for item in sent)
        for item in pair
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [standing["id"]] * len(sent)
    assert sorted(stored(database)) == sorted(
        [standing["id"], *(item["id"] for item in sent)]
    )


def test_a_repeat_is_done_already(
    recording: Recording, database: Database[Any]
) -> None:
    one, more = a_statement(), [a_statement(), a_statement()]
    assert record(recording, one) == 1
    assert record(recording, one) == 0
    assert record(recording, one, *more) == 2
    assert record(recording, *more) == 0
    assert len(stored(database)) == 3


def fence(timeline: MongoTimeline) -> None:
    """Fence a timeline's writer, as others do with one that is silent."""
    member = timeline._member
    member.fence._cut_off(timeline.writer().id)


def test_statements_stamped_before_a_fence_are_stamped_anew(
    database: Database[Any], timeline: MongoTimeline
) -> None:
    writes = StatementWrites(database, timeline, marked=True)
    places: list[Place] = []

    def make(place: Place, at: int) -> dict[str, Any]:
        places.append(place)
        if len(places) == 3:  # after the last stamp, before the write
            fence(timeline)
        key = {"t": "default", "s": at}
        return {"_id": key, "stored": place.stamp, "mark": place.mark}

    assert writes.each(make, 3) == [None] * 3
    assert len(places) == 6
    rows = list(database["statements"].find({"stored": {"$exists": True}}))
    assert {row["mark"] for row in rows} == {place.mark for place in places[3:]}
    taken = database["statements"].find({"_id.t": NOBODY})
    assert {place.mark for place in places[:3]} <= {row["mark"] for row in taken}


class _Fenced(MongoStatements):
    """A store whose writer is fenced before its first batch is written."""

    def __init__(self, database: Database[Any], timeline: MongoTimeline) -> None:
        super().__init__(database)
        self._timeline = timeline
        self.stamps: list[int] = []

    def insert(self, session: Any, batches: Any) -> None:
        batch: Batch = batches[0]
        self.stamps.append(batch.stamp)
        if len(self.stamps) == 1:
            fence(self._timeline)
        super().insert(session, batches)


def test_a_batch_stamped_before_a_fence_is_stamped_anew(
    database: Database[Any], timeline: MongoTimeline
) -> None:
    store = _Fenced(database, timeline)
    writes = StatementWrites(database, timeline, marked=True)
    recording = Recording(
        writes, store, Tenants(MongoTenants(database), cmi5_mode=Cmi5Mode.OFF)
    )
    assert record(recording, *(a_statement() for _ in range(3))) == 3
    first, second = store.stamps
    assert first < second
    rows = database["statements"].find({"stored": {"$exists": True}}).sort("stored")
    assert next(row["stored"] for row in rows) == second


def test_a_fence_knows_the_last_stamp_of_marked_writes(
    database: Database[Any], timeline: MongoTimeline
) -> None:
    tenants = Tenants(MongoTenants(database), cmi5_mode=Cmi5Mode.OFF)
    writes = StatementWrites(database, timeline, marked=True)
    recording = Recording(writes, MongoStatements(database), tenants)
    for count in (1, 3, 1):
        record(recording, *(a_statement() for _ in range(count)))
    last = max(database["statements"].distinct("stored"))
    fence(timeline)
    state = database["meta"].find_one({"_id": "through"})
    assert state
    assert state["floor"] == last
    assert not database["writers"].count_documents({})
