"""The timeline: stamps in order, and a time that no late write can undercut.

Every record of the truth gets a stamp (microseconds since 1970, UTC) that no other
record has, whichever process wrote it: see the lanes of ``lrs.store.writers``. A reader
must know up to which stamp nothing can still appear: *consistent-through*. It holds
across processes and hosts, without trusting their clocks:

- A process that writes has a row in ``writers`` with ``low``: each of its stamps that
  is not yet committed lies above it. A thread raises ``low`` as commits end.
- Consistent-through is the least ``low``, kept in one document that only grows.
- A process that stopped (SIGSTOP, a cut cable) holds it back until its lease ends;
  then it is fenced: its slots are deleted. Each transaction touches a slot as its last
  act, so what was stamped before the fence can no longer commit.
- A new writer first inserts its row, then counts itself in that one document and
  stamps above what it finds there, consistent-through and the last stamp of those
  that have ended; publishing is refused when the count has changed.

A commit whose outcome is unknown makes the process give up its row and take another:
the fence then decides, never a guess.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import pymongo
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from lrs.errors import Unavailable
from lrs.feed import STEP
from lrs.store.clock import ServerClock, microseconds, monotonic
from lrs.store.mongo import JOURNALED, Document
from lrs.store.writers import TIMELINE, Slot, Writer, Writers

T = TypeVar("T")
Work = Callable[[ClientSession, int], T]
_TRANSACT_SECONDS = 45
_CLOSE_SECONDS = 2


class Fenced(Exception):
    """The writer's lease has ended: take another row and a new stamp."""


class MongoTimeline:
    """The timeline of one process over MongoDB; implements lrs.feed.Timeline.

    ``slots`` transactions run at a time; ``beat`` seconds between two raises of
    ``low``; ``lease`` seconds of silence after which another process may fence this
    one. Not for use after a fork: its driver is not either.
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
        self._writers = Writers(database, slots)
        self._meta = database["meta"]
        self._beat, self._lease = beat, lease
        self._clock = ServerClock()
        self._writer: Writer | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._published = (0, float("-inf"))
        self._publishing = threading.Lock()
        self._pid = os.getpid()

    def transact(self, work: Work[T], *, count: int = 1) -> T:
        """Run ``work(session, stamp)`` in one majority-committed transaction.

        ``count`` stamps are reserved: stamp + at * STEP for each ``at`` below count.
        Raises what work raises, PyMongoError, and Unavailable where STEP processes
        write already.
        """
        self._refuse_forks()
        with pymongo.timeout(_TRANSACT_SECONDS):
            while True:
                writer = self._registered()
                slot = writer.slots.get()
                try:
                    return self._attempt(writer, slot, work, count)
                except Fenced:
                    self._abandon(writer)
                finally:
                    writer.slots.put(slot)

    def _attempt(self, writer: Writer, slot: Slot, work: Work[T], count: int) -> T:
        stamp: int | None = None
        written = False

        def body(session: ClientSession) -> T:
            nonlocal stamp, written
            written = False
            writer.done(stamp)  # of an aborted attempt: it cannot commit any more
            stamp = writer.stamp(self._clock.now(), count)
            result = work(session, stamp)
            if not self._writers.touch(slot, stamp + (count - 1) * STEP):
                raise Fenced
            written = True
            return result

        try:
            result = slot.session.with_transaction(
                body, read_concern=ReadConcern("snapshot"), write_concern=JOURNALED
            )
        except BaseException as error:
            if written and not _aborted(error):
                # The commit may yet succeed: the stamp stays in flight with this row,
                # and the fence decides.
                self._abandon(writer)
            else:
                writer.done(stamp)
            raise
        ahead = writer.done(stamp) - monotonic()
        if ahead > 0:  # rare: a batch was faster than its stamps reach
            time.sleep(ahead / 1e6)
        return result

    def consistent_through(self, *, max_age: float = 0.0) -> int:
        """Return the time before which no write can still appear (microseconds).

        A value published ``max_age`` seconds ago will do: an old one is never wrong,
        only late.
        """
        self._refuse_forks()
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
        self._raise_low(self._writer)
        while True:
            state = self._meta.find_one({"_id": TIMELINE})
            if state is None:
                self._meta.update_one(
                    {"_id": TIMELINE},
                    {"$setOnInsert": {"joined": 0, "through": 0}},
                    upsert=True,
                )
                continue
            now = self._server_now()
            lows = self._writers.lows(now - int(self._lease * 1e6))
            published = self._meta.find_one_and_update(
                {"_id": TIMELINE, "joined": state["joined"]},
                {"$max": {"through": min([now, *lows])}},
                return_document=ReturnDocument.AFTER,
            )
            if published:
                return int(published["through"])

    def _raise_low(self, writer: Writer | None) -> None:
        """Tell the others how far this process' stamps are settled."""
        if writer is None:
            return
        asked = monotonic()
        server = self._writers.beat(writer, writer.low(self._clock.now()))
        if server is None:
            self._abandon(writer)
        else:
            self._clock.follow(server, asked)

    def open(self) -> None:
        """Join now rather than at the first write, which would wait for it."""
        self._refuse_forks()
        self._registered()

    def close(self) -> None:
        """Leave: a process that stops in order holds nobody back."""
        if os.getpid() != self._pid:
            return
        self._stop.set()
        with self._lock:
            writer, self._writer = self._writer, None
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_CLOSE_SECONDS)
        if writer is not None and writer.idle:
            with contextlib.suppress(PyMongoError), pymongo.timeout(_CLOSE_SECONDS):
                self._writers.leave(writer)

    def _registered(self) -> Writer:
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

    def _register(self) -> Writer:
        # Its row stands before it counts itself: whoever publishes without having
        # seen the row finds the count changed.
        writer = self._in_a_lane()
        state = self._meta.find_one_and_update(
            {"_id": TIMELINE},
            {"$inc": {"joined": 1}, "$max": {"through": 0}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        ended = state or {"through": 0}
        writer.last = max(int(ended["through"]), int(ended.get("floor", 0)))
        self._server_now()
        return writer

    def _in_a_lane(self) -> Writer:
        for again in (True, False):
            state = self._meta.find_one({"_id": TIMELINE}) or {}
            writer = self._writers.register(int(state.get("joined", 0)))
            if writer is not None:
                return writer
            if again:
                self._publish()  # fences the silent ones, which frees their lanes
        raise Unavailable(
            f"{STEP} processes write to this database already, and no more can; stop "
            "one, or try again when one that was killed has been given up.",
            headers={"Retry-After": str(math.ceil(self._lease))},
        )

    def _abandon(self, writer: Writer) -> None:
        with self._lock:
            if self._writer is writer:
                self._writer = None

    def _keep_beating(self) -> None:
        while not self._stop.wait(self._beat):
            with contextlib.suppress(PyMongoError), pymongo.timeout(self._lease):
                self._raise_low(self._writer)
                # Where nobody asks, what a killed process left is fenced all the same.
                self.consistent_through(max_age=self._lease / 2)

    def _server_now(self) -> int:
        asked = monotonic()
        server = self._client.admin.command("hello")["localTime"]
        self._clock.follow(server, asked)
        return microseconds(server)

    def _refuse_forks(self) -> None:
        # The parent's row would tell nothing of a child's stamps.
        if os.getpid() != self._pid:
            raise RuntimeError("A timeline does not outlive a fork; build another.")


def _aborted(error: BaseException) -> bool:
    """Tell whether the server says that the transaction did not commit."""
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
    )
