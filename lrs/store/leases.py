"""Leases: one runner at a time, over all processes and hosts.

A lease is a document with an owner and an end on the server's clock. Its holder
extends it while it works; what a killed holder leaves is free again after ``seconds``.
"""

from __future__ import annotations

import contextlib
import datetime
import threading
import uuid
from collections.abc import Iterator

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from lrs.errors import Conflict
from lrs.store.mongo import Document


_LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class LeaseTaken(Conflict):
    """Another process is doing this now."""


class MongoLeases:
    """Named leases in the collection ``leases``."""

    def __init__(self, database: Database[Document], *, seconds: int = 15) -> None:
        self._leases = database["leases"]
        self._seconds = seconds

    @contextlib.contextmanager
    def hold(self, name: str) -> Iterator[threading.Event]:
        """Hold the lease inside the block; raises LeaseTaken.

        The event is set when the lease was lost (this process was stopped for
        longer than it lasts): the work in hand must then not be committed.
        """
        owner = uuid.uuid4().hex
        if not self._take(name, owner):
            raise LeaseTaken(f"Another process holds {name!r}; wait until it is done.")
        lost, stop = threading.Event(), threading.Event()
        thread = threading.Thread(
            target=self._extend, args=(name, owner, lost, stop), daemon=True
        )
        thread.start()
        try:
            yield lost
        finally:
            stop.set()
            thread.join()
            with contextlib.suppress(PyMongoError):
                self._leases.delete_one({"_id": name, "owner": owner})

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

    def _extend(
        self, name: str, owner: str, lost: threading.Event, stop: threading.Event
    ) -> None:
        while not stop.wait(self._seconds / 5):
            with contextlib.suppress(PyMongoError):
                found = self._leases.update_one(
                    {"_id": name, "owner": owner}, self._until(owner)
                )
                if not found.matched_count:
                    lost.set()
                    return

    def _until(self, owner: str) -> list[Document]:
        end = {"$add": ["$$NOW", self._seconds * 1000]}
        return [{"$set": {"owner": owner, "until": end}}]
