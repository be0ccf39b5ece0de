"""Reading request bodies: in pieces, within a limit, out of their content coding.

RFC 9110 8.4 and 8.4.1 (gzip; deflate, with zlib's wrapping or, as some send it, bare).
In: a request. Out: the bytes that its sender meant. What is read and what is unpacked
are both counted, so that neither an endless body nor a bomb can fill the memory. Read
straight from the server's stream: werkzeug would end a chunked body at its limit
without a word.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from werkzeug import Request

from lrs.errors import BadRequest, LrsError, TooLarge, UnsupportedMediaType

if TYPE_CHECKING:
    from zlib import _Decompress as Unpacker

PIECE = 64 << 10  # bytes that a piece has at most
_LINGER = 64 << 20  # bytes of a refused body that are still taken off the wire
_LIMIT = "LRS_MAX_REQUEST_BYTES"
OWN_LIMIT = "lrs.own_limit"  # in the environ: octets that this caller may send at once
_OWN = "this credential's"
_GZIP, _ZLIB, _BARE = 31, zlib.MAX_WBITS, -zlib.MAX_WBITS  # what zlib calls wbits
_CODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


def read_body(request: Request, limit: int, *, setting: str = _LIMIT) -> bytes:
    """Return the body, its content coding undone; empty where there is none.

    ``limit`` is in bytes, ``setting`` what its owner can change. Raises TooLarge,
    UnsupportedMediaType for other codings, BadRequest for a body that breaks off or
    is not what its coding says.
    """
    whole = io.BytesIO()
    with drained(request):
        for piece in stream_body(request, limit, setting=setting):
            whole.write(piece)
    return whole.getvalue()


def stream_body(
    request: Request, limit: int, *, setting: str = _LIMIT
) -> Iterator[bytes]:
    """Yield the body in pieces of up to 64 KiB; raises as ``read_body`` does."""
    own = request.environ.get(OWN_LIMIT, limit)
    if own < limit:
        limit, setting = own, _OWN
    coding = _coding(request)
    raw = _counted(_raw(request), limit, setting)
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit, setting)  # at once, with nothing read
    if coding is None:
        yield from raw
    else:
        yield from _counted(_decoded(raw, coding), limit, setting)


@contextlib.contextmanager
def drained(request: Request) -> Iterator[None]:
    """Take the rest of a body off the wire when the block refuses it.

    Who still sends would else see the connection break, and not the answer. A longer
    rest is left; the server then closes the connection.
    """
    try:
        yield
    except LrsError:
        ends = request.environ.get("wsgi.input_terminated")  # the server knows where
        if ends and (request.content_length or 0) <= _LINGER:
            with contextlib.suppress(BadRequest):
                for _ in itertools.islice(_raw(request), _LINGER // PIECE):
                    pass
        raise


def _coding(request: Request) -> str | None:
    given = request.headers.get("Content-Encoding", "").strip().lower()
    if given in ("", "identity"):
        return None
    if given not in _CODINGS:  # several of them too: one in another hides its size
        raise UnsupportedMediaType(
            "The Content-Encoding must be gzip or deflate, one of them, or absent.",
            headers={"Accept-Encoding": "gzip, deflate"},
        )
    return _CODINGS[given]


def _raw(request: Request) -> Iterator[bytes]:
    """Yield the body as it stands on the wire, to its end."""
    transfer = request.headers.get("Transfer-Encoding", "chunked").strip().lower()
    if transfer != "chunked":  # the server undoes that one only
        raise BadRequest("The Transfer-Encoding must be chunked, or absent.")
    length = request.content_length
    if length is None and not request.environ.get("wsgi.input_terminated"):
        return  # nothing says where it ends
    source, left = request.environ["wsgi.input"], length
    while left is None or left > 0:
        try:
            piece = source.read(PIECE if left is None else min(PIECE, left))
        except Exception:
            # Each server has errors of its own for chunks that are none.
            raise BadRequest("The body is not framed as HTTP frames it.") from None
        if not piece:
            break
        yield piece
        left = None if left is None else left - len(piece)
    if left:
        raise BadRequest("The body is shorter than its Content-Length says.")


def _too_large(limit: int, setting: str) -> TooLarge:
    # Made where it is raised: an error that its own frame knows would hold the body.
    return TooLarge(f"The body has more than {limit} bytes ({setting}).")


def _counted(pieces: Iterator[bytes], limit: int, setting: str) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise _too_large(limit, setting)
        yield piece


def _decoded(pieces: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Yield what one coded stream holds; nothing may follow it."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= 2:
            break
    unpacker = zlib.decompressobj(_window(coding, head))
    for piece in itertools.chain([head], pieces):
        try:
            yield from _unpacked(unpacker, piece)
        except zlib.error:
            raise BadRequest(f"The body is not well-formed {coding}.") from None
        if unpacker.unused_data:
            raise BadRequest(f"More follows where the body's {coding} has ended.")
    if not unpacker.eof:
        raise BadRequest(f"The body breaks off inside its {coding}.")


def _window(coding: str, head: bytes) -> int:
    """Return zlib's name for the wrapping that a stream begins with."""
    if coding == "gzip":
        return _GZIP
    # RFC 1950 2.2: eight is deflate, and the two bytes are a multiple of 31.
    wrapped = head[:1] and head[0] & 15 == 8 and int.from_bytes(head[:2]) % 31 == 0
    return _ZLIB if wrapped else _BARE


def _unpacked(unpacker: Unpacker, piece: bytes) -> Iterator[bytes]:
    while True:
        unpacked = unpacker.decompress(piece, PIECE)
        if unpacked:
            yield unpacked
        piece = unpacker.unconsumed_tail
        if not piece and len(unpacked) < PIECE:  # nor is there more inside it
            return
