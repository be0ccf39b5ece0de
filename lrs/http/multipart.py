"""Multipart bodies, taken apart while they come in (RFC 2046 5.1).

In: the pieces of a body and its boundary. Out: for each part its headers, then its
octets, to a sink; no more than a piece is held. What a sink raises ends the reading.
The library does the grammar; what it refuses is said here in words of our own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Protocol

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from werkzeug import Request

from lrs.errors import BadRequest

_MOST_HEADERS, _LONGEST_HEADER = 16, 4096  # of a part; in octets
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # a tab is none

# Its warnings quote the body, and that may be content.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


class PartSink(Protocol):
    """Takes the parts of a body, one after the other."""

    def begin(self, number: int, headers: dict[str, str]) -> None:
        """Begin part ``number``, from 1; the names of headers are in lower case."""
        ...

    def write(self, piece: memoryview) -> None:
        """Take octets of the part; the memory is the caller's again afterwards."""
        ...

    def end(self) -> None:
        """End the part."""
        ...


def boundary_of(request: Request) -> str:
    """Return the boundary of the request's Content-Type; raises BadRequest."""
    boundary = request.mimetype_params.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise BadRequest(
            "The Content-Type multipart/mixed needs a boundary of 1 to 70 characters, "
            "such as RFC 2046 allows."
        )
    return boundary


def read_parts(pieces: Iterable[bytes], boundary: str, sink: PartSink) -> None:
    """Give the parts to the sink; raises BadRequest and what the sink raises.

    Line breaks before the first boundary and whatever follows the last are passed over.
    """
    parts = _Parts(sink)
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": parts.on_part_begin,
            "on_header_field": parts.on_header_field,
            "on_header_value": parts.on_header_value,
            "on_header_end": parts.on_header_end,
            "on_headers_finished": parts.on_headers_finished,
            "on_part_data": parts.on_part_data,
            "on_part_end": parts.on_part_end,
            "on_end": parts.on_end,
        },
        max_header_count=_MOST_HEADERS,
        max_header_size=_LONGEST_HEADER,
    )
    for piece in pieces:
        try:
            parser.write(piece)
        except MultipartParseError:
            raise BadRequest(parts.fault()) from None
    if not parts.ended:
        raise BadRequest(parts.fault(broken_off=True))
    if not parts.number:
        raise BadRequest("The multipart body has no parts.")


class _Parts:
    """Puts the parser's callbacks together to parts."""

    def __init__(self, sink: PartSink) -> None:
        self.number = 0
        self.ended = False
        self._sink = sink
        self._headers: dict[str, str] | None = None  # until they are complete
        self._name = self._value = b""

    def fault(self, *, broken_off: bool = False) -> str:
        """Say what is wrong where the parser could not go on."""
        if not self.number:
            return "The body does not begin with the boundary of its Content-Type."
        where = f"Part {self.number} of the body"
        if broken_off:
            return f"{where} is not followed by the closing boundary."
        if self._headers is not None:
            return (
                f"{where} has headers that are none, or more than {_MOST_HEADERS}, or "
                f"one of more than {_LONGEST_HEADER} octets."
            )
        return f"{where} ends with a boundary that is not alone on its line."

    def on_part_begin(self) -> None:
        self.number += 1
        self._headers = {}

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        name, value = self._name.decode("ascii").lower(), self._value.strip(b" \t")
        self._name = self._value = b""
        headers = {} if self._headers is None else self._headers
        if _CONTROL.search(value):
            raise BadRequest(f"Part {self.number} of the body has a broken header.")
        if name in headers:
            raise BadRequest(f"Part {self.number} of the body repeats a header.")
        headers[name] = value.decode("latin-1")

    def on_headers_finished(self) -> None:
        headers, self._headers = self._headers, None
        self._sink.begin(self.number, headers or {})

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._sink.write(memoryview(data)[start:end])

    def on_part_end(self) -> None:
        self._sink.end()

    def on_end(self) -> None:
        self.ended = True
