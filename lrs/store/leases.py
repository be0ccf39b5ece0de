"""Leases: one runner at a time, over all processes and hosts.

A lease is a document with an owner and a count. Its holder raises the count while it
works. What a killed holder leaves is free for whoever has seen it unchanged for
``seconds``, by a clock that nobody sets: neither the server's time nor a host's can
make a lease last, or give it to two.
"""

from __future__ import annotations

import contextlib
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
        # name: its owner and count when first seen so, and that moment (monotonic)
        self._seen: dict[str, tuple[object, object, float]] = {}

    @contextlib.contextmanager
    def hold(self, name: str, *, wait: float = 0) -> Iterator[Lost]:
        """Hold the lease inside the block; raises LeaseTaken after ``wait`` seconds.

        Who asks again and again without waiting gets a killed holder's too: what was
        seen is remembered from one call to the next.

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
                self._leases.update_one({"_id": name, "owner": owner}, self._next(None))

    def _take(self, name: str, owner: str) -> bool:
        moment = time.monotonic()  # before: what is seen was so no later
        row = self._leases.find_one({"_id": name})
        if row is None:
            with contextlib.suppress(DuplicateKeyError):
                self._leases.insert_one({"_id": name, "owner": None, "count": 0})
            row = {"owner": None, "count": 0}
        holder, count = row["owner"], row.get("count")
        if holder is not None and not self._is_stale(name, holder, count, moment):
            return False
        same = {"_id": name, "owner": holder, "count": count}
        found = self._leases.update_one(same, self._next(owner))
        return found.matched_count == 1

    def _is_stale(
        self, name: str, holder: object, count: object, moment: float
    ) -> bool:
        seen = self._seen.get(name)
        if seen is None or seen[:2] != (holder, count):
            # Seen by an answer that came now: the silence is counted from here.
            seen = self._seen[name] = (holder, count, time.monotonic())
        return moment - seen[2] > self._seconds

    def _extend(self, name: str, owner: str, lost: Lost, stop: threading.Event) -> None:
        while not stop.wait(self._seconds / 5):
            asked = time.monotonic()
            with contextlib.suppress(PyMongoError), pymongo.timeout(self._seconds):
                found = self._leases.update_one(
                    {"_id": name, "owner": owner}, self._next(owner)
                )
                if not found.matched_count:
                    lost.set()
                    return
                lost.until = asked + self._seconds

    @staticmethod
    def _next(owner: str | None) -> Document:
        return {"$set": {"owner": owner}, "$inc": {"count": 1}}
