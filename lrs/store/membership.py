"""Membership: this process among the writers; what it tells of itself, and hears.

A process joins with a row in the timeline's document (``lrs.store.through``) and one
with slots in ``writers``; it tells how far its stamps are settled, rests when it writes
nothing, wakes before it writes again, and fences (``lrs.store.fence``) who is silent,
and what it has itself given up: a row with a commit of which nobody knows the outcome.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import threading
import time
import uuid

import pymongo
from pymongo.database import Database
from pymongo.errors import PyMongoError

from lrs.errors import Unavailable
from lrs.feed import STEP
from lrs.store.clock import ServerClock, microseconds, monotonic
from lrs.store.fence import Fence, Watch, here
from lrs.store.marks import Fenced
from lrs.store.mongo import Document
from lrs.store.through import Row, State, ThroughDocument
from lrs.store.writers import Writer, Writers, end_sessions

WANTED_SECONDS = 2.0  # so long after a question the next one is awaited
_REST_SECONDS = 1.0


class Membership:
    """The rows of one process, one after another; ``writer`` is the present one.

    ``beat`` and ``lease`` as lrs.store.timeline has them. ``spacing`` is how many
    seconds should lie between two questions, ``wanted`` until when (of time.monotonic)
    somebody will want to know consistent-through.
    """

    def __init__(
        self, database: Database[Document], *, slots: int, beat: float, lease: float
    ) -> None:
        self.document = ThroughDocument(database)
        self.writers = Writers(database, slots)
        self.fence = Fence(database, self.writers)
        self.clock = ServerClock()
        self.writer: Writer | None = None
        # One trip at a time: what is said of this process' row stays in order.
        self.talking = threading.Lock()
        self.spacing = beat / 2
        self.wanted = float("-inf")
        self._beat, self._lease = beat, lease
        self._watch = Watch(lease)
        self._given_up: dict[str, Writer] = {}
        self._lock = threading.Lock()

    def registered(self) -> Writer:
        """Return the present row; joins where there is none.

        Raises Unavailable where STEP processes write already.
        """
        writer = self.writer
        if writer is not None:
            return writer
        with self._lock:
            if self.writer is None:
                self.writer = self._register()
            return self.writer

    def _register(self) -> Writer:
        # In the document first: what stands in the collection alone is left over.
        name = uuid.uuid4().hex
        asked = monotonic()
        state = self.document.join(name, socket.gethostname(), here(), os.getpid())
        self._take_in(state, asked)
        for again in (True, False):
            writer = self.writers.register(name, state.joined - 1)
            if writer is not None:
                return writer
            if again:
                self._make_room(state)
        self.document.remove(name)
        raise Unavailable(
            f"{STEP} processes write to this database already, and no more can; stop "
            "one, or try again when one that was killed has been given up.",
            headers={"Retry-After": str(math.ceil(self._lease))},
        )

    def _make_room(self, state: State) -> None:
        """Free the lanes of silent writers."""
        for row in self._watch.silent(state):
            self.fence.raise_against(row)
        self.fence.sweep()

    def abandon(self, writer: Writer) -> None:
        """Take another row from here on; the fence ends this one."""
        with self._lock:
            if self.writer is writer:
                self.writer = None
                self._given_up[writer.id] = writer

    def leave(self, seconds: float) -> None:
        """Remove the row, in so many seconds, unless something is in flight."""
        with self._lock:
            writer, self.writer = self.writer, None
        if writer is not None and writer.idle:
            with contextlib.suppress(PyMongoError), pymongo.timeout(seconds):
                self.fence.leave(writer.id, writer.last)
                end_sessions(writer)

    def wake(self, writer: Writer) -> None:
        """Let a writer stamp again; raises Fenced."""
        with self.talking:
            if writer.resting:
                writer.turn += 1
                asked = monotonic()
                state = self.document.wake(writer.id, writer.turn)
                if state is None:
                    raise Fenced
                self._take_in(state, asked)
                writer.woken(max(state.through, state.floor))

    def talk(self, *, wanted: bool) -> State:
        """Tell how far this process is, and hear how far all are.

        To be called while ``talking`` is held. ``wanted``: what is heard is given out.
        """
        writer = self.writer
        asked = monotonic()
        state = self._say(writer, wanted) if writer is not None else None
        if writer is not None and state is None:
            self.abandon(writer)
        if state is None:
            state = self.document.look(asked=wanted)
        self._take_in(state, asked)
        if writer is not None and state.set_back:
            writer.follow(state.top)
        return state

    def _say(self, writer: Writer, wanted: bool) -> State | None:
        if writer.rest(_REST_SECONDS):
            return self.document.rest(writer.id, writer.turn, writer.last, asked=wanted)
        low = writer.low(self.clock.now())
        return self.document.beat(writer.id, low, asked=wanted)

    def _take_in(self, state: State, asked: int) -> None:
        self.clock.follow(state.clock, asked)
        # A question costs as much as a small write. So all together do not ask the
        # more, the more they are; and where nobody writes there is little to hear.
        writing = sum(row.low is not None for row in state.rows.values())
        self.spacing = self._beat / 20 * max(10, 3 + writing) if writing else self._beat
        if state.asked is not None:
            ago = (microseconds(state.clock) - microseconds(state.asked)) / 1e6
            left = WANTED_SECONDS - max(ago, 0.0)
            self.wanted = max(self.wanted, time.monotonic() + left)

    def pause(self) -> float:
        """Return after how many seconds to talk again, where nobody asks before."""
        writer = self.writer
        if writer is not None and not writer.resting:
            return 0.0 if self.wanted > time.monotonic() else self._beat
        return self._beat if self._given_up else self._lease / 4

    def mend(self, state: State) -> bool:
        """Fence one that is silent or given up; tell whether there was one.

        One at a time: it may take a while, and others wait to hear of this process.
        """
        fenced = any(
            self.fence.raise_against(row)
            for row in [*self._in_doubt(state), *self._watch.silent(state)][:1]
        )
        for gone in set(self._given_up) - state.rows.keys():
            del self._given_up[gone]
        return fenced

    def _in_doubt(self, state: State) -> list[Row]:
        """Return rows of our own that were given up, and that only wait for a fence."""
        return [
            state.rows[name]
            for name, writer in list(self._given_up.items())
            if name in state.rows and writer.doubtful
        ]
