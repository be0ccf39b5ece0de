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
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_PREFIX = "lrs-spill-"
_INTERRUPTED = "Query interrupted"
_KEPT = 4  # idle ones, of a process

_lock = threading.Lock()
_idle: list[duckdb.DuckDBPyConnection] = []
# Of a process that was forked: the threads of what its parent had idle are not its own.
_forked: list[list[duckdb.DuckDBPyConnection]] = []

_BEGIN = """
SET temp_directory = '{folder}';
SET memory_limit = '{limit}';
RESET threads;
ATTACH ':memory:' AS work
"""
_END = "DETACH work; SET temp_directory = ''"
_USE = """
USE work;
SET TimeZone = 'UTC';
-- A setting of the connection; what it keeps is there for the next one.
SET parquet_metadata_cache = true;
-- It would be printed to standard output, among the rows that are asked for there.
SET enable_progress_bar = false
"""


@contextmanager
def in_memory(limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB in UTC that takes up to ``limit`` of memory, such as ``512MB``."""
    with _spill() as folder, _database() as database:
        database.execute(_BEGIN.format(folder=folder, limit=limit))
        with database.cursor() as connection:
            connection.execute(_USE)
            try:
                yield connection
            except RuntimeError as error:
                if f"{error}" != _INTERRUPTED:
                    raise
                # DuckDB takes the signal for itself, and says so in its own way.
                raise KeyboardInterrupt from None


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield one that nobody else uses; closed where its use was interrupted."""
    with _lock:
        database = _idle.pop() if _idle else None
    # It has no folder of its own: each use brings one.
    database = database or duckdb.connect(config={"temp_directory": ""})
    usable = True
    try:
        yield database
    except BaseException as error:
        usable = isinstance(error, Exception)
        raise
    finally:
        if not (usable and _is_kept(database)):
            database.close()


def _is_kept(database: duckdb.DuckDBPyConnection) -> bool:
    """Keep one that can be left as it was; tell whether."""
    try:
        database.execute(_END)
    except duckdb.Error:  # something was spilled, or is still being read
        return False
    with _lock:
        if len(_idle) == _KEPT:
            return False
        _idle.append(database)
        return True


def _forget() -> None:
    """In a fork: leave alone what has threads in the other process only."""
    global _lock
    _lock = threading.Lock()
    _forked.append(_idle[:])
    _idle.clear()


os.register_at_fork(after_in_child=_forget)


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
