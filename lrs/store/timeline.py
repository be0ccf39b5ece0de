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
import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import pymongo
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import InvalidOperation, PyMongoError
from pymongo.read_concern import ReadConcern

from lrs.feed import STEP
from lrs.store.clock import microseconds, monotonic
from lrs.store.marks import Fenced
from lrs.store.membership import WANTED_SECONDS, Membership
from lrs.store.mongo import Document
from lrs.store.through import State
from lrs.store.writers import Slot, Writer

T = TypeVar("T")
Work = Callable[[ClientSession, int], T]
_TRANSACT_SECONDS = 45
_CLOSE_SECONDS = 2
_LATEST = 0.5  # seconds that consistent-through may be old where many write
_LAGGING = 300_000  # microseconds
_SET_BACK = 1_000_000  # microseconds that no batch reaches ahead of the clock


class MongoTimeline:
    """The timeline of one process over MongoDB; implements lrs.feed.Timeline.

    ``slots`` transactions run at a time; ``beat`` seconds between two raises of ``low``
    while nobody wants to know consistent-through (else half of that, or more where many
    write); ``lease`` seconds of silence after which another process may fence
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
        self._member = Membership(database, slots=slots, beat=beat, lease=lease)
        self._lease = lease
        self._published: tuple[int, float, object] = (0, float("-inf"), None)
        self._failed: tuple[float, PyMongoError] | None = None
        self._asked = float("-inf")
        self._topology: object = None
        self._reign: object = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
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
                writer = self.writer()
                slot = writer.slots.get()
                try:
                    return self._attempt(writer, slot, work, count)
                except Fenced:
                    self.give_up(writer)
                finally:
                    writer.slots.put(slot)

    def _attempt(self, writer: Writer, slot: Slot, work: Work[T], count: int) -> T:
        stamp: int | None = None
        written = False

        def body(session: ClientSession) -> T:
            nonlocal stamp, written
            written = False
            writer.done(stamp)  # of an aborted attempt: it cannot commit any more
            stamp = self.stamp(writer, count)
            result = work(session, stamp)
            if not self._member.writers.touch(slot, stamp + (count - 1) * STEP):
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
            if written and not is_aborted(error):
                self.give_up(writer, doubtful=1)
            else:
                writer.done(stamp)
            raise
        self.settle(writer, stamp or 0, count)
        return result

    # -- for lrs.store.statement_writes -----------------------------------------

    def writer(self) -> Writer:
        """Return the writer of this process."""
        self._refuse_forks()
        writer = self._member.registered()
        self._begin()
        return writer

    def give_up(self, writer: Writer, *, doubtful: int = 0) -> None:
        """Take another writer from here on.

        Of so many stamps nobody knows whether they will be committed: they stay in
        flight with its row, and the fence decides.
        """
        for _ in range(doubtful):
            writer.doubt()
        self._member.abandon(writer)
        self._woken.set()

    def settle(self, writer: Writer, stamp: int, count: int) -> None:
        """Note a commit; return when its stamps lie in the past."""
        ahead = writer.done(stamp) - monotonic()
        if ahead > 0:  # rare: a batch was faster than its stamps reach
            time.sleep(ahead / 1e6)
        last = stamp + (count - 1) * STEP
        if last - self._member.clock.now() > _SET_BACK:
            self._wait_for_all(last)

    def stamp(self, writer: Writer, count: int) -> int:
        """Return the first of ``count`` new stamps, in flight until they are settled.

        Raises Fenced.
        """
        while (stamp := writer.stamp(self._member.clock.now(), count)) is None:
            self._member.wake(writer)
            self._woken.set()  # from here on it holds others back
        return stamp

    def _wait_for_all(self, last: int) -> None:
        """Wait until every writer stamps above a time that the clock was set behind.

        Else who has heard of this record might write an earlier one.
        """
        end = time.monotonic() + self._lease
        with contextlib.suppress(PyMongoError):  # it is committed, whatever comes
            while self.consistent_through() < last and time.monotonic() < end:
                time.sleep(self._member.spacing)

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
            max_age = max(max_age, min(2 * self._member.spacing, _LATEST))
        if asked - moment <= max_age and reign == self.reign():
            if asked - moment > self._member.spacing and not self._woken.is_set():
                self._woken.set()
            return value
        self._begin()
        with self._member.talking:
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
        self.writer()

    def close(self) -> None:
        """Leave: a process that stops in order holds nobody back."""
        if os.getpid() != self._pid:
            return
        self._stop.set()
        self._woken.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_CLOSE_SECONDS)
        self._member.leave(_CLOSE_SECONDS)

    def _talk(self, *, wanted: bool) -> State:
        moment, reign = time.monotonic(), self.reign()
        try:
            state = self._member.talk(wanted=wanted)
        except PyMongoError as error:
            self._failed = (moment, error)
            raise
        if wanted:
            self._published = (state.through, moment, reign)
        return state

    def _begin(self) -> None:
        if self._thread is None and not self._stop.is_set():
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._go_on, name="timeline", daemon=True
                    )
                    self._thread.start()

    def _go_on(self) -> None:
        while not self._stop.is_set():
            self._woken.wait(self._member.pause())
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
            self._stop.wait(self._member.spacing)

    def _refresh(self) -> None:
        wanted = time.monotonic() - self._asked < WANTED_SECONDS
        with self._member.talking:
            state = self._talk(wanted=wanted)
        if self._member.mend(state):
            self._woken.set()

    def _refuse_forks(self) -> None:
        # The parent's row would tell nothing of a child's stamps.
        if os.getpid() != self._pid:
            raise RuntimeError("A timeline does not outlive a fork; build another.")


def is_aborted(error: BaseException) -> bool:
    """Tell whether the server says that the transaction did not commit."""
    return isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError")
    )
