"""A mongod whose clock can be set while it runs, by Debian's libfaketime.

The real program with the library before its C library: only the time of day is shifted,
as by an operator or a time server; its timers go on.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient

from tests.integration.own_mongod import OwnMongod

_LIBRARIES = ("x86_64-linux-gnu", "aarch64-linux-gnu")
_SHARED = Path("/dev/shm")  # noqa: S108
_SECONDS = 30.0
_NEAR = 20.0  # seconds; the shifts of the tests are much more


class NotInstalled(Exception):
    """There is no libfaketime here."""


class ShiftedClock:
    """Sets the clock of a mongod, in seconds from the true time."""

    def __init__(self, file: Path, mongod: OwnMongod) -> None:
        self._file = file
        self.mongod = mongod

    def set(self, seconds: int) -> None:
        """Set it; returns when the server shows it."""
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}")
        draft.replace(self._file)
        end = time.monotonic() + _SECONDS
        with MongoClient[dict[str, datetime.datetime]](self.mongod.uri) as client:
            while abs(self._ahead(client) - seconds) > _NEAR:
                assert time.monotonic() < end, "the clock cannot be set"
                time.sleep(0.1)

    @staticmethod
    def _ahead(client: MongoClient[dict[str, datetime.datetime]]) -> float:
        shown = client.admin.command("hello")["localTime"]
        true = datetime.datetime.now(datetime.UTC)
        return (shown.replace(tzinfo=datetime.UTC) - true).total_seconds()


@contextmanager
def shifted_clock(folder: Path) -> Iterator[ShiftedClock]:
    """Start such a mongod; raises NotInstalled."""
    names = [Path("/usr/lib", it, "faketime/libfaketime.so.1") for it in _LIBRARIES]
    library = next((name for name in names if name.exists()), None)
    if library is None:
        raise NotInstalled
    file = folder / "clock"
    file.write_text("+0")
    mongod = OwnMongod(
        folder / "db",
        environment={
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Else each wait of the server ends at once, and it keeps a processor busy.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        },
    )
    try:
        mongod.start()
        yield ShiftedClock(file, mongod)
    finally:
        mongod.end()
        for kind in ("faketime_shm", "sem.faketime_sem"):  # it was killed
            (_SHARED / f"{kind}_{mongod.process.pid}").unlink(missing_ok=True)
