"""The timeline: stamps in order, and a time that no late write can undercut.

Every record of the truth gets a stamp (microseconds since 1970, UTC) that no other
record has, whichever process wrote it: see the lanes of ``lrs.store.writers``. A reader
must know up to which stamp nothing can still appear: *consistent-through*. It holds
across processes and hosts, without trusting their clocks:

- A process that writes tells in the timeline's document (``lrs.store.through``) above
  which time each of its stamps lies that is not yet committed. A thread raises that
  ``low`` as commits end; consistent-through is the least, and only grows.
- Who has written nothing for a second rests: it holds nobody back, and asks above which
  time it may stamp before it does so again.
- A process that stopped (SIGSTOP, a cut cable) holds consistent-through back until its
  lease ends, then it is fenced: see ``lrs.store.fence``. Each transaction touches a
  slot, so what was stamped before the fence can no longer commit.

A commit whose outcome is unknown makes the process give up its row and take another:
the fence then decides, never a guess.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

import pymongo
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import InvalidOperation, PyMongoError
from pymongo.read_concern import ReadConcern

from lrs.errors import Unavailable
from lrs.feed import STEP
from lrs.store.clock import ServerClock, microseconds, monotonic
from lrs.store.fence import Fence, Watch, here
from lrs.store.mongo import Document
from lrs.store.through import Row, State, ThroughDocument
from lrs.store.writers import Slot, Writer, Writers, end_sessions

T = TypeVar("T")
Work = Callable[[ClientSession, int], T]
_TRANSACT_SECONDS = 45
_CLOSE_SECONDS = 2
_REST_SECONDS = 1.0
_WANTED_SECONDS = 2.0  # so long after a question the next one is awaited
_LATEST = 0.5  # seconds
_LAGGING = 300_000  # microseconds
_SET_BACK = 1_000_000  # microseconds that no batch reaches ahead of the clock


class Fenced(Exception):
    """The writer's lease has ended: take another row and a new stamp."""


class MongoTimeline:
    """The timeline of one process over MongoDB; implements lrs.feed.Timeline.

    ``slots`` transactions run at a time; ``beat`` seconds between two raises of ``low``
    while nobody wants to know consistent-through (else a quarter of that, or more where
    many write); ``lease`` seconds of silence after which another process may fence
    this one. Not for use after a fork: its driver is not either.
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
        self._write_concern = database.write_concern
        self._document = ThroughDocument(database)
        self._writers = Writers(database, slots)
        self._fence = Fence(database, self._writers)
        self._watch = Watch(lease)
        self._beat, self._lease = beat, lease
        self._spacing = beat / 4
        self._clock = ServerClock()
        self._writer: Writer | None = None
        self._given_up: dict[str, Writer] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        # One trip at a time: what is said of this process' row stays in order.
        self._talking = threading.Lock()
        self._published: tuple[int, float, object] = (0, float("-inf"), None)
        self._failed: tuple[float, PyMongoError] | None = None
        self._asked = self._wanted = float("-inf")
        self._topology: object = None
        self._reign: object = None
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
            stamp = self._stamp(writer, count)
            result = work(session, stamp)
            if not self._writers.touch(slot, stamp + (count - 1) * STEP):
                raise Fenced
            written = True
            return result

        try:
            result = slot.session.with_transaction(
                body,
                read_concern=ReadConcern("snapshot"),
                write_concern=self._write_concern,
            )
        except BaseException as error:
            if written and not _aborted(error):
                # The commit may yet succeed: the stamp stays in flight with this row,
                # and the fence decides.
                writer.doubt()
                self._abandon(writer)
            else:
                writer.done(stamp)
            raise
        ahead = writer.done(stamp) - monotonic()
        if ahead > 0:  # rare: a batch was faster than its stamps reach
            time.sleep(ahead / 1e6)
        last = (stamp or 0) + (count - 1) * STEP
        if last - self._clock.now() > _SET_BACK:
            self._wait_for_all(last)
        return result

    def _stamp(self, writer: Writer, count: int) -> int:
        while (stamp := writer.stamp(self._clock.now(), count)) is None:
            with self._talking:
                if writer.resting:
                    writer.turn += 1
                    asked = monotonic()
                    state = self._document.wake(writer.id, writer.turn)
                    if state is None:
                        raise Fenced
                    self._take_in(state, asked)
                    writer.woken(max(state.through, state.floor))
                    self._woken.set()  # from here on it holds others back
        return stamp

    def _wait_for_all(self, last: int) -> None:
        """Wait until every writer stamps above a time that the clock was set behind.

        Else who has heard of this record might write an earlier one.
        """
        end = time.monotonic() + self._lease
        with contextlib.suppress(PyMongoError):  # it is committed, whatever comes
            while self.consistent_through() < last and time.monotonic() < end:
                time.sleep(self._spacing)

    def consistent_through(self, *, max_age: float = 0.0) -> int:
        """Return the time before which no write can still appear (microseconds).

        A value published ``max_age`` seconds ago will do (somewhat more where many
        write): an old one is never wrong, only late. Who asks often is never kept
        waiting: a thread asks on.
        """
        self._refuse_forks()
        asked = self._asked = time.monotonic()
        value, moment, reign = self._published
        if max_age:
            max_age = max(max_age, min(2 * self._spacing, _LATEST))
        if asked - moment <= max_age and reign == self.reign():
            if asked - moment > self._spacing and not self._woken.is_set():
                self._woken.set()
            return value
        self._begin()
        with self._talking:
            value, moment, reign = self._published
            if moment >= asked - max_age and reign == self.reign():
                return value
            if self._failed and self._failed[0] >= asked:
                raise self._failed[1]  # asked for by another, after this one came
            state = self._talk(wanted=True)
        if microseconds(state.clock) - state.through > _LAGGING:
            self._woken.set()  # somebody may be gone
        return state.through

    def reign(self) -> object:
        """Return which server takes the writes, and by which election.

        A page that was read under another reign than the consistent-through beside it
        may lack what that promises: a new primary shows what is settled only after its
        first own write is.
        """
        topology = self._client.topology_description
        if topology is not self._topology:
            primaries = [
                (server.address, server.election_id)
                for server in topology.server_descriptions().values()
                if server.is_writable
            ]
            replicated = topology.replica_set_name is not None
            self._reign = primaries if replicated else None
            self._topology = topology
        return self._reign

    def open(self) -> None:
        """Join now rather than at the first write, which would wait for it."""
        self._refuse_forks()
        self._registered()

    def close(self) -> None:
        """Leave: a process that stops in order holds nobody back."""
        if os.getpid() != self._pid:
            return
        self._stop.set()
        self._woken.set()
        with self._lock:
            writer, self._writer = self._writer, None
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_CLOSE_SECONDS)
        if writer is not None and writer.idle:
            with contextlib.suppress(PyMongoError), pymongo.timeout(_CLOSE_SECONDS):
                self._fence.leave(writer.id, writer.last)
                end_sessions(writer)

    # -- one trip ---------------------------------------------------------------

    def _talk(self, *, wanted: bool) -> State:
        """Tell how far this process is, and hear how far all are; under the lock."""
        moment, reign = time.monotonic(), self.reign()
        try:
            state = self._told(wanted)
        except PyMongoError as error:
            self._failed = (moment, error)
            raise
        if wanted:
            self._published = (state.through, moment, reign)
        return state

    def _told(self, wanted: bool) -> State:
        writer = self._writer
        asked = monotonic()
        state = self._said(writer, wanted) if writer is not None else None
        if writer is not None and state is None:
            self._abandon(writer)
        if state is None:
            state = self._document.look(asked=wanted)
        self._take_in(state, asked)
        if writer is not None and state.set_back:
            writer.follow(state.top)
        return state

    def _said(self, writer: Writer, wanted: bool) -> State | None:
        if writer.rest(_REST_SECONDS):
            return self._document.rest(
                writer.id, writer.turn, writer.last, asked=wanted
            )
        low = writer.low(self._clock.now())
        return self._document.beat(writer.id, low, asked=wanted)

    def _take_in(self, state: State, asked: int) -> None:
        self._clock.follow(state.clock, asked)
        # So that all together do not ask the more, the more they are; and where nobody
        # writes, there is little to hear.
        writing = sum(row.low is not None for row in state.rows.values())
        shares = max(5, 3 + writing) if writing else 8
        self._spacing = self._beat / 20 * shares
        if state.asked is not None:
            ago = (microseconds(state.clock) - microseconds(state.asked)) / 1e6
            left = _WANTED_SECONDS - max(ago, 0.0)
            self._wanted = max(self._wanted, time.monotonic() + left)

    # -- the thread -------------------------------------------------------------

    def _begin(self) -> None:
        if self._thread is None and not self._stop.is_set():
            with self._lock:
                self._begin_once()

    def _begin_once(self) -> None:
        if self._thread is None and not self._stop.is_set():
            self._thread = threading.Thread(
                target=self._go_on, name="timeline", daemon=True
            )
            self._thread.start()

    def _go_on(self) -> None:
        while not self._stop.is_set():
            self._woken.wait(self._pause())
            self._woken.clear()
            if self._stop.is_set():
                return
            try:
                with pymongo.timeout(self._lease):
                    self._refresh()
            except InvalidOperation:
                return  # the client is closed
            except PyMongoError:
                pass
            self._stop.wait(self._spacing)

    def _pause(self) -> float:
        writer = self._writer
        if writer is not None and not writer.resting:
            return 0.0 if self._wanted > time.monotonic() else self._beat
        return self._beat if self._given_up else self._lease / 4

    def _refresh(self) -> None:
        """Talk, and fence who is silent: one a time, since that can take a while."""
        wanted = time.monotonic() - self._asked < _WANTED_SECONDS
        with self._talking:
            state = self._talk(wanted=wanted)
        silent = self._watch.silent(state)
        for row in [*self._in_doubt(state), *silent][:1]:
            if self._fence.raise_against(row):
                self._woken.set()
        for gone in set(self._given_up) - state.rows.keys():
            del self._given_up[gone]

    def _in_doubt(self, state: State) -> list[Row]:
        """Return rows of our own that were given up, and that only wait for a fence."""
        return [
            state.rows[name]
            for name, writer in list(self._given_up.items())
            if name in state.rows and writer.doubtful
        ]

    # -- the row ----------------------------------------------------------------

    def _registered(self) -> Writer:
        writer = self._writer
        if writer is not None:
            return writer
        with self._lock:
            if self._writer is None:
                self._writer = self._register()
                self._begin_once()
            return self._writer

    def _register(self) -> Writer:
        # In the document first: what stands in the collection alone is left over.
        name = uuid.uuid4().hex
        asked = monotonic()
        state = self._document.join(name, socket.gethostname(), here(), os.getpid())
        self._take_in(state, asked)
        for again in (True, False):
            writer = self._writers.register(name, state.joined - 1)
            if writer is not None:
                return writer
            if again:
                self._make_room(state)
        self._document.remove(name)
        raise Unavailable(
            f"{STEP} processes write to this database already, and no more can; stop "
            "one, or try again when one that was killed has been given up.",
            headers={"Retry-After": str(math.ceil(self._lease))},
        )

    def _make_room(self, state: State) -> None:
        """Free the lanes of silent writers."""
        for row in self._watch.silent(state):
            self._fence.raise_against(row)
        self._fence.sweep()

    def _abandon(self, writer: Writer) -> None:
        with self._lock:
            if self._writer is writer:
                self._writer = None
                self._given_up[writer.id] = writer
        self._woken.set()

    def _refuse_forks(self) -> None:
        # The parent's row would tell nothing of a child's stamps.
        if os.getpid() != self._pid:
            raise RuntimeError("A timeline does not outlive a fork; build another.")


def _aborted(error: BaseException) -> bool:
    """Tell whether the server says that the transaction did not commit."""
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
    )
