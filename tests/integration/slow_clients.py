"""Clients that take their time: for tests, and for the soak, which has more of them.

``with slow_clients(address, 500) as crowd:`` keeps so many connections under way, of
all kinds in turn; who is sent away comes again. One thread does it all.
"""

from __future__ import annotations

import contextlib
import itertools
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.integration.wire import JSON, USUAL, VERSION, request, usual
from tests.multiparts import (
    an_attachment,
    body_of,
    content_part,
    content_type,
    statements_part,
    with_attachments,
)

_TICK = 0.5  # seconds from one octet of a client to its next
_ASK = usual(b"GET /api/openapi.json")
_CONTENT = bytes(2_000_000)
_PARTS = body_of(
    statements_part(with_attachments(an_attachment(_CONTENT))), content_part(_CONTENT)
)
_LONG = usual(
    b"POST /xapi/statements", f"Content-Type: {content_type()}".encode(), body=_PARTS
)
_POST = b"POST /xapi/statements"
# kind: what is sent at once, and what an octet at a time
KINDS: dict[str, tuple[bytes, bytes]] = {
    "connected": (b"", b""),
    "head": (b"", request(b"GET /xapi/about", *[b"X: %b" % (b"x" * 5000)] * 9)),
    "body": (request(_POST, *USUAL, JSON, b"Content-Length: 9999"), b" " * 9999),
    "stalled": (request(_POST, *USUAL, JSON, b"Content-Length: 9999", body=b"[{"), b""),
    "chunks": (
        request(_POST, *USUAL, JSON, b"Transfer-Encoding: chunked"),
        b"1\r\n \r\n" * 2000,
    ),
    "long": (_LONG[:1_500_000], _LONG[1_500_000:]),
    "unread": (_ASK * 100, b""),
    "kept": (request(b"GET /xapi/about", VERSION), b""),
}


@dataclass
class Crowd:
    """What has become of them, by kind."""

    connected: Counter[str] = field(default_factory=Counter)
    sent_away: Counter[str] = field(default_factory=Counter)


class _Client:
    def __init__(self, address: tuple[str, int], kind: str, crowd: Crowd) -> None:
        self._address, self._kind, self._crowd = address, kind, crowd
        self._begin()

    def _begin(self) -> None:
        self._line = socket.socket()
        if self._kind == "unread":
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._line.settimeout(30)
        self._line.connect(self._address)
        self._line.setblocking(False)
        self._rest, self._drips = KINDS[self._kind]
        self._crowd.connected[self._kind] += 1

    def go_on(self) -> None:
        """Send what is to be sent now; come again where the server has closed."""
        try:
            if self._rest:
                self._rest = self._rest[self._line.send(self._rest) :]
            elif self._drips:
                self._drips = self._drips[self._line.send(self._drips[:1]) :]
            if self._kind != "unread" and not self._line.recv(1 << 16):
                raise ConnectionResetError
        except BlockingIOError:
            pass
        except OSError:
            self._crowd.sent_away[self._kind] += 1
            self.close()
            self._begin()

    def close(self) -> None:
        self._line.close()


@contextlib.contextmanager
def slow_clients(address: tuple[str, int], number: int, *kinds: str) -> Iterator[Crowd]:
    """Keep so many slow clients at a server while the block runs."""
    _allow_files(number + 256)
    crowd, stop, ready = Crowd(), threading.Event(), threading.Event()
    faults: list[BaseException] = []

    def run() -> None:
        clients: list[_Client] = []
        try:
            for kind in itertools.islice(itertools.cycle(kinds or KINDS), number):
                clients.append(_Client(address, kind, crowd))
                clients[-1].go_on()
            while not stop.wait(0 if not ready.is_set() else _TICK):
                for client in clients:
                    client.go_on()
                ready.set()
        except BaseException as fault:  # told where the block ends
            faults.append(fault)
        finally:
            ready.set()
            for client in clients:
                client.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ready.wait(120)
        time.sleep(2 * _TICK)
        yield crowd
    finally:
        stop.set()
        thread.join(60)
    if faults:
        raise faults[0]


def _allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, hard), hard))
