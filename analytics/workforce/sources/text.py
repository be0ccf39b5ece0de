"""The text of a file: its bytes decoded, strictly, in the encoding that is stated."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable

from analytics.workforce.sources.format import Format
from lrs.errors import BadRequest

Opener = Callable[[], io.BufferedReader]
"""Opens a file from its first byte on; called once for each reading."""

_LOOKED_AT = 1 << 16  # octets, or as many as are at hand
_CODECS = {"utf-8": "utf-8-sig"}  # with or without a byte order mark
_TOLD = {"utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1"}


def text_of(name: str, reader: io.BufferedReader, form: Format) -> io.TextIOWrapper:
    """Return the text, its line ends untouched; reading raises UnicodeDecodeError.

    Raises BadRequest where the first octets show that it is something else.
    """
    encoding = form.encoding or "utf-8"
    if other := _other(reader.peek(_LOOKED_AT)[:_LOOKED_AT], encoding):
        reader.close()
        raise BadRequest(f"{name} is {other}.")
    return io.TextIOWrapper(
        reader, encoding=_CODECS.get(encoding, encoding), newline=""
    )


def _other(head: bytes, encoding: str) -> str | None:
    """Return what a file is that begins so and is no text in this encoding."""
    name = codecs.lookup(encoding).name
    if head.startswith(b"PK\x03\x04"):
        return "a ZIP archive: take the file out of it"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not name.startswith(("utf-16", "utf-32")):
            return 'in UTF-16: its mapping must say encoding = "utf-16"'
    elif not name.startswith("utf") and not head.isascii() and _is_utf_8(head):
        # In the other one it would be text too, with wrong names of fields and people.
        return f'in UTF-8, and its mapping says encoding = "{encoding}"'
    return None


def _is_utf_8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # its end may be cut off
    except UnicodeDecodeError:
        return False
    return True


def encoding_told(form: Format) -> str:
    """Return the encoding's name for a message."""
    encoding = form.encoding or "utf-8"
    return _TOLD.get(encoding, encoding)


def lines_before(error: UnicodeDecodeError) -> int:
    """Return how many lines end before the place that cannot be decoded."""
    before = error.object[: error.start]
    return before.decode(error.encoding, errors="ignore").count("\n")
