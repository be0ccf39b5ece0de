"""Files of Statements: records in, refused records out.

NDJSON (a record a line), one JSON array or one object, plain or gzip; told apart by
their first bytes, not by their names. ``-`` is standard input, which is read once.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from lrs.errors import BadRequest
from lrs.records import Record, split
from lrs.xapi import text

BATCH = 500
STANDARD_INPUT = "-"
_GZIP = b"\x1f\x8b"


class Rejects:
    """The reject file; made when the first record is refused."""

    def __init__(self, path: Path, *, append: bool) -> None:
        self._path = path
        self._mode = "ab" if append else "wb"
        self._file: IO[bytes] | None = None

    def write(self, record: Record, violations: list[dict[str, str]]) -> None:
        """Add a record with its line and the reasons; it holds the record itself."""
        if self._file is None:
            self._file = self._path.open(self._mode)
            self._path.chmod(0o600)
        line: dict[str, Any] = {
            "line": record.number,
            "violations": violations,
            "record": record.raw.decode(errors="replace"),
        }
        self._file.write(orjson.dumps(line) + b"\n")

    def close(self) -> None:
        """Close the file, where there is one."""
        if self._file is not None:
            self._file.close()


def batches(path: Path) -> Iterator[list[Record]]:
    """Yield the records of a file, some at a time; raises BadRequest."""
    batch: list[Record] = []
    for record in records(path):
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def records(path: Path) -> Iterator[Record]:
    """Yield the records of a file; raises BadRequest where it cannot be read."""
    try:
        with opened(path) as (file, _):
            yield from split(file)
    except text.NotJson as error:
        raise BadRequest(f"{path.name}: {error}") from None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[io.BufferedReader, Callable[[], int]]]:
    """Open a file, unpacked, with what tells how many of its own bytes are read.

    Raises BadRequest where the reading inside the block meets a broken gzip file.
    """
    with contextlib.ExitStack() as stack:
        if str(path) == STANDARD_INPUT:
            raw: io.BufferedReader = sys.stdin.buffer  # type: ignore[assignment]
        else:
            raw = stack.enter_context(path.open("rb"))
        file = raw
        if raw.peek(2)[:2] == _GZIP:
            file = io.BufferedReader(stack.enter_context(gzip.open(raw, "rb")))
        try:
            yield file, raw.tell if raw.seekable() else lambda: 0
        except (gzip.BadGzipFile, zlib.error, EOFError):
            raise BadRequest(f"{path.name} is a broken gzip file.") from None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
