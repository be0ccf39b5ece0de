"""Files of Statements: records in, refused records out.

NDJSON (a record a line) or one JSON array, plain or gzip; told apart by their first
bytes, not by their names.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from lrs.errors import BadRequest
from lrs.xapi import text

BATCH = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One record and its line, or its place in the array; both begin at 1."""

    number: int
    raw: bytes


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
        with _opened(path) as file:
            first = _first_byte(file)
            if first == b"[":
                items, _ = text.split(file.read())
                for number, item in enumerate(items, 1):
                    yield Record(number, item.text.encode())
                return
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield Record(number, line.strip())
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise BadRequest(f"{path.name} is a broken gzip file.") from None
    except text.NotJson as error:
        raise BadRequest(f"{path.name}: {error}") from None


def _opened(path: Path) -> io.BufferedReader:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return io.BufferedReader(gzip.open(path, "rb"))
    return path.open("rb")


def _first_byte(file: io.BufferedReader) -> bytes:
    peeked = file.peek(4096).lstrip()
    return peeked[:1]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
