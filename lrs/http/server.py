"""The web server's worker: what is no HTTP is a problem too, who stalls is let go.

Spec: RFC 9110, 9112 (what is refused), 9457 (how it is said). gunicorn reads requests;
what it cannot read never comes to the door, and gunicorn would answer it with a page
that quotes it. Here it gets an answer as every other refusal has, and the log a line
without a word of it. gunicorn also waits for a client for as long as that likes: a
thread each. Here a client that is silent, or all but silent, counts as gone.

In: connections. Out: requests, for the application; answers to what is no request.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import socket
import struct
import time
import uuid
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers import gthread

from lrs.xapi.versions import UNSPOKEN

_SILENCE = 20  # seconds without an octet from, or room at, the other side
# How long a request may take to come, in seconds, and for how many octets it may take
# a second more. What the server itself takes is not counted.
_PATIENCE, _LEAST_RATE = 60, 500
_FIRST_WAIT = 0.01  # seconds that a thread waits for a new connection to say something
# Seconds, seconds of silence and octets until a connection that is over is closed.
_FAREWELL, _LAST_SILENCE, _LAST_OCTETS = 2, 0.5, 1 << 16

# mallopt(3): M_MMAP_THRESHOLD, and the octets from which memory goes back at once.
_MMAP_THRESHOLD, _LARGE = -3, 1 << 20

# What each of gunicorn's refusals means; all others that a client can mend are 400. A
# transfer coding that is unknown is among them: it is no fault of the server (5xx).
_MEANING: dict[type[Exception], tuple[HTTPStatus, str]] = {
    errors.LimitRequestLine: (
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "The address has more than 8 kB: in xAPI 1.0.3 a form can hold its parameters "
        "(xAPI-Communication 1.3).",
    ),
    errors.LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are more than 100, or one of them has more than 8 kB.",
    ),
    errors.ExpectationFailed: (
        HTTPStatus.EXPECTATION_FAILED,
        "The header Expect can only be 100-continue.",
    ),
    errors.UnsupportedTransferCoding: (
        HTTPStatus.BAD_REQUEST,
        "The Transfer-Encoding must be chunked, or absent.",
    ),
}
_MEANING |= dict.fromkeys(
    (
        errors.InvalidRequestLine,
        errors.InvalidRequestMethod,
        errors.InvalidHTTPVersion,
    ),
    (HTTPStatus.BAD_REQUEST, "The request line is none of HTTP/1.1."),
)
_MEANING |= dict.fromkeys(
    (errors.InvalidHeader, errors.InvalidHeaderName, errors.ObsoleteFolding),
    (
        HTTPStatus.BAD_REQUEST,
        "A header is malformed, stands twice, or contradicts another.",
    ),
)
_FAULT = HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed; the log has the details."
_MEANING |= dict.fromkeys(
    (
        errors.ConfigurationProblem,
        errors.InvalidResponseHeader,
        errors.InvalidResponseHeaderName,
    ),
    _FAULT,
)
_MALFORMED = HTTPStatus.BAD_REQUEST, "The request is none of HTTP/1.1."
_log = structlog.get_logger("lrs.server")


class Line(socket.socket):
    """A client's connection; one that stalls reads as closed and cannot be written."""

    def __init__(self, taken: socket.socket, *, silence: float = _SILENCE) -> None:
        """Take the connection over from another object."""
        super().__init__(taken.family, taken.type, taken.proto, taken.detach())
        for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            limit = struct.pack("ll", int(silence), int(silence % 1 * 1_000_000))
            self.setsockopt(socket.SOL_SOCKET, side, limit)
        self.begin()

    def begin(self) -> None:
        """Measure from here: a request is about to be read."""
        self._patience: float = _PATIENCE

    def recv(self, *args: Any) -> bytes:
        """Return what came; nothing where too little has come for too long."""
        since = time.monotonic()
        try:
            piece = super().recv(*args)
        except BlockingIOError:
            return b""
        self._patience += len(piece) / _LEAST_RATE - (time.monotonic() - since)
        return piece if self._patience > 0 else b""

    def setblocking(self, flag: bool) -> None:
        """Set it; gunicorn does so once more when it closes what is closed."""
        if self.fileno() >= 0:
            super().setblocking(flag)

    def farewell(self) -> None:
        """Close the connection so that the last answer arrives (RFC 9112 9.6).

        What is still being sent is read for a moment: a reset would overtake the
        answer.
        """
        end, octets = time.monotonic() + _FAREWELL, _LAST_OCTETS
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_WR)
            self.settimeout(_LAST_SILENCE)
            while octets > 0 and time.monotonic() < end and (piece := self.recv(4096)):
                octets -= len(piece)
        self.close()

    def sendall(self, *args: Any) -> None:
        """Send all of it, or fail as if the other side were gone."""
        try:
            super().sendall(*args)
        except BlockingIOError:
            raise BrokenPipeError(errno.EPIPE, "the client does not read") from None


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, for clients of any kind."""

    def init_process(self) -> None:
        """Begin to work, in the process made for it."""
        # Else the C library learns to keep what large bodies took, for each thread.
        with contextlib.suppress(AttributeError):  # another one than glibc
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Answer one request of a connection, in a thread."""
        if not conn.initialized:
            if not isinstance(conn.sock, Line):
                conn.sock = Line(conn.sock)
            # A thread is not for those that connect and then say nothing.
            if not conn.data_ready and not conn.wait_for_data(_FIRST_WAIT):
                return gthread._DEFER
        if isinstance(conn.sock, Line):
            conn.sock.begin()
        kept = super().handle(conn)
        if kept is False and isinstance(conn.sock, Line):
            # Here and not where gunicorn does it, in the one thread that accepts: each
            # client that does not hang up would stop the worker for two seconds.
            conn.sock.farewell()
        return kept

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Tell whether the connection can go on, now that the answer is out."""
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except Exception:  # the rest of the body is none: no second answer to that
            return False

    def handle_error(
        self, req: Any, client: socket.socket, addr: Any, exc: Exception
    ) -> None:
        """Answer what cannot be read, or what failed outside of the application."""
        known = type(exc).__module__ == errors.__name__
        status, detail = _MEANING.get(type(exc), _MALFORMED) if known else _FAULT
        made = str(uuid.uuid4())
        _note(made, status, exc)
        body = orjson.dumps(
            {
                "type": "about:blank",
                "title": status.phrase,
                "status": status,
                "detail": detail,
                "instance": f"urn:uuid:{made}",
            }
        )
        lines = (
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Connection: close",
            "Content-Type: application/problem+json",
            f"Content-Length: {len(body)}",
            f"X-Experience-API-Version: {UNSPOKEN}",
            f"X-Request-Id: {made}",
            "",
            "",
        )
        try:
            util.write_nonblock(client, "\r\n".join(lines).encode() + body)
        except OSError:
            _log.debug("gone", id=made)


def _note(made: str, status: HTTPStatus, exc: Exception) -> None:
    """Log what kind of refusal it is and where; the message quotes the request."""
    if status < 500:
        _log.info("refused", id=made, status=status, reason=type(exc).__name__)
        return
    place = exc.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    _log.error(
        "fault",
        id=made,
        error=type(exc).__name__,
        file=place.tb_frame.f_code.co_filename if place else None,
        line=place.tb_lineno if place else None,
    )
