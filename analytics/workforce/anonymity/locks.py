"""Locks: while people are made anonymous, nothing is imported for their tenant."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from analytics.workforce.clearing import clear_killed
from analytics.workforce.ledger import Ledger
from analytics.workforce.model import TABLES
from analytics.workforce.run_lock import RunLock
from lrs.errors import Conflict


@contextmanager
def no_imports(
    ledger: Ledger, tenant: str, lease_seconds: float
) -> Iterator[Callable[[], None]]:
    """Hold the lock of every kind of import; yields what raises where one is lost.

    What killed imports have staged is cleared away by the way. Raises Conflict where an
    import is at work for long.
    """
    at = ledger.collections
    stop, lost = threading.Event(), threading.Event()
    locked: list[RunLock] = []

    def beat() -> None:
        while not stop.wait(lease_seconds / 6):
            try:
                for lock in tuple(locked):
                    lock.stay_alive()
            except Exception:  # whatever it was: nobody can say that they are held
                lost.set()
                return

    def alive() -> None:
        if lost.is_set():
            raise Conflict(
                "This was stopped for so long that an import took its place. Give the "
                "same command again: it goes on from here."
            )

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        for kind in sorted(TABLES):
            lock = RunLock(at, tenant, kind, uuid4().hex, lease_seconds)
            lock.wait()
            locked.append(lock)
            clear_killed(at, tenant, kind, lock.stay_alive)
        yield alive
    finally:
        stop.set()
        thread.join()
        for lock in locked:
            lock.release()
