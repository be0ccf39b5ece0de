"""Leases: one runner at a time, over all processes and hosts.

A lease is a document with an owner and an end on the server's clock. Its holder
extends it while it works; what a killed holder leaves is free again after ``seconds``.
"""

from __future__ import annotations

import contextlib
import datetime
import threading
import time
import uuid
from collections.abc import Iterator

import pymongo
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from lrs.errors import Conflict
from lrs.store.mongo import Document

_RETRY_SECONDS = 0.3
_LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class LeaseTaken(Conflict):
    """Another process is doing this now."""


class Lost(threading.Event):
    """Is set when another holds the lease, or may: its time is over.

    The time is this process' own monotonic clock, so that a process that was stopped
    sees it at once when it wakes, before it could ask anyone.
    """

    def __init__(self, until: float) -> None:
        super().__init__()
        self.until = until

    def is_set(self) -> bool:
        """Tell whether the work in hand must not be committed any more."""
        return super().is_set() or time.monotonic() >= self.until


class MongoLeases:
    """Named leases in the collection ``leases``."""

    def __init__(self, database: Database[Document], *, seconds: float = 15) -> None:
        self._leases = database["leases"]
        self._seconds = seconds

    @contextlib.contextmanager
    def hold(self, name: str, *, wait: float = 0) -> Iterator[Lost]:
        """Hold the lease inside the block; raises LeaseTaken after ``wait`` seconds.

        What it yields tells whether the lease was lost (this process was stopped for
        longer than it lasts): the work in hand must then not be committed.
        """
        owner = uuid.uuid4().hex
        deadline = time.monotonic() + wait
        asked = time.monotonic()
        while not self._take(name, owner):
            if time.monotonic() >= deadline:
                raise LeaseTaken(f"Another process holds {name!r}; try again later.")
            time.sleep(_RETRY_SECONDS)
            asked = time.monotonic()
        lost, stop = Lost(asked + self._seconds), threading.Event()
        thread = threading.Thread(
            target=self._extend, args=(name, owner, lost, stop), daemon=True
        )
        thread.start()
        try:
            yield lost
        finally:
            stop.set()
            thread.join()
            with contextlib.suppress(PyMongoError), pymongo.timeout(self._seconds):
                # Kept, not deleted: who takes it now need not find it gone.
                self._leases.update_one(
                    {"_id": name, "owner": owner}, {"$set": {"until": _LONG_AGO}}
                )

    def _take(self, name: str, owner: str) -> bool:
        # Made first and without an owner, since an upsert cannot compare with $$NOW.
        with contextlib.suppress(DuplicateKeyError):
            self._leases.update_one(
                {"_id": name},
                {"$setOnInsert": {"owner": None, "until": _LONG_AGO}},
                upsert=True,
            )
        found = self._leases.update_one(
            {"_id": name, "$expr": {"$lt": ["$until", "$$NOW"]}}, self._until(owner)
        )
        return found.matched_count == 1

    def _extend(self, name: str, owner: str, lost: Lost, stop: threading.Event) -> None:
        while not stop.wait(self._seconds / 5):
            asked = time.monotonic()
            with contextlib.suppress(PyMongoError), pymongo.timeout(self._seconds):
                found = self._leases.update_one(
                    {"_id": name, "owner": owner}, self._until(owner)
                )
                if not found.matched_count:
                    lost.set()
                    return
                lost.until = asked + self._seconds

    def _until(self, owner: str) -> list[Document]:
        end = {"$add": ["$$NOW", int(self._seconds * 1000)]}
        return [{"$set": {"owner": owner, "until": end}}]
