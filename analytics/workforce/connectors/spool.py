"""The spool: what a connector yielded, as a file of JSON that only we can read.

The file has no name and goes with its process. It is one array with a record on each
line, and read like any JSON that was delivered: so what it holds has a SHA-256, can be
read again, and is quarantined and replayed like a file's records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from tempfile import TemporaryFile

import msgspec

from analytics.workforce.connectors.connector import Record
from analytics.workforce.sources.files import delivery_of
from analytics.workforce.sources.format import Format
from analytics.workforce.sources.records import Delivery

_JSON = Format(type="json")
_LARGE = 1 << 20  # bytes that are written at once
# Names in their order: the same content always has the same digest.
_encoder = msgspec.json.Encoder(order="sorted")


class Spool:
    """Records in a file; ``number`` of them. Use it with ``with``."""

    def __init__(self) -> None:
        self.number = 0
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def fill(self, records: Iterable[Record]) -> None:
        """Write records, in the place of what was there before."""
        self._file.seek(0)
        self._file.truncate()
        self.number = 0
        held = bytearray(b"[")
        for record in records:
            held += b",\n" if self.number else b"\n"
            held += _encoder.encode(record)
            self.number += 1
            if len(held) >= _LARGE:
                self._write(held)
                held.clear()
        self._write(held + b"\n]\n")

    @contextmanager
    def opened(self, name: str) -> Iterator[Delivery]:
        """Open what was written, under a name for messages."""
        with open(self._file.fileno(), "rb", buffering=0, closefd=False) as raw:
            yield delivery_of(name, raw, _JSON)

    def _write(self, content: bytes | bytearray) -> None:
        view = memoryview(content)
        while view:
            view = view[self._raw.write(view) or 0 :]

    @property
    def _raw(self) -> FileIO:
        assert isinstance(self._file, FileIO)  # unbuffered  # noqa: S101
        return self._file
