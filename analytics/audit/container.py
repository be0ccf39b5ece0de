"""The container: whether a ZIP has the files of an export and nothing beside them.

Every octet that is no file's content is compared with what the export writes there:
headers, directory, end. So there is no room for a comment, for data before, between or
behind the files, for two files of one name, or for files that share their octets.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import ZIP64_LIMIT, BadZipFile, ZipFile, ZipInfo

from analytics.audit import form
from lrs.errors import LrsError

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_UTF8 = 0x800
_VERSION = 45  # of a ZIP with long sizes, which every entry has
_MOST_ENTRIES = 0xFFFF


class Altered(LrsError):
    """A file is not as it was exported; says what was altered."""

    title = "Altered"


@contextmanager
def opened(file: IO[bytes]) -> Iterator[ZipFile]:
    """Give the ZIP, its entries in their order; raises Altered.

    What stands in its directory may then be believed, but for the contents.
    """
    count, size, offset = _end(file)
    if count > form.MOST_FILES:
        raise Altered("it claims to have more files than any export")
    try:
        with ZipFile(file) as found:
            _check(file, found.infolist(), size, offset)
            yield found
    except (BadZipFile, NotImplementedError, struct.error, UnicodeDecodeError):
        raise Altered("its directory was altered") from None


def _end(file: IO[bytes]) -> tuple[int, int, int]:
    """Return entries, octets of the directory, and where it begins."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END.size - _LOCATOR.size - _END64.size))
    tail = file.read()
    if len(tail) < _END.size or tail[-_END.size :][:4] != b"PK\x05\x06":
        raise Altered("it is no ZIP, or something stands behind its end")
    _, _, _, _, count, size, offset, _ = _END.unpack(tail[-_END.size :])
    longer = tail[: -_END.size]
    if longer[-_LOCATOR.size :][:4] == b"PK\x06\x07" and longer[:4] == b"PK\x06\x06":
        *_, count, size, offset = _END64.unpack(longer[: _END64.size])
    expected = _end_record(count, size, offset)
    if not tail.endswith(expected) or offset + size + len(expected) != length:
        raise Altered("its end was altered, or something was added to it")
    return count, size, offset


def _end_record(count: int, size: int, offset: int) -> bytes:
    longer = b""
    if count > _MOST_ENTRIES or offset > ZIP64_LIMIT or size > ZIP64_LIMIT:
        longer = _END64.pack(
            *(b"PK\x06\x06", 44, _VERSION, _VERSION, 0, 0, count, count, size, offset)
        ) + _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    few, most = min(count, _MOST_ENTRIES), 0xFFFFFFFF
    return longer + _END.pack(
        b"PK\x05\x06", 0, 0, few, few, min(size, most), min(offset, most), 0
    )


def _check(file: IO[bytes], found: list[ZipInfo], size: int, offset: int) -> None:
    names: set[str] = set()
    expected, at = bytearray(), 0
    for info in found:
        name = info.filename
        if name in names:
            raise Altered(f"it has two files named {name!r}")
        if not form.is_safe(info.orig_filename):
            raise Altered(f"it names a file outside of itself: {info.orig_filename!r}")
        names.add(name)
        own = form.entry(name)
        own.CRC, own.header_offset = info.CRC, at
        own.file_size, own.compress_size = info.file_size, info.compress_size
        header = own.FileHeader(True)
        file.seek(at)
        if info.header_offset != at or file.read(len(header)) != header:
            raise Altered(f"the header of {name} was altered, or data added before it")
        at += len(header) + info.compress_size
        expected += _central(own)
    file.seek(offset)
    if at != offset or file.read(size) != expected:
        raise Altered("its directory was altered, or something was added before it")


def _central(info: ZipInfo) -> bytes:
    """Return the directory's record of an entry, as zipfile writes it."""
    longer: list[int] = []
    size, packed, offset = info.file_size, info.compress_size, info.header_offset
    if size > ZIP64_LIMIT or packed > ZIP64_LIMIT:
        longer += [size, packed]
        size = packed = 0xFFFFFFFF
    if offset > ZIP64_LIMIT:
        longer.append(offset)
        offset = 0xFFFFFFFF
    extra = struct.pack(f"<HH{len(longer)}Q", 1, 8 * len(longer), *longer)
    extra = extra if longer else b""
    name = info.filename.encode()
    flags = 0 if info.filename.isascii() else _UTF8
    versions = (_VERSION | info.create_system << 8, _VERSION)
    return (
        _CENTRAL.pack(
            *(b"PK\x01\x02", *versions, flags, info.compress_type, 0, 0x21),
            *(info.CRC, packed, size, len(name), len(extra), 0, 0, 0),
            *(info.external_attr, offset),
        )
        + name
        + extra
    )
