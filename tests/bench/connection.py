"""A keep-alive connection of the load: bytes out, the least parsing of what comes in.

Spec: RFC 9112 (a response's length: Content-Length or chunks). Costs as little of the
processor as Python allows, since the contenders share it; most of that is the kernel's.
"""

from __future__ import annotations

import socket

_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked\r\n"
_CLOSE = b"\r\nconnection: close\r\n"
_PIECE = 1 << 18
_SEND_BUFFER = 1 << 20


class Connection:
    """One request at a time; to be polled with ``fileno``."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.status = 0
        self.body = b""
        self.sending = False  # bytes wait for room: poll for writing as well
        self._rest: list[memoryview] = []
        self._held = b""
        self._last = False
        self._needed = -1
        self._body_at = 0
        self.socket = self._connect()

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self.socket.fileno()

    def send(self, head: bytes, body: bytes | bytearray = b"") -> None:
        """Begin a request."""
        self._held = b""
        self._needed = -1
        total = len(head) + len(body)
        try:
            sent = self.socket.sendmsg([head, body] if body else [head])
        except BlockingIOError:
            sent = 0
        if sent == total:
            return
        if sent < len(head):
            self._rest = [memoryview(head)[sent:], memoryview(body)]
        else:
            self._rest = [memoryview(body)[sent - len(head) :]]
        self.sending = True

    def push(self) -> None:
        """Send more of the request; there is room."""
        while self._rest:
            try:
                sent = self.socket.send(self._rest[0])
            except BlockingIOError:
                return
            self._rest[0] = self._rest[0][sent:]
            if not self._rest[0]:
                del self._rest[0]
        self.sending = False

    def receive(self) -> bool:
        """Take what came; tell whether the response is whole.

        ``status`` and ``body`` are then of it. Raises ConnectionError where the other
        side has hung up.
        """
        try:
            piece = self.socket.recv(_PIECE)
        except BlockingIOError:
            return False
        if not piece:
            raise ConnectionError("the server closed the connection")
        held = self._held = self._held + piece if self._held else piece
        if self._needed < 0 and not self._read_head():
            return False
        if self._needed == 0:  # chunked
            if not held.endswith(b"0\r\n\r\n"):
                return False
            self.body = _unchunked(held[self._body_at :])
        elif len(held) < self._needed:
            return False
        else:
            self.body = held[self._body_at : self._needed]
        return True

    def reconnect_if_told(self) -> bool:
        """Connect anew where the last response said that it is the last."""
        if not self._last:
            return False
        self.close()
        self.socket = self._connect()
        return True

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _read_head(self) -> bool:
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self._held[: end + 2].lower()
        self.status = int(head[9:12])
        self._last = _CLOSE in head
        self._body_at = end + 4
        at = head.find(_LENGTH)
        if at >= 0:
            at += len(_LENGTH)
            self._needed = self._body_at + int(head[at : head.index(b"\r", at)])
        elif _CHUNKED in head:
            self._needed = 0
        else:
            self._needed = self._body_at  # 204 and the like
        return True

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), 10)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        made.setblocking(False)
        return made


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
