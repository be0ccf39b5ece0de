"""Writes of Statements on the timeline: fenced by marks, in few round trips.

A Statement alone is whole or it is not there: it needs no transaction, and those of
several requests go out in one command, each with a mark of its own. Statements of which
all or none must be stored go into a transaction, the last one with the mark. Marks are
those of lrs.store.marks; the stamps and their promise those of lrs.store.timeline.

A sharded collection can have no index of marks: there each write is a transaction of
the timeline, one round trip longer.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Sequence
from typing import Any

import pymongo
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from lrs.errors import LrsError
from lrs.feed import STEP
from lrs.group_commit import Place, TakenIds
from lrs.store.marks import Fenced, has_marks, is_of_mark
from lrs.store.mongo import Document
from lrs.store.timeline import MongoTimeline, is_aborted
from lrs.store.writers import Slot, Writer

_DUPLICATE = 11000
Work = Callable[[Any, Place], None]


class StatementWrites:
    """Implements lrs.group_commit.Writes; ``seconds`` is what one write may take.

    ``marked``: whether Statements can have marks; where it is not said, the database is
    asked whether it is sharded.
    """

    def __init__(
        self,
        database: Database[Document],
        timeline: MongoTimeline,
        *,
        seconds: float = 45,
        marked: bool | None = None,
    ) -> None:
        self._statements = database["statements"]
        self._write_concern = database.write_concern
        self._timeline = timeline
        self._seconds = seconds
        self._marked = marked

    def _has_marks(self) -> bool:
        if self._marked is None:
            return has_marks(self._statements.database)
        return self._marked

    def together(self, work: Work, count: int) -> None:
        """Run ``work(session, place)`` in a transaction: all of it, or nothing.

        The place is that of the first of ``count`` Statements; the last one must be
        written with its mark. ``work`` may be run again with another place. Raises
        what it raises, and PyMongoError.
        """
        if not self._has_marks():
            self._timeline.transact(
                lambda session, stamp: work(session, Place(stamp, b"")), count=count
            )
            return
        with pymongo.timeout(self._seconds):
            while True:
                writer = self._timeline.writer()
                slot = writer.slots.get()
                try:
                    self._transact(writer, slot, work, count)
                except Fenced:
                    self._timeline.give_up(writer)
                else:
                    return
                finally:
                    writer.slots.put(slot)

    def _transact(self, writer: Writer, slot: Slot, work: Work, count: int) -> None:
        stamp: int | None = None
        written = False

        def body(session: ClientSession) -> None:
            nonlocal stamp, written
            written = False
            writer.done(stamp)  # of an aborted attempt: it cannot commit any more
            stamp = self._timeline.stamp(writer, count)
            work(session, Place(stamp, slot.mark()))
            written = True

        try:
            slot.session.with_transaction(
                body,
                read_concern=ReadConcern("snapshot"),
                write_concern=self._write_concern,
            )
        except BaseException as error:
            if written and not is_aborted(error):
                self._timeline.give_up(writer, doubtful=1)
            else:
                writer.done(stamp)
            raise
        slot.written += 1
        self._timeline.settle(writer, stamp or 0, count)

    def each(
        self, make: Callable[[Place, int], Document], count: int
    ) -> list[Exception | None]:
        """Write ``make(place, at)`` for each ``at`` below ``count``, each for itself.

        Returns for each None where it is stored, else TakenIds, or the LrsError that
        ``make`` raised. Raises PyMongoError where that is not known.
        """
        outcome: list[Exception | None] = [None] * count
        waiting = list(range(count))
        if not self._has_marks():
            self._in_transactions(make, waiting, outcome)
            return outcome
        with pymongo.timeout(self._seconds):
            while waiting:
                writer = self._timeline.writer()
                slots = _slots(writer, len(waiting))
                try:
                    fenced = self._insert(writer, slots, make, waiting, outcome)
                finally:
                    for slot in slots:
                        writer.slots.put(slot)
                waiting = fenced + waiting[len(slots) :]
        return outcome

    def _insert(
        self,
        writer: Writer,
        slots: Sequence[Slot],
        make: Callable[[Place, int], Document],
        waiting: Sequence[int],
        outcome: list[Exception | None],
    ) -> list[int]:
        """Write as many as there are slots; return those that were fenced."""
        sent: list[tuple[int, Slot, int]] = []
        documents: list[Document] = []
        under_way = False
        try:
            for at, slot in zip(waiting, slots, strict=False):
                stamp = self._timeline.stamp(writer, 1)
                sent.append((at, slot, stamp))
                try:
                    documents.append(make(Place(stamp, slot.mark()), at))
                except LrsError as error:
                    outcome[at] = error
                    writer.done(sent.pop()[2])
            under_way = True
            refused = self._refused(documents)
        except BaseException as error:
            if under_way:  # some may be stored: the fence decides
                self._timeline.give_up(writer, doubtful=len(sent))
                raise
            for _, _, stamp in sent:
                writer.done(stamp)
            if not isinstance(error, Fenced):
                raise
            self._timeline.give_up(writer)
            return [at for at, _, _ in sent] or [waiting[0]]
        fenced = []
        for number, (at, slot, stamp) in enumerate(sent):
            details = refused.get(number)
            if details is None:
                slot.written += 1
                self._timeline.settle(writer, stamp, 1)
                continue
            writer.done(stamp)
            if is_of_mark(details):
                fenced.append(at)
            else:
                outcome[at] = TakenIds()
        if fenced:
            self._timeline.give_up(writer)
        return fenced

    def _in_transactions(
        self,
        make: Callable[[Place, int], Document],
        waiting: Sequence[int],
        outcome: list[Exception | None],
    ) -> None:
        """Write all in one; where one is refused, each for itself."""

        def work(session: ClientSession, stamp: int) -> None:
            places = [Place(stamp + n * STEP, b"") for n in range(len(waiting))]
            documents = list(map(make, places, waiting))
            self._statements.insert_many(documents, session=session)

        try:
            self._timeline.transact(work, count=len(waiting))
        except (BulkWriteError, LrsError) as error:
            taken = isinstance(error, BulkWriteError)
            if taken and _codes(error) != {_DUPLICATE}:
                raise
            if len(waiting) == 1:
                outcome[waiting[0]] = TakenIds() if taken else error
                return
            for at in waiting:
                self._in_transactions(make, [at], outcome)

    def _refused(self, documents: Sequence[Document]) -> dict[int, Document]:
        """Insert documents; return by number what was said of those that stand."""
        if not documents:
            return {}
        try:
            if len(documents) == 1:
                self._statements.insert_one(documents[0])
            else:
                self._statements.insert_many(documents, ordered=False)
        except DuplicateKeyError as error:
            return {0: dict(error.details or {})}
        except BulkWriteError as error:
            refused = {item["index"]: item for item in error.details["writeErrors"]}
            if _codes(error) != {_DUPLICATE} or error.details["writeConcernErrors"]:
                raise
            return refused
        return {}


def _codes(error: Any) -> set[int]:
    return {item["code"] for item in error.details["writeErrors"]}


def _slots(writer: Writer, most: int) -> list[Slot]:
    """Take slots of a writer: one, and those that are free."""
    taken = [writer.slots.get()]
    with contextlib.suppress(queue.Empty):
        while len(taken) < most:
            taken.append(writer.slots.get_nowait())
    return taken
