"""The fence of the timeline: who is silent, and how nothing of it is committed later.

Who tells nothing of itself for a lease was stopped or killed, or its cable cut; of one
on this machine it is known at once that it is gone. Which of these it is does not
matter: a fence is exact whoever is behind it. The writer loses its word first, then its
transactions are ended and its slots closed. A transaction touches a slot: one that is
committing all the same is waited for, one that has not touched finds it closed. Whoever
was fenced alive takes another row.

Silence is measured by this process' own monotonic clock, for as long as it could look
itself: a clock that is set, a failover or an outage make nobody silent.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import time
from pathlib import Path

import pymongo
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from lrs.store.mongo import Document
from lrs.store.through import Row, State, ThroughDocument
from lrs.store.writers import Writers

_FENCE_SECONDS = 2.0


def here() -> str:
    """Return what tells whether a pid is of this machine; empty where nothing does."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is another user's
    return True


class Watch:
    """What this process has seen of the others."""

    def __init__(self, lease: float) -> None:
        self._lease = lease
        # Who seems to be silent for a lease by the server's clock, which may have been
        # set, gets so long to speak.
        self._patience = lease / 5
        self._looked = 0.0
        self._seen: dict[str, tuple[datetime.datetime, float]] = {}
        self._here = here()

    def silent(self, state: State) -> list[Row]:
        """Return the rows that are to be fenced."""
        now = time.monotonic()
        if now - self._looked > self._lease:
            self._seen.clear()  # who did not look has seen nobody silent
        self._looked = now
        seen = {row.id: self._since(row, now) for row in state.rows.values()}
        self._seen = seen
        return [
            row
            for row in state.rows.values()
            if self._is_silent(row, state, now - seen[row.id][1])
        ]

    def _since(self, row: Row, now: float) -> tuple[datetime.datetime, float]:
        beat, since = self._seen.get(row.id, (None, now))
        return row.beat, since if beat == row.beat else now

    def _is_silent(self, row: Row, state: State, silence: float) -> bool:
        if self._here and row.place == self._here and not _exists(row.pid):
            return True
        late = (state.clock - row.beat).total_seconds() > self._lease
        return silence > (self._patience if late or not row.alive else self._lease)


class Fence:
    """Ends writers, others and own."""

    def __init__(self, database: Database[Document], writers: Writers) -> None:
        self._database = database
        self._writers = writers
        self._document = ThroughDocument(database)

    def raise_against(self, row: Row) -> bool:
        """Tell whether a writer can commit no more; else the next one tries again."""
        with contextlib.suppress(PyMongoError), pymongo.timeout(_FENCE_SECONDS):
            if self._document.suspend(row):
                self._cut_off(row.id)
                return True
        return False

    def leave(self, writer_id: str, last: int) -> None:
        """Remove a writer that has nothing in flight."""
        # The floor first: who finds the lane free must find it too. The document last:
        # until then another can do the rest.
        self._document.raise_floor(last)
        self._writers.remove(writer_id)
        self._document.remove(writer_id)

    def sweep(self) -> None:
        """Cut off what no row of the document stands for; it would keep its lane.

        A row of the document stands before those of the collection, and after them.
        """
        for writer_id in self._writers.ids() - self._document.known():
            self._cut_off(writer_id)

    def _cut_off(self, writer_id: str) -> None:
        # The server keeps what a killed process left open for a minute, with its
        # locks on Statements and slots; ended here, they are free at once. A server
        # that forbids it only makes the fence wait.
        if sessions := self._writers.sessions(writer_id):
            with contextlib.suppress(OperationFailure):
                self._database.command(
                    {"killSessions": sessions},
                    codec_options=self._database.codec_options,
                )
        self.leave(writer_id, self._writers.close(writer_id))


def unite_timeline(database: Database[Document]) -> None:
    """Take over from the timeline of 0.2, whose programs can write no more from here.

    Its document was another, with a row of ``writers`` for each process.
    """
    former = {"_id": "timeline"}
    database["meta"].update_one(former, {"$set": {"joined": "moved"}}, upsert=True)
    Fence(database, Writers(database, 0)).sweep()
    found = database["meta"].find_one(former) or {}
    ThroughDocument(database).take_over(found.get("through", 0), found.get("floor", 0))
