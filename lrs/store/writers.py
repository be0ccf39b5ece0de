"""The writers' rows: registration, beats and the fence of the timeline.

The collection ``writers`` holds, for each process that writes,

- a row {_id, low, beat, sessions, host, pid}: each of its stamps that is not yet
  committed lies above ``low``; ``beat`` is when it last said so (the server's clock),
- and its slots {_id, writer, n}: one for each transaction that it runs at a time. A
  transaction touches its slot as its last act.

A writer without slots can commit nothing. To delete them is to fence it.
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
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from lrs.store.clock import microseconds
from lrs.store.mongo import JOURNALED, Document

_FENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one transaction at a time leaves its mark, and the session it runs in."""

    id: str
    session: ClientSession


class Writer:
    """One row's slots, and its stamps in flight."""

    def __init__(self, slots: list[Slot], writer_id: str) -> None:
        self.id = writer_id
        self.last = 0
        self.all_slots = slots
        self.slots: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in slots:
            self.slots.put(slot)
        self._in_flight: dict[int, int] = {}
        self._lock = threading.Lock()

    def stamp(self, now: int, count: int) -> int:
        """Return the first of ``count`` new stamps; they are in flight until done."""
        with self._lock:
            first = max(self.last + 1, now)
            self.last = first + count - 1
            self._in_flight[first] = self.last
            return first

    def done(self, stamp: int | None) -> None:
        """Note that a stamp was committed, or never will be."""
        with self._lock:
            self._in_flight.pop(stamp or 0, None)

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
        # Not journaled: what is lost in a crash only makes the time lag.
        self._beats = self._rows.with_options(write_concern=WriteConcern(w=1))
        self._slots = slots

    def register(self) -> Writer:
        """Add a row and its slots, at once; it holds back everything until it beats."""
        name = uuid.uuid4().hex
        slots = [
            Slot(f"{name}/{number}", self._client.start_session())
            for number in range(self._slots)
        ]

        def add(session: ClientSession) -> None:
            self._rows.insert_many(
                [{"_id": slot.id, "writer": name, "n": 0} for slot in slots],
                session=session,
            )
            row = {
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
        return Writer(slots, name)

    def beat(self, writer: Writer, low: int) -> datetime.datetime | None:
        """Raise a row's ``low``; return the server's time, None where it is fenced."""
        found = self._beats.find_one_and_update(
            {"_id": writer.id, "fenced": {"$exists": False}},
            [{"$set": {"low": low, "beat": "$$NOW"}}],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else found["beat"]

    def touch(self, slot: Slot) -> bool:
        """Leave the transaction's mark; False when the writer has been fenced."""
        touched = self._rows.update_one(
            {"_id": slot.id}, {"$inc": {"n": 1}}, session=slot.session
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
                # for its end. One that has not will find its slot gone.
                self._rows.delete_many({"writer": row["_id"]})
                self._rows.delete_one({"_id": row["_id"]})
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
        self._rows.delete_many({"writer": writer.id})
        self._rows.delete_one({"_id": writer.id})
        for slot in writer.all_slots:
            slot.session.end_session()


def _id(session: ClientSession) -> Any:
    return session.session_id["id"]
