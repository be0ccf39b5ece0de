"""Broken requests in parts: name, (body, Content-Type, what the problem says)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.builders import a_statement
from tests.multiparts import (
    BOUNDARY,
    an_attachment,
    body_of,
    content_part,
    content_type,
    statements_part,
    with_attachments,
)

MARK = "seKreT"  # stands in contents; no answer and no log may have it
ESSAY = f"An essay on {MARK}.".encode()
OTHER = f"A picture of {MARK}.".encode()
_SHA2 = hashlib.sha256(ESSAY).hexdigest()
_LINE = f"--{BOUNDARY}"

STATEMENT = with_attachments(an_attachment(ESSAY))
FIRST, SECOND = statements_part(STATEMENT), content_part(ESSAY)
GOOD = body_of(FIRST, SECOND)
Broken = tuple[bytes, str, str]


def _parts(said: str, *parts: Any) -> Broken:
    return body_of(*parts), content_type(), said


def _body(said: str, body: bytes, kind: str = content_type()) -> Broken:
    return body, kind, said


def _declared(said: str, *parts: Any, **properties: Any) -> Broken:
    statement = with_attachments(an_attachment(ESSAY, **properties))
    return _parts(said, statements_part(statement), *parts)


def _header(said: str, **headers: str | None) -> Broken:
    return _parts(said, FIRST, content_part(ESSAY, **headers))


def _head(raw: bytes) -> bytes:
    """The second part with other text for its headers."""
    start = GOOD.index(_LINE.encode(), 5)
    return GOOD[:start] + f"{_LINE}\r\n".encode() + raw + GOOD[-200:]


_KINDS = {
    "no boundary": "multipart/mixed",
    "an empty boundary": 'multipart/mixed; boundary=""',
    "a boundary that ends with a blank": 'multipart/mixed; boundary="x "',
    "a boundary of 71 characters": f"multipart/mixed; boundary={'x' * 71}",
    "a boundary with other characters": 'multipart/mixed; boundary="x@y"',
}
_NOT_JSON = {
    "text": b"An essay",
    "nothing": b"",
    "two texts": b"{} {}",
    "no UTF-8": b'{"x":"\xe9"}',
    "UTF-16": json.dumps(STATEMENT).encode("utf-16"),
    "a byte-order mark": b"\xef\xbb\xbf" + FIRST[1],
    "a repeated key": b'{"id":1,"id":1}',
}

BROKEN: dict[str, Broken] = {
    **{name: _body("boundary of 1 to 70", GOOD, kind) for name, kind in _KINDS.items()},
    "another boundary": _body("does not begin", GOOD, content_type("x")),
    "an empty body": _body("does not begin with the boundary", b""),
    "only line breaks": _body("does not begin with the boundary", b"\r\n" * 9),
    "no multipart at all": _body("does not begin with the boundary", FIRST[1]),
    "text before the first boundary": _body("does not begin", b"Hello\r\n" + GOOD),
    "no parts": _body("has no parts", f"{_LINE}--\r\n".encode()),
    "no closing boundary": _body(
        "Part 2 of the body is not followed by the closing boundary",
        GOOD.removesuffix(f"{_LINE}--\r\n".encode()),
    ),
    "an unfinished closing boundary": _body("closing boundary", GOOD[:-3]),
    "broken off in the content": _body("closing boundary", GOOD[:-80]),
    "broken off in the headers": _body("closing", GOOD[: GOOD.index(_SHA2.encode())]),
    "broken off in the Statements": _body("Part 1", GOOD[:150]),
    "line feeds for line breaks": _body("begin", GOOD.replace(b"\r\n", b"\n")),
    "text after a boundary": _body(
        "not alone on its line",
        GOOD.replace(f"\r\n{_LINE}\r".encode(), f"\r\n{_LINE} x\r".encode()),
    ),
    # -- headers
    "a header without a colon": _body("has headers", _head(b"X-Hash\r\n\r\n")),
    "a header without a name": _body("has headers", _head(b": x\r\n\r\n")),
    "a header with a blank in its name": _body("has headers", _head(b"X H: x\r\n\r\n")),
    "a folded header": _body("has headers", _head(b"X: a\r\n b\r\n\r\n")),
    "a line feed in a header": _body("broken header", _head(b"X: a\nY: b\r\n\r\n")),
    "NUL in a header": _body("broken header", _head(b"X: \x00\r\n\r\n")),
    "a giant header": _body("4096 octets", _head(b"X: " + b"x" * 9999 + b"\r\n\r\n")),
    "a giant header name": _body("4096 octets", _head(b"x" * 9999 + b": x\r\n\r\n")),
    "very many headers": _body(
        "more than 16", _head(b"".join(b"X%d: x\r\n" % n for n in range(99)) + b"\r\n")
    ),
    "a repeated header": _body(
        "Part 2 of the body repeats a header",
        _head(f"X-Experience-API-Hash: {_SHA2}\r\n".encode() * 2 + b"\r\n"),
    ),
    "headers without end": _body("repeats a header", _head(b"X: x\r\n" * 50_000)),
    # -- the first part
    "the content first": _parts("Content-Type of part 1", SECOND, FIRST),
    "a first part of another type": _parts(
        "Content-Type of part 1", ([("Content-Type", "text/plain")], FIRST[1]), SECOND
    ),
    "a first part without a type": _parts("part 1", ([], FIRST[1]), SECOND),
    "a first part in another charset": _parts(
        "charset",
        ([("Content-Type", "application/json; charset=utf-16")], FIRST[1]),
        SECOND,
    ),
    "a first part with a charset that is none": _parts(
        "charset",
        ([("Content-Type", "application/json; charset=utf-99")], FIRST[1]),
        SECOND,
    ),
    "a first part in base64": _parts(
        "Content-Transfer-Encoding",
        ([*FIRST[0], ("Content-Transfer-Encoding", "base64")], FIRST[1]),
        SECOND,
    ),
    **{
        f"a first part with {name}": _parts("", ([*FIRST[0]], body), SECOND)
        for name, body in _NOT_JSON.items()
    },
    "Statements in two parts": _parts(
        "Part 2 of the body has no header X-Experience-API-Hash", FIRST, FIRST, SECOND
    ),
    # -- the content
    "no hash": _header("no header X-Experience-API-Hash", x_experience_api_hash=None),
    "an empty hash": _header("no header", x_experience_api_hash=""),
    "a hash that is none": _header("no SHA-2", x_experience_api_hash="x" * 64),
    "a SHA-1": _header("no SHA-2", x_experience_api_hash="a" * 40),
    "a hash of other content": _parts(
        "Part 2 of the body is not the content",
        FIRST,
        content_part(OTHER, x_experience_api_hash=_SHA2),
    ),
    "content that nothing declares": _parts(
        "Part 3 of the body has content that no attachment",
        *(FIRST, SECOND, content_part(OTHER)),
    ),
    "content and no attachments": _parts(
        "no attachment", statements_part(a_statement()), SECOND
    ),
    "content under another SHA-2 than is declared": _header(
        "no attachment", x_experience_api_hash=hashlib.sha512(ESSAY).hexdigest()
    ),
    "content twice": _parts("once more", FIRST, SECOND, SECOND),
    "content in base64": _header("binary", content_transfer_encoding="base64"),
    "content without any encoding": _header("binary", content_transfer_encoding=""),
    "content of a type that is none": _header("no media type", content_type="essay"),
    "content of another type": _declared(
        "break the rules", SECOND, contentType="image/png"
    ),
    "a Content-Length that is wrong": _header("another length", content_length="1"),
    "a Content-Length that is none": _header("another length", content_length="x"),
    "a Content-Length that is not the declared length": _declared(
        "break the rules", content_part(ESSAY, content_length=str(len(ESSAY))), length=1
    ),
    "no content": _parts("break the rules", FIRST),
    "content for one of two": _parts(
        "break the rules",
        statements_part(with_attachments(an_attachment(ESSAY), an_attachment(OTHER))),
        SECOND,
    ),
    "a signature elsewhere": _declared(
        "break the rules",
        usageType="http://adlnet.gov/expapi/attachments/signature",
        contentType="application/octet-stream",
        fileUrl="https://files.example.com/signature",
    ),
    "thousands of parts": _parts("no attachment", FIRST, *[content_part(b"")] * 5000),
    "thousands of parts of the same": _parts("once more", FIRST, *[SECOND] * 5000),
}
