"""Group commit: what several requests bring at a time is written in one go.

A write has its price, whatever it holds: its round trips, a flush of the journal. So
while one is under way, others who come gather; then one of them writes for all. Each is
told how its own part ended: what a part is refused for, no other part suffers. Alone,
nobody waits for anything.

In: a batch, from any thread. Out: when it is stored, the stamp of its first Statement.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from lrs.errors import LrsError, Unavailable
from lrs.feed import STEP
from lrs.preparation import NewStatement

# Statements and characters that are gathered; more in one batch are written alone.
_MOST, _LARGEST = 200, 4 << 20
_HOPELESS = 5.0  # seconds until a failure is that of all who wait too


class Place(NamedTuple):
    """Where a write stands on the timeline.

    ``stamp`` is that of its first Statement, those that follow lie STEP apart; ``mark``
    is for its last one.
    """

    stamp: int
    mark: bytes


class Writes(Protocol):
    """What is needed of the timeline, for Statements."""

    def together(self, work: Callable[[Any, Place], None], count: int) -> None:
        """Run ``work(session, place)`` for so many Statements: all of it, or nothing.

        It may be run again, with another place. Raises what it raises.
        """
        ...

    def each(
        self, make: Callable[[Place, int], dict[str, Any]], count: int
    ) -> list[Exception | None]:
        """Write documents, each for itself; return why one was not, None if it was."""
        ...


class TakenIds(Exception):
    """One of the ids is in use; raised by the store inside the transaction."""


class Batch:
    """Some Statements of one request; ``stamp`` when they are stored.

    ``mark`` is for the last one, empty where another batch has that of the write.
    """

    def __init__(self, tenant: str, statements: Sequence[NewStatement]) -> None:
        self.tenant = tenant
        self.statements = statements
        self.stamp = 0
        self.mark = b""
        self.error: BaseException | None = None
        self.characters = sum(len(item.received.text) for item in statements)
        # What touches other Statements, or content, can be refused for their sake.
        self.plain = not any(
            item.stub or item.contents or item.keys.target for item in statements
        )
        self.alone = self.plain and len(statements) == 1
        self._leads = False
        self._waits = threading.Lock()

    def block(self) -> None:
        """Let ``wait`` wait; before anybody else knows of the batch."""
        self._waits.acquire()

    def wait(self) -> bool:
        """Return when it is written, or has to lead: then True."""
        self._waits.acquire()
        return self._leads

    def go_on(self, *, leads: bool = False) -> None:
        """Let its thread go on."""
        self._leads = leads
        self._waits.release()


class Store(Protocol):
    """What is needed of the store of Statements."""

    def document(self, batch: Batch) -> dict[str, Any]:
        """Return the document of a batch of one, with its stamp and mark."""
        ...

    def insert(self, session: Any, batches: Sequence[Batch]) -> None:
        """Insert batches in the session's transaction, or raise TakenIds."""
        ...


class GroupCommit:
    """Writes batches; one for the whole process.

    ``stored(batches)`` is told of those that were stored, before their requests are
    answered. ``at_a_time`` writes are under way, at most.
    """

    def __init__(
        self,
        writes: Writes,
        store: Store,
        stored: Callable[[Sequence[Batch]], None],
        *,
        at_a_time: int = 1,
    ) -> None:
        self._writes = writes
        self._store = store
        self._stored = stored
        self._free = at_a_time
        self._waiting: deque[Batch] = deque()
        self._lock = threading.Lock()

    def store(self, tenant: str, statements: Sequence[NewStatement]) -> int:
        """Store all of them or none; return the stamp of the first.

        The others' lie STEP apart. Raises what the store raises for this batch, and
        what the timeline raises.
        """
        batch = Batch(tenant, statements)
        if not batch.plain:
            self._write([batch])
            self._finish([batch])
            return _outcome(batch)
        with self._lock:
            leads = self._free > 0
            if leads:
                self._free -= 1
            else:
                batch.block()
                self._waiting.append(batch)
        if leads or batch.wait():
            self._lead(batch)
        return _outcome(batch)

    def _lead(self, own: Batch) -> None:
        """Write a batch and what has gathered with it; then let another go on."""
        with self._lock:
            group = self._gathered(own)
        started = time.monotonic()
        self._write(group)
        failed = own.error if time.monotonic() - started > _HOPELESS else None
        with self._lock:
            while failed and _is_of_all(failed) and self._waiting:
                batch = self._waiting.popleft()
                batch.error = failed
                batch.go_on()
            if self._waiting:
                self._waiting.popleft().go_on(leads=True)
            else:
                self._free += 1
        self._finish(group)
        for batch in group[1:]:
            batch.go_on()

    def _finish(self, group: Sequence[Batch]) -> None:
        stored = [batch for batch in group if batch.error is None]
        try:
            self._stored(stored)
        except BaseException as error:
            for batch in stored:
                batch.error = error

    def _gathered(self, own: Batch) -> list[Batch]:
        group, size, characters = [own], len(own.statements), own.characters
        while self._waiting:
            size += len(self._waiting[0].statements)
            characters += self._waiting[0].characters
            if size > _MOST or characters > _LARGEST:
                break
            if own.alone and not self._waiting[0].alone:
                break  # a transaction is not for those that need none
            group.append(self._waiting.popleft())
        return group

    def _write(self, group: Sequence[Batch]) -> None:
        try:
            if all(batch.alone for batch in group):
                self._each(group)
            else:
                self._together(group)
        except BaseException as error:
            if len(group) == 1 or _is_of_all(error):
                for batch in group:
                    batch.error = error
                return
        else:
            return
        for batch in group:  # one of them is refused: each for itself
            self._write([batch])

    def _each(self, group: Sequence[Batch]) -> None:
        def make(place: Place, at: int) -> dict[str, Any]:
            group[at].stamp, group[at].mark = place
            return self._store.document(group[at])

        outcome = self._writes.each(make, len(group))
        for batch, error in zip(group, outcome, strict=True):
            batch.error = error

    def _together(self, group: Sequence[Batch]) -> None:
        def work(session: Any, place: Place) -> None:
            stamp = place.stamp
            for batch in group:
                batch.stamp, batch.mark = stamp, b""
                stamp += len(batch.statements) * STEP
            group[-1].mark = place.mark
            self._store.insert(session, group)

        count = sum(len(batch.statements) for batch in group)
        self._writes.together(work, count)


def _outcome(batch: Batch) -> int:
    if batch.error is not None:
        raise batch.error
    return batch.stamp


def _is_of_all(error: BaseException) -> bool:
    """Tell whether it is the database that failed, and no batch that was refused."""
    refused = isinstance(error, TakenIds | LrsError)
    return not refused or isinstance(error, Unavailable)
