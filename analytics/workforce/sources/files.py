"""One delivered file: CSV, JSON or XML, plain or gzip, read as records.

Goes in: a path and the Format that its mapping states. Comes out: records of source
field to cell, in the file's order. Raises BadRequest where the file as a whole cannot
be trusted: an undecodable byte, an open quote or an open tag shifts everything that
follows. A record that is wrong in itself comes out with a ``fault`` and leaves the
others alone.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path

from analytics.workforce.sources.csv_files import read_csv
from analytics.workforce.sources.format import DETECTED, Format
from analytics.workforce.sources.json_files import read_json
from analytics.workforce.sources.records import Delivery, Record
from analytics.workforce.sources.unpacking import unpacked
from analytics.workforce.sources.xml_files import read_xml
from lrs.errors import BadRequest

__all__ = ["Delivery", "Record", "delivery_of", "open_delivery"]

_READERS = {"csv": read_csv, "json": read_json, "xml": read_xml}
_START = 64  # bytes that tell the type


@contextmanager
def open_delivery(path: Path, form: Format = DETECTED) -> Iterator[Delivery]:
    """Open a file and yield its Delivery; raises BadRequest, also while reading."""
    with ExitStack() as opened:
        with _told(path.name):
            file = opened.enter_context(path.open("rb", buffering=0))
        yield delivery_of(path.name, file, form)


def delivery_of(name: str, file: FileIO, form: Format = DETECTED) -> Delivery:
    """Return the Delivery of an open file, which stays open; raises as opening does."""
    with _told(name):
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        start = unpacked(name, file).read(_START)
        kind = form.type or _type_of(name, start)
        if form.encoding == "utf-16" and not start.startswith(
            (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        ):
            raise BadRequest(f"{name} is UTF-16 without its byte order mark.")

        def read() -> tuple[tuple[str, ...], Iterator[Record]]:
            # Read anew for each time that it is gone through.
            return _READERS[kind](name, lambda: unpacked(name, file), form)

        fields, records = read()

    def again() -> Iterator[Record]:
        with _told(name):
            yield from read()[1]

    return Delivery(name, sha256, fields, _telling(name, records), again)


def _telling(name: str, records: Iterator[Record]) -> Iterator[Record]:
    with _told(name):
        yield from records


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadRequest(f"{name} is damaged: its gzip data ends wrong.") from None
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise BadRequest(f"{name} cannot be read: {reason}.") from None


def _type_of(name: str, start: bytes) -> str:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        start = start.removeprefix(mark)
    # UTF-16 is told by the NUL beside each sign of ASCII.
    start = start.replace(b"\0", b"").lstrip()
    if not start:
        raise BadRequest(f"{name} is empty.")
    if start[:1] in b"[{":
        return "json"
    return "xml" if start[:1] == b"<" else "csv"
