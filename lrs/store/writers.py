"""The writers' rows: registration, lanes, beats and the fence of the timeline.

The collection ``writers`` holds, for each process that writes,

- a row {_id, lane, low, beat, sessions, host, pid}: each of its stamps that is not yet
  committed lies above ``low``; ``beat`` is when it last said so (the server's clock),
- and its slots {_id, writer, last}: one for each transaction that it runs at a time. A
  transaction touches its slot as its last act, and leaves its last stamp there.

A writer without slots, or with closed ones, can commit nothing: it is fenced.

Lanes make stamps unique without asking anybody: a writer's stamps leave its lane as
the remainder by STEP, and no two rows that stand have the same lane. Who takes a lane
over begins above ``floor`` in the timeline's document, the last stamp of all writers
that have ended; it grows before their rows go. A row without a lane is one of the
program before lanes: the two must not write at the same time.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import queue
import socket
import threading
import uuid
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from lrs.feed import STEP
from lrs.store.clock import microseconds, monotonic
from lrs.store.mongo import JOURNALED, Document

TIMELINE = "timeline"  # the document of ``meta`` that all writers share
_FENCE_SECONDS = 2.0


def index_lanes(database: Database[Document]) -> None:
    """Let no two writers have the same lane."""
    database["writers"].create_index(
        "lane",
        name="lane",
        unique=True,
        partialFilterExpression={"lane": {"$exists": True}},
    )


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one transaction at a time leaves its mark, and the session it runs in."""

    id: str
    session: ClientSession


class Writer:
    """One row's slots, its lane, and its stamps in flight."""

    def __init__(self, slots: list[Slot], writer_id: str, lane: int) -> None:
        self.id = writer_id
        self.lane = lane
        self.last = 0
        self._due = 0
        self.all_slots = slots
        self.slots: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in slots:
            self.slots.put(slot)
        self._in_flight: dict[int, int] = {}
        self._lock = threading.Lock()

    def stamp(self, now: int, count: int) -> int:
        """Return the first of ``count`` new stamps; they are in flight until done.

        They stand STEP apart, each in this writer's lane.
        """
        with self._lock:
            first = max(self.last + 1, now)
            first += (self.lane - first) % STEP
            self.last = first + (count - 1) * STEP
            # A batch reaches ahead of the clock by 64 us a record, about what writing a
            # record takes. ``due`` says when the clock has caught up, by the one that
            # nobody sets back: no answer goes out before, so that who has heard of a
            # record writes later ones, and no load drives the times into the future.
            self._due = max(self._due, monotonic()) + (count - 1) * STEP
            self._in_flight[first] = self._due
            return first

    def done(self, stamp: int | None) -> int:
        """Note that a stamp was committed, or never will be.

        Returns the moment (of ``monotonic``) at which its batch lies in the past.
        """
        with self._lock:
            return self._in_flight.pop(stamp or 0, 0)

    def low(self, now: int) -> int:
        """Return a time below every stamp that may still be committed."""
        with self._lock:
            if self._in_flight:
                return min(self._in_flight) - 1
            self.last = max(self.last, now)
            return self.last

    @property
    def idle(self) -> bool:
        """Tell whether no stamp is in flight."""
        return not self._in_flight


class Writers:
    """The rows of all processes."""

    def __init__(self, database: Database[Document], slots: int) -> None:
        self._client = database.client
        self._rows = database["writers"]
        self._meta = database["meta"]
        # Not journaled: what is lost in a crash only makes the time lag.
        self._beats = self._rows.with_options(write_concern=WriteConcern(w=1))
        self._slots = slots

    def register(self, turn: int) -> Writer | None:
        """Add a row and its slots, at once; it holds back everything until it beats.

        The lanes take turns, so that one is not used again within moments. Returns
        None where each has its writer.
        """
        taken = set(self._rows.distinct("lane"))
        for lane in ((turn + ahead) % STEP for ahead in range(STEP)):
            if lane not in taken:
                with contextlib.suppress(DuplicateKeyError):  # another was faster
                    return self._add(lane)
        return None

    def _add(self, lane: int) -> Writer:
        name = uuid.uuid4().hex
        slots = [
            Slot(f"{name}/{number}", self._client.start_session())
            for number in range(self._slots)
        ]

        def add(session: ClientSession) -> None:
            self._rows.insert_many(
                [{"_id": slot.id, "writer": name, "last": 0} for slot in slots],
                session=session,
            )
            row = {
                "lane": lane,
                "low": 0,
                "beat": "$$NOW",
                "sessions": [_id(slot.session) for slot in slots],
                "host": socket.gethostname(),
                "pid": os.getpid(),
            }
            self._rows.update_one(
                {"_id": name}, [{"$set": row}], upsert=True, session=session
            )

        with self._client.start_session() as session:
            session.with_transaction(add, write_concern=JOURNALED)
        return Writer(slots, name, lane)

    def beat(self, writer: Writer, low: int) -> datetime.datetime | None:
        """Raise a row's ``low``; return the server's time, None where it is fenced."""
        found = self._beats.find_one_and_update(
            {"_id": writer.id, "fenced": {"$exists": False}},
            [{"$set": {"low": low, "beat": "$$NOW"}}],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else found["beat"]

    def touch(self, slot: Slot, last: int) -> bool:
        """Leave the transaction's last stamp; False when the writer has been fenced."""
        touched = self._rows.update_one(
            {"_id": slot.id, "closed": {"$exists": False}},
            {"$set": {"last": last}},
            session=slot.session,
        )
        return touched.matched_count == 1

    def lows(self, silent_since: int) -> list[int]:
        """Return every row's ``low``; rows silent since then are fenced, not listed."""
        rows = list(self._rows.find({"low": {"$exists": True}}))
        return [
            int(row["low"])
            for row in rows
            if microseconds(row["beat"]) >= silent_since or not self._fence(row)
        ]

    def _fence(self, row: Document) -> bool:
        """Take a silent writer's slots; tell whether it can commit no more."""
        still = {"_id": row["_id"], "beat": row["beat"]}
        try:
            with pymongo.timeout(_FENCE_SECONDS):
                fenced = self._rows.update_one(still, {"$set": {"fenced": True}})
                if not fenced.matched_count:
                    return False
                self._end_transactions(row["sessions"])
                # One that is committing all the same has touched a slot: this waits
                # for its end. One that has not will find its slot closed.
                slots = {"writer": row["_id"]}
                self._rows.update_many(slots, {"$set": {"closed": True}})
                lasts = [slot.get("last", 0) for slot in self._rows.find(slots)]
                self._end(row["_id"], max(lasts, default=0))
        except PyMongoError:
            return False  # its low goes on to count; the next one tries again
        return True

    def _end_transactions(self, sessions: list[uuid.UUID]) -> None:
        # The server keeps what a killed process left open for a minute, with its
        # locks on Statements and slots; ended here, they are free at once. A server
        # that forbids it only makes the fence wait.
        with contextlib.suppress(OperationFailure):
            self._rows.database.command(
                {"killSessions": [{"id": session} for session in sessions]},
                codec_options=self._rows.codec_options,
            )

    def leave(self, writer: Writer) -> None:
        """Remove a row that has nothing in flight."""
        self._end(writer.id, writer.last)
        for slot in writer.all_slots:
            slot.session.end_session()

    def _end(self, writer_id: str, last: int) -> None:
        # The floor first: who finds the lane free must find it too.
        self._meta.update_one({"_id": TIMELINE}, {"$max": {"floor": last}})
        self._rows.delete_many({"writer": writer_id})
        self._rows.delete_one({"_id": writer_id})


def _id(session: ClientSession) -> Any:
    return session.session_id["id"]
