"""What takes the tests long and is not what they test: hashes, disks, a driver's sleep.

The hashes are so in the process of the tests alone, not in the programs it starts.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pymongo import periodic_executor
from werkzeug.security import generate_password_hash

from lrs.store import accounts, credentials

_MEMORY = Path("/dev/shm")  # noqa: S108
_ENOUGH = 4 << 30  # bytes free
_OURS = "lrs-tests-"
_STEP = 0.03


def hash_at_little_cost() -> None:
    """Let the secrets that tests add be hashed with little work.

    A real hash takes a tenth of a second, and as much again in every process that
    compares it first. A hash says how it was made, so it is compared as any other.
    """
    quick = partial(generate_password_hash, method="scrypt:1024:8:1")
    for module in (credentials, accounts):
        module.generate_password_hash = quick  # type: ignore[attr-defined]


class _Watchful:
    """Time as the driver's threads see it: who is to stop sleeps no longer."""

    monotonic = staticmethod(time.monotonic)

    @staticmethod
    def sleep(seconds: float) -> None:
        executor = sys._getframe(1).f_locals["self"]
        end = time.monotonic() + seconds
        while not executor._stopped and (left := end - time.monotonic()) > 0:
            time.sleep(min(_STEP, left))


def close_clients_at_once() -> None:
    """Let the driver's threads see within a moment that they are to stop.

    They sleep half a second at a time; who closes a client, or ends, waits for them.
    What they do and how often stays the same.
    """
    periodic_executor.time = _Watchful  # type: ignore[assignment]


@contextmanager
def in_memory(folder: Path) -> Iterator[Path]:
    """Give a folder in memory for a MongoDB's files; ``folder`` where there is none.

    A fresh database has some thirty files, each written through to the disk. What the
    tests kill are processes, never the machine: what was written is there after it.
    """
    for left in _MEMORY.glob(f"{_OURS}*"):  # by a run that was killed
        pid = left.name.removeprefix(_OURS).partition("-")[0]
        if not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ENOUGH:
        yield folder
        return
    name = tempfile.mkdtemp(prefix=f"{_OURS}{os.getpid()}-", dir=_MEMORY)
    try:
        yield Path(name)
    finally:
        shutil.rmtree(name, ignore_errors=True)
