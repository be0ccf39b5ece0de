"""An answer in parts: the JSON first, then the content of attachments (1.5.2, 2.1.3).

Content goes from the store to the socket a chunk at a time. The length of all is known
beforehand, so that a reader sees where an answer was cut off.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from flask import Response

from lrs.attachments import Attached, AttachmentReader

_JSON = b"Content-Type: application/json"


def answer(
    body: bytes, contents: Sequence[Attached], store: AttachmentReader
) -> Response:
    """Return the JSON text and the contents as one multipart/mixed answer."""
    boundary = secrets.token_hex(16)  # random: no content can have it in it
    heads = [_head(boundary, _JSON)]
    heads += [b"\r\n" + _head(boundary, _headers(content)) for content in contents]
    tail = f"\r\n--{boundary}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        yield heads[0] + body
        for head, content in zip(heads[1:], contents, strict=True):
            yield head
            yield from store.read(content.upload, content.length)
        yield tail

    response = Response(pieces(), content_type=f"multipart/mixed; boundary={boundary}")
    response.content_length = (
        sum(map(len, heads))
        + len(body)
        + sum(content.length for content in contents)
        + len(tail)
    )
    return response


def _head(boundary: str, headers: bytes) -> bytes:
    return b"--%b\r\n%b\r\n\r\n" % (boundary.encode(), headers)


def _headers(content: Attached) -> bytes:
    return (
        f"Content-Type: {content.content_type}\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-Length: {content.length}\r\n"
        f"X-Experience-API-Hash: {content.sha2}"
    ).encode()
