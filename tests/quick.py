"""What takes the tests long and is not what they test: hashes, disks, a driver's sleep.

Each acts in the process of the tests alone; the programs that they start are as they
are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pymongo import periodic_executor
from werkzeug.security import generate_password_hash

from lrs.store import accounts, credentials

_MEMORY = Path("/dev/shm")  # noqa: S108
_ENOUGH = 4 << 30  # bytes free
_OURS = "lrs-tests-"
_SLEEP = 0.02


def hash_at_little_cost() -> None:
    """Let the secrets that tests add be hashed with little work.

    A real hash takes a tenth of a second, and as much again in every process that
    compares it first. A hash says how it was made, so it is compared as any other.
    """
    quick = partial(generate_password_hash, method="scrypt:1024:8:1")
    for module in (credentials, accounts):
        module.generate_password_hash = quick  # type: ignore[attr-defined]


def close_clients_at_once() -> None:
    """Let the driver's thread of events wake soon: who closes a client waits for it.

    It sleeps half a second at a time.
    """
    executor = periodic_executor.PeriodicExecutor

    class Waking(executor):  # type: ignore[misc,valid-type]
        def __init__(
            self,
            interval: float,
            min_interval: float,
            target: Callable[[], object],
            name: str | None = None,
        ) -> None:
            if name == "pymongo_events_thread":
                min_interval = _SLEEP
            super().__init__(interval, min_interval, target, name)

    periodic_executor.PeriodicExecutor = Waking  # type: ignore[misc]


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
