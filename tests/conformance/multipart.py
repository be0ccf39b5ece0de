"""Multipart bodies, put together by hand, so that a test can get every part wrong.

Spec: xAPI-Communication 1.5.2, RFC 2046 5.1. ``a_request`` makes what a client sends,
``parts_of`` takes apart what the LRS answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BOUNDARY = "abc_xyz-123"
USAGE = "http://usage.example.org/transcript"

Json = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A part of a body; the names of headers are as they were written."""

    headers: Mapping[str, str]
    content: bytes


def described(content: bytes, **changes: Any) -> Json:
    """Return what a Statement says of an attachment; a change of None removes."""
    attachment = {
        "usageType": USAGE,
        "display": {"en": "Transcript"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
        **changes,
    }
    return {name: value for name, value in attachment.items() if value is not None}


def json_part(statements: Any, **headers: str | None) -> Part:
    """Return the part with the Statements; a header of None is left out."""
    given = {"Content-Type": "application/json", **_named(headers)}
    return Part(_kept(given), json.dumps(statements).encode())


def content_part(content: bytes, **headers: str | None) -> Part:
    """Return the part with the content of an attachment."""
    given = {
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": hashlib.sha256(content).hexdigest(),
        **_named(headers),
    }
    return Part(_kept(given), content)


def body_of(parts: Sequence[Part], boundary: str = BOUNDARY) -> bytes:
    """Return the body with these parts."""
    line = b"--" + boundary.encode()
    return b"".join(
        line + b"\r\n" + _heading(part) + b"\r\n" + part.content + b"\r\n"
        for part in parts
    ) + (line + b"--\r\n")


def content_type(boundary: str | None = BOUNDARY, kind: str = "mixed") -> str:
    """Return the Content-Type of a request."""
    given = "" if boundary is None else f"; boundary={boundary}"
    return f"multipart/{kind}{given}"


def a_request(
    statements: Any, *contents: bytes, **headers: str
) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a request with Statements and their contents."""
    parts = [json_part(statements), *map(content_part, contents)]
    return body_of(parts), {"Content-Type": content_type(), **headers}


def parts_of(answer: Any) -> list[Part]:
    """Return the parts of an answer; the names of their headers in lower case."""
    kind = answer.headers["Content-Type"]
    assert kind.startswith("multipart/mixed"), kind
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    before, *pieces, after = (b"\r\n" + answer.data).split(b"\r\n--" + boundary)
    assert before == b""
    assert after.strip() == b"--"
    return [_part(piece) for piece in pieces]


def _part(piece: bytes) -> Part:
    heading, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    pairs = (line.partition(":") for line in heading.decode().splitlines())
    return Part({name.lower(): value.strip() for name, _, value in pairs}, content)


def _named(headers: Mapping[str, str | None]) -> dict[str, str | None]:
    known = {name.replace("-", "_"): name for name in _HEADERS}
    return {known[name]: value for name, value in headers.items()}


_HEADERS = (
    *("Content-Type", "Content-Length", "Content-Transfer-Encoding"),
    "X-Experience-API-Hash",
)


def _kept(headers: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value is not None}


def _heading(part: Part) -> bytes:
    return "".join(
        f"{name}: {item}\r\n" for name, item in part.headers.items()
    ).encode()
