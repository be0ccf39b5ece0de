"""The lock of a kind: one import of it is at work for a tenant at a time.

Its database's clock lets it expire, so that a killed import stands in nobody's way for
long. Who was only stopped, and wakes after another took its place, finds itself fenced
off: the lock has another owner.
"""

from __future__ import annotations

from time import monotonic, sleep

from analytics.workforce.ledger import Collections, Document
from lrs.errors import Conflict

LEASE_SECONDS = 10.0  # an import that is silent for so long is taken for dead


class RunLock:
    """The lock as one run sees it. ``mine`` finds it as long as this run has it."""

    def __init__(
        self, at: Collections, tenant: str, kind: str, run: str, seconds: float
    ) -> None:
        self._locks = at.locks
        self._kind = kind
        self._run = run
        self._seconds = seconds
        self._lock: Document = {"_id": {"t": tenant, "kind": kind}}
        self._renewed = 0.0
        self.mine: Document = self._lock | {"owner": run}

    def take(self) -> bool:
        """Take it where it is free; tell whether it was."""
        self._locks.update_one(
            self._lock, {"$setOnInsert": {"owner": None, "expires": None}}, upsert=True
        )
        # The server's clock decides, so that hosts need not agree on theirs. An absent
        # time sorts before any other.
        return self._lease(self._lock | {"$expr": {"$lt": ["$expires", "$$NOW"]}})

    def wait(self) -> None:
        """Take it, or raise Conflict where it is not free within three leases."""
        deadline = monotonic() + 3 * self._seconds
        while not self.take():
            if monotonic() > deadline:
                raise Conflict(
                    f"Another {self._kind} import is at work for this tenant; "
                    "try again when it is done."
                )
            sleep(min(0.2, self._seconds / 5))

    def stay_alive(self) -> None:
        """Keep it; raises Conflict where another import has taken it."""
        if monotonic() - self._renewed > self._seconds / 3 and not self._lease(
            self.mine
        ):
            raise self.fenced()

    def release(self) -> None:
        """Let the next import begin."""
        self._locks.update_one(self.mine, {"$set": {"expires": None}})

    def fenced(self) -> Conflict:
        """Return what is to be said where another has taken it."""
        return Conflict(
            f"This {self._kind} import was stopped for so long that another one took "
            "its place; nothing of it was applied. Start it again."
        )

    def _lease(self, lock: Document) -> bool:
        until = {"$add": ["$$NOW", int(self._seconds * 1000)]}
        mine = [{"$set": {"owner": self._run, "expires": until}}]
        self._renewed = monotonic()
        return self._locks.update_one(lock, mine).matched_count == 1
