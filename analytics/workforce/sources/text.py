"""The text of a file: its bytes decoded, strictly, in the encoding that is stated."""

from __future__ import annotations

import io
from collections.abc import Callable

from analytics.workforce.sources.format import Format

Opener = Callable[[], io.BufferedReader]
"""Opens a file from its first byte on; called once for each reading."""

_CODECS = {"utf-8": "utf-8-sig"}  # with or without a byte order mark
_TOLD = {"utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1"}


def text_of(reader: io.BufferedReader, form: Format) -> io.TextIOWrapper:
    """Return the text, its line ends untouched; reading raises UnicodeDecodeError."""
    encoding = form.encoding or "utf-8"
    return io.TextIOWrapper(
        reader, encoding=_CODECS.get(encoding, encoding), newline=""
    )


def encoding_told(form: Format) -> str:
    """Return the encoding's name for a message."""
    encoding = form.encoding or "utf-8"
    return _TOLD.get(encoding, encoding)


def lines_before(error: UnicodeDecodeError) -> int:
    """Return how many lines end before the place that cannot be decoded."""
    before = error.object[: error.start]
    return before.decode(error.encoding, errors="ignore").count("\n")
