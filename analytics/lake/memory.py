"""DuckDB in memory, bounded; what does not fit goes to a folder, which never stays.

That folder holds people's data. A process that is killed cannot remove it, so each one
holds a lock on its own, which ends with the process: whoever opens the next one removes
those that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_PREFIX = "lrs-spill-"
_INTERRUPTED = "Query interrupted"


@contextmanager
def in_memory(limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB in UTC that takes up to ``limit`` of memory, such as ``512MB``."""
    with (
        _spill() as folder,
        duckdb.connect(config={"temp_directory": folder}) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        # It would go to standard output, among the rows that are asked for there.
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET memory_limit = '{limit}'")
        # It would be printed to standard output, in the midst of a report's rows.
        connection.execute("SET enable_progress_bar = false")
        try:
            yield connection
        except RuntimeError as error:
            if f"{error}" != _INTERRUPTED:
                raise
            # DuckDB takes the signal for itself, and says so in its own way.
            raise KeyboardInterrupt from None


@contextmanager
def _spill() -> Iterator[str]:
    _remove_abandoned()
    folder, held = _held()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _held() -> tuple[str, int]:
    """Make a folder that only its owner may enter, and lock it."""
    while True:
        # Until it is locked, another may take it for abandoned.
        folder = tempfile.mkdtemp(prefix=_PREFIX)
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.path.isdir(folder):
            return folder, held
        os.close(held)


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # another user's, or just removed
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # at work
        finally:
            os.close(held)
