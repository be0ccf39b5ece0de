"""What an operator asks of the database: is it there, fast, with room, and on time.

Out: (fine, details) for /health/ready, within a time limit that the caller has set.
A warning is of something that is not wrong yet.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from pymongo.database import Database
from pymongo.errors import PyMongoError

from lrs.store.clock import microseconds
from lrs.store.embedded_folder import Folder
from lrs.store.mongo import Document, fault

_APART = 2.0  # seconds between two clocks that are worth a word
_LITTLE = 1 << 30  # bytes: what a busy day may take


class DatabaseHealth:
    """The check of one process; ``embedded`` is LRS_DATA_DIR of an embedded MongoDB."""

    def __init__(
        self,
        database: Database[Document],
        reason: Callable[[], str | None],
        embedded: Path | None,
    ) -> None:
        self._admin = database.client.admin
        self._reason = reason
        self._folder = Folder(embedded / "mongodb") if embedded else None

    def __call__(self) -> tuple[bool, dict[str, object]]:
        """Return whether requests can be answered, and the facts."""
        details: dict[str, object] = {}
        warnings = self._look_at_disk(details)
        reason = self._reason()
        if reason is None:
            try:
                warnings += self._ask(details)
            except PyMongoError as error:
                reason = f"{fault(error)}."
        if warnings:
            details["warnings"] = warnings
        if reason is None:
            return True, details
        told = self._folder.told() if self._folder else ""
        details["reason"] = told or reason
        return False, details

    def _ask(self, details: dict[str, object]) -> list[str]:
        began, asked = time.perf_counter(), time.time()
        server = microseconds(self._admin.command("hello")["localTime"]) / 1e6
        took = time.perf_counter() - began
        details["ms"] = round(took * 1000, 1)
        ahead = server - (asked + took / 2)
        if abs(ahead) < _APART + took:
            return []
        details["clock_ahead_seconds"] = round(ahead, 1)
        which = "ahead of" if ahead > 0 else "behind"
        return [
            f"The database's clock is {abs(ahead):.0f} s {which} this host's; stored "
            "times are the database's: set both by one time server."
        ]

    def _look_at_disk(self, details: dict[str, object]) -> list[str]:
        if self._folder is None:
            return []
        free = shutil.disk_usage(self._folder.root).free
        details["free_mb"] = free >> 20
        if free >= _LITTLE:
            return []
        return [
            f"The disk of {self._folder.root} is nearly full: when it is, the embedded "
            "MongoDB stops until there is room."
        ]
