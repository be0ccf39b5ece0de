"""The timeline: stamps in order, and a time that no late write can undercut.

Every record of the truth gets a stamp (microseconds since 1970, UTC). A reader must
know up to which stamp nothing can still appear: *consistent-through*. It holds
across processes and hosts, without trusting their clocks:

- A process that writes has a row in ``writers`` with ``low``: each of its stamps that
  is not yet committed lies above it. A thread raises ``low`` as commits end.
- Consistent-through is the least ``low``, kept in one document that only grows.
- A process that stopped (SIGSTOP, a cut cable) holds it back until its lease ends;
  then it is fenced: its slots are deleted. Each transaction touches a slot as its last
  act, so what was stamped before the fence can no longer commit.
- A new writer first inserts its row, then counts itself in that one document and
  stamps above what it finds there; publishing is refused when the count has changed.

A commit whose outcome is unknown makes the process give up its row and take another:
the fence then decides, never a guess.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import queue
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import pymongo
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from lrs.store.mongo import JOURNALED, Document

T = TypeVar("T")
Work = Callable[[ClientSession, int], T]
_THROUGH = "timeline"
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Fenced(Exception):
    """This writer's lease has ended; take another row and a new stamp."""


class _Writer:
    """One row in ``writers``: its slots, its stamps in flight."""

    def __init__(self, floor: int, slots: int) -> None:
        self.id = uuid.uuid4().hex
        self.last = floor
        self.in_flight: dict[int, int] = {}
        self.lock = threading.Lock()
        self.slots: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.slot_ids = [f"{self.id}/{number}" for number in range(slots)]
        for slot in self.slot_ids:
            self.slots.put(slot)

    def stamp(self, now: int, count: int) -> int:
        with self.lock:
            first = max(self.last + 1, now)
            self.last = first + count - 1
            self.in_flight[first] = self.last
            return first

    def done(self, stamp: int) -> None:
        with self.lock:
            self.in_flight.pop(stamp, None)

    def low(self, now: int) -> int:
        """Return a time below every stamp that may still be committed."""
        with self.lock:
            if self.in_flight:
                return min(self.in_flight) - 1
            self.last = max(self.last, now)
            return self.last


class MongoTimeline:
    """The timeline of one process over MongoDB; implements lrs.feed.Timeline.

    ``beat`` seconds between two raises of ``low``; ``lease`` seconds of silence
    after which another process may fence this one.
    """

    def __init__(
        self,
        database: Database[Document],
        *,
        slots: int = 32,
        beat: float = 0.2,
        lease: float = 10.0,
    ) -> None:
        self._client = database.client
        self._writers = database["writers"]
        self._beats = self._writers.with_options(write_concern=WriteConcern(w=1))
        self._meta = database["meta"]
        self._slots, self._beat, self._lease = slots, beat, lease
        self._writer: _Writer | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._offset = 0
        self._published = (0, float("-inf"))
        self._publishing = threading.Lock()
        self._pid = os.getpid()

    def transact(self, work: Work[T], *, count: int = 1) -> T:
        """Run ``work(session, stamp)`` in one majority-committed transaction.

        ``count`` stamps are reserved: stamp .. stamp + count - 1. Raises what work
        raises and PyMongoError.
        """
        with pymongo.timeout(45):
            while True:
                writer = self._registered()
                slot = writer.slots.get()
                try:
                    return self._attempt(writer, slot, work, count)
                except Fenced:
                    self._abandon(writer)
                finally:
                    writer.slots.put(slot)

    def _attempt(self, writer: _Writer, slot: str, work: Work[T], count: int) -> T:
        stamp: int | None = None
        written = False

        def body(session: ClientSession) -> T:
            nonlocal stamp, written
            written = False
            if stamp is not None:  # of an aborted attempt: it cannot commit any more
                writer.done(stamp)
            stamp = writer.stamp(self._now(), count)
            result = work(session, stamp)
            touched = self._writers.update_one(
                {"_id": slot}, {"$inc": {"n": 1}}, session=session
            )
            if not touched.matched_count:
                raise Fenced
            written = True
            return result

        try:
            with self._client.start_session() as session:
                result = session.with_transaction(
                    body,
                    read_concern=ReadConcern("snapshot"),
                    write_concern=JOURNALED,
                )
        except BaseException as error:
            if written and not _aborted(error):
                # The commit may yet succeed: the stamp stays in flight with this row,
                # and the fence decides.
                self._abandon(writer)
            elif stamp is not None:
                writer.done(stamp)
            raise
        if stamp is not None:
            writer.done(stamp)
        return result

    def consistent_through(self, *, max_age: float = 0.0) -> int:
        """Return the time before which no write can still appear (microseconds).

        A value published ``max_age`` seconds ago will do: an old one is never wrong,
        only late.
        """
        value, moment = self._published
        if time.monotonic() - moment <= max_age:
            return value
        with self._publishing:
            value, moment = self._published
            if time.monotonic() - moment > max_age:
                now = time.monotonic()
                value = self._publish()
                self._published = (value, now)
        return value

    def _publish(self) -> int:
        self.raise_low()
        while True:
            state = self._meta.find_one({"_id": _THROUGH})
            if state is None:
                self._meta.update_one(
                    {"_id": _THROUGH},
                    {"$setOnInsert": {"joined": 0, "through": 0}},
                    upsert=True,
                )
                continue
            now = self._server_now()
            rows = list(self._writers.find({"low": {"$exists": True}}))
            oldest = now - int(self._lease * 1e6)
            lows = [row["low"] for row in rows if not self._fence(row, oldest)]
            published = self._meta.find_one_and_update(
                {"_id": _THROUGH, "joined": state["joined"]},
                {"$max": {"through": min([now, *lows])}},
                return_document=ReturnDocument.AFTER,
            )
            if published:
                return int(published["through"])

    def raise_low(self) -> None:
        """Tell the others how far this process' stamps are settled."""
        writer = self._writer
        if writer is None:
            return
        # Not journaled: what is lost in a crash only makes the time lag.
        found = self._beats.find_one_and_update(
            {"_id": writer.id, "fenced": {"$exists": False}},
            [{"$set": {"low": writer.low(self._now()), "beat": "$$NOW"}}],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            self._abandon(writer)
        else:
            self._synchronise(found["beat"])

    def close(self) -> None:
        """Leave: a process that stops in order holds nobody back."""
        self._stop.set()
        writer = self._writer
        if writer is None or os.getpid() != self._pid:
            return
        self._writer = None
        if not writer.in_flight:
            with contextlib.suppress(PyMongoError), pymongo.timeout(2):
                self._writers.delete_many({"_id": {"$in": writer.slot_ids}})
                self._writers.delete_one({"_id": writer.id})

    def _registered(self) -> _Writer:
        writer = self._writer
        if writer is not None:
            return writer
        with self._lock:
            if self._writer is None:
                self._writer = self._register()
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._keep_beating, name="timeline", daemon=True
                    )
                    self._thread.start()
            return self._writer

    def _register(self) -> _Writer:
        writer = _Writer(0, self._slots)
        # Inserted before it counts itself: whoever publishes without having seen the
        # row finds the count changed.
        self._writers.insert_many(
            [{"_id": slot, "writer": writer.id, "n": 0} for slot in writer.slot_ids]
        )
        row = self._writers.find_one_and_update(
            {"_id": writer.id},
            [
                {
                    "$set": {
                        "low": 0,
                        "beat": "$$NOW",
                        "host": socket.gethostname(),
                        "pid": os.getpid(),
                    }
                }
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        state = self._meta.find_one_and_update(
            {"_id": _THROUGH},
            {"$inc": {"joined": 1}, "$max": {"through": 0}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        writer.last = int(state["through"])
        self._synchronise(row["beat"])
        return writer

    def _abandon(self, writer: _Writer) -> None:
        with self._lock:
            if self._writer is writer:
                self._writer = None

    def _fence(self, row: Document, oldest: int) -> bool:
        """Remove a writer that has been silent for its lease; tell whether."""
        if _microseconds(row["beat"]) >= oldest:
            return False
        # The slots first: a transaction of that writer that is still open either has
        # touched one, and this waits for its end, or will find it gone.
        gone = {"_id": row["_id"], "beat": row["beat"]}
        if self._writers.update_one(gone, {"$set": {"fenced": True}}).matched_count:
            self._writers.delete_many({"writer": row["_id"]})
            self._writers.delete_one({"_id": row["_id"]})
            return True
        return False

    def _keep_beating(self) -> None:
        while not self._stop.wait(self._beat):
            with contextlib.suppress(PyMongoError):
                self.raise_low()

    def _server_now(self) -> int:
        hello = self._client.admin.command("hello")
        self._synchronise(hello["localTime"])
        return _microseconds(hello["localTime"])

    def _synchronise(self, server: datetime.datetime) -> None:
        """Follow the server's clock: hosts then agree, and a local jump is nothing."""
        self._offset = _microseconds(server) - time.monotonic_ns() // 1000

    def _now(self) -> int:
        return time.monotonic_ns() // 1000 + self._offset


def _aborted(error: BaseException) -> bool:
    """Tell whether the server says that the transaction did not commit."""
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
    )


def _microseconds(moment: datetime.datetime) -> int:
    """Return a datetime of MongoDB (UTC) as microseconds since 1970."""
    since = moment.replace(tzinfo=datetime.UTC) - _EPOCH
    return since // datetime.timedelta(microseconds=1)
