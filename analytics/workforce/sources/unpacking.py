"""Unpacking: the bytes of a file, plain or gzip, up to bounds that stop a bomb.

The bytes go by in pieces and are never held, so a bomb costs time only: it is refused
when it has unpacked to more than LARGEST bytes, or to more than RATIO times of what
was read of it, once that matters (BEYOND).
"""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

from lrs.errors import BadRequest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST = 8 << 30  # bytes, unpacked
BEYOND = 16 << 20  # bytes, unpacked: what is smaller does no harm at any ratio
RATIO = 200  # CSV and XML of people pack to a tenth, at most to a sixtieth
_PIECE = 1 << 17


class _Unpacked(io.RawIOBase):
    """The bytes of an open file from its beginning; never closes the file."""

    def __init__(self, name: str, file: io.FileIO) -> None:
        self._name = name
        self._file = file
        file.seek(0)
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._packed = gzip.GzipFile(fileobj=file) if packed else None
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        source = self._packed
        data = self._file.read(len(view)) if source is None else source.read1(len(view))
        view[: len(data)] = data
        self._size += len(data)
        if self._size > LARGEST:
            raise BadRequest(f"{self._name} is over {LARGEST >> 30} GiB, unpacked.")
        if (
            source is not None
            and self._size > BEYOND
            and self._size > RATIO * self._file.tell()
        ):
            raise BadRequest(
                f"{self._name} unpacks to more than {RATIO} times its size."
            )
        return len(data)


def unpacked(name: str, file: io.FileIO) -> io.BufferedReader:
    """Return a reader over the file's bytes from the first on, unpacked.

    Reading raises BadRequest beyond the bounds, and what gzip raises where the packed
    data is damaged. ``file`` stays open.
    """
    return io.BufferedReader(_Unpacked(name, file), _PIECE)
