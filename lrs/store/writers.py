"""The writers of the timeline: their lanes, their stamps in flight, their slots.

The collection ``writers`` holds, for each process that writes,

- a row {_id, lane, sessions, host, pid},
- and its slots {_id, writer, last}: one for each write that it makes at a time. A
  transaction touches its slot, and leaves its last stamp there; a write of Statements
  has a mark of the slot instead (lrs.store.marks).

A writer without slots, or with closed ones, whose next marks are taken can commit
nothing (lrs.store.fence).

Lanes make stamps unique without asking anybody: a writer's stamps leave its lane as
the remainder by STEP, and no two rows that stand have the same lane. Who takes a lane
over begins above ``floor`` (lrs.store.through), the last stamp of all writers that
have ended; it grows before their rows go.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from lrs.feed import STEP
from lrs.store import marks
from lrs.store.clock import monotonic
from lrs.store.mongo import JOURNALED, Document


def index_lanes(database: Database[Document]) -> None:
    """Let no two writers have the same lane."""
    database["writers"].create_index(
        "lane",
        name="lane",
        unique=True,
        partialFilterExpression={"lane": {"$exists": True}},
    )


@dataclass(slots=True)
class Slot:
    """One write at a time: its marks, the session of its transactions, its row."""

    writer: str
    number: int
    session: ClientSession
    written: int = 0  # writes of Statements that are stored

    @property
    def id(self) -> str:
        """Return the id of its row."""
        return f"{self.writer}/{self.number}"

    def mark(self) -> bytes:
        """Return the mark of its next write."""
        return marks.mark(self.writer, self.number, self.written)


class Writer:
    """One row's slots, its lane, and its stamps in flight; rests until it is woken."""

    def __init__(self, slots: list[Slot], writer_id: str, lane: int) -> None:
        self.id = writer_id
        self.lane = lane
        self.last = 0
        self.turn = 0
        self.all_slots = slots
        self.slots: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in slots:
            self.slots.put(slot)
        self._due = 0
        self._in_flight: dict[int, int] = {}
        self._in_doubt = 0
        self._resting = True
        self._used = 0.0
        self._lock = threading.Lock()

    def stamp(self, now: int, count: int) -> int | None:
        """Return the first of ``count`` new stamps; they are in flight until done.

        They stand STEP apart, each in this writer's lane. None while it rests: it must
        be woken first.
        """
        with self._lock:
            if self._resting:
                return None
            first = max(self.last + 1, now)
            first += (self.lane - first) % STEP
            self.last = first + (count - 1) * STEP
            # A batch reaches ahead of the clock by 64 us a record, about what writing a
            # record takes. ``due`` says when the clock has caught up, by the one that
            # nobody sets back: no answer goes out before, so that who has heard of a
            # record writes later ones, and no load drives the times into the future.
            self._due = max(self._due, monotonic()) + (count - 1) * STEP
            self._in_flight[first] = self._due
            self._used = time.monotonic()
            return first

    def done(self, stamp: int | None) -> int:
        """Note that a stamp was committed, or never will be.

        Returns the moment (of ``monotonic``) at which its batch lies in the past.
        """
        with self._lock:
            return self._in_flight.pop(stamp or 0, 0)

    def doubt(self) -> None:
        """Note that of one stamp nobody knows whether it will be committed."""
        with self._lock:
            self._in_doubt += 1

    def low(self, now: int) -> int:
        """Return a time below every stamp that may still be committed."""
        with self._lock:
            if self._in_flight:
                return min(self._in_flight) - 1
            self.last = max(self.last, now)
            return self.last

    def rest(self, idle: float) -> bool:
        """Tell whether it rests, which begins ``idle`` seconds after a stamp."""
        with self._lock:
            quiet = not self._in_flight and time.monotonic() - self._used > idle
            self._resting = self._resting or quiet
            return self._resting

    def woken(self, above: int) -> None:
        """Let it stamp, above this time."""
        with self._lock:
            self.last = max(self.last, above)
            self._used = time.monotonic()
            self._resting = False

    def follow(self, top: int) -> None:
        """Let what is stamped from here on lie above a time."""
        with self._lock:
            self.last = max(self.last, top)

    @property
    def resting(self) -> bool:
        """Tell whether it must be woken before it stamps."""
        return self._resting

    @property
    def idle(self) -> bool:
        """Tell whether no stamp is in flight."""
        return not self._in_flight

    @property
    def doubtful(self) -> bool:
        """Tell whether all that is in flight can only be decided by the fence."""
        with self._lock:
            return len(self._in_flight) <= self._in_doubt


class Writers:
    """The rows and slots of all processes."""

    def __init__(self, database: Database[Document], slots: int) -> None:
        self._client = database.client
        self._rows = database["writers"].with_options(write_concern=JOURNALED)
        self._statements = database["statements"].with_options(write_concern=JOURNALED)
        self._slots = slots

    def register(self, name: str, turn: int) -> Writer | None:
        """Add a row and its slots, at once.

        The lanes take turns, so that one is not used again within moments. Returns
        None where each has its writer.
        """
        taken = set(self._rows.distinct("lane"))
        for lane in ((turn + ahead) % STEP for ahead in range(STEP)):
            if lane not in taken:
                with contextlib.suppress(DuplicateKeyError):  # another was faster
                    return self._add(name, lane)
        return None

    def _add(self, name: str, lane: int) -> Writer:
        slots = [
            Slot(name, number, self._client.start_session())
            for number in range(self._slots)
        ]

        def add(session: ClientSession) -> None:
            row = {
                "_id": name,
                "lane": lane,
                "sessions": [_id(slot.session) for slot in slots],
                "host": socket.gethostname(),
                "pid": os.getpid(),
            }
            rows = [{"_id": slot.id, "writer": name, "last": 0} for slot in slots]
            self._rows.insert_many([row, *rows], session=session)

        with self._client.start_session() as session:
            session.with_transaction(add, write_concern=JOURNALED)
        return Writer(slots, name, lane)

    def touch(self, slot: Slot, last: int) -> bool:
        """Leave the transaction's last stamp; False when the writer has been fenced."""
        touched = self._rows.update_one(
            {"_id": slot.id, "closed": {"$exists": False}},
            {"$set": {"last": last}},
            session=slot.session,
        )
        return touched.matched_count == 1

    def sessions(self, writer_id: str) -> list[Document]:
        """Return the ids of the sessions that a writer's transactions run in."""
        row = self._rows.find_one({"_id": writer_id}) or {}
        return [{"id": session} for session in row.get("sessions", ())]

    def close(self, writer_id: str) -> int:
        """Let nothing of a writer be committed any more; return its last stamp."""
        slots = {"writer": writer_id}
        self._rows.update_many(slots, {"$set": {"closed": True}})
        lasts = [int(slot.get("last", 0)) for slot in self._rows.find(slots)]
        written = marks.take_next(self._statements, writer_id, len(lasts))
        return max([written, *lasts])

    def remove(self, writer_id: str) -> None:
        """Remove a row and its slots, which frees its lane."""
        self._rows.delete_many({"writer": writer_id})
        self._rows.delete_one({"_id": writer_id})

    def ids(self) -> set[str]:
        """Return the ids of all rows."""
        return set(self._rows.distinct("_id", {"sessions": {"$exists": True}}))


def _id(session: ClientSession) -> Any:
    return session.session_id["id"]


def end_sessions(writer: Writer) -> None:
    """Give the sessions of a writer back that has nothing in flight."""
    for slot in writer.all_slots:
        slot.session.end_session()
