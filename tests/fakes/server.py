"""A real HTTP server in a thread, for fakes of HR systems, with faults by plan.

A fake is a function of a Request that returns a Reply; it is called for every request
that no fault takes away. A fault is planned for the n-th request (from 1) of the
server, once, or for ``always``. With ``tls`` the server shows a certificate that nobody
else has signed (``ca_file`` trusts it), and may ask for one of the client (``mutual``).
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

FAULTS = {
    # what answers, and the headers beside
    "401": (401, {}),
    "403": (403, {}),
    "404": (404, {}),
    "429": (429, {"Retry-After": "0"}),
    "429 date": (429, {"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}),
    "500": (500, {}),
    "502": (502, {}),
    "503": (503, {"Retry-After": "0"}),
}
ON_THE_LINE = ("time-out", "truncated", "broken JSON", "cut")
PASSING = ("429", "429 date", "500", "502", "503", *ON_THE_LINE)
SECRET_BODY = b'{"error": "Ada Byron, salary 4711, key hunter2"}'  # must reach no log


@dataclass(frozen=True)
class Request:
    """One request as the server saw it; of a parameter the last value counts."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: found[-1] for name, found in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Reply:
    """What to answer: JSON, or bytes as they are."""

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Fake = Callable[[Request], Reply]


@dataclass
class Server:
    """A running server: its address, what it was asked, and the faults to come."""

    fake: Fake
    url: str = ""
    asked: list[Request] = field(default_factory=list)
    plan: dict[int, str] = field(default_factory=dict)  # by the number of the request
    always: str | None = None
    hang: float = 2.0  # seconds of a time-out: longer than who asks waits
    before: Callable[[int, Request], None] | None = None  # the world moves on
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def number(self) -> int:
        """How many requests came."""
        return len(self.asked)

    def fail(self, at: int, fault: str) -> None:
        """Plan a fault for the n-th request from now."""
        self.plan[self.number + at] = fault

    def forget(self) -> None:
        """Begin to count anew, without faults."""
        self.asked.clear()
        self.plan.clear()
        self.always = None


@contextmanager
def served(
    fake: Fake,
    *,
    tls: tuple[Path, Path] | None = None,
    mutual: Path | None = None,
) -> Iterator[Server]:
    """Run a server until the end of the ``with``. ``tls``: certificate and key."""
    its = Server(fake)

    class Handler(_Handler):
        server_state = its

    server = _Threads(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        if mutual is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(mutual)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    its.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield its
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that a client goes away is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_state: Server

    def do_GET(self) -> None:
        its = self.server_state
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        found = parse_qs(parts.query, keep_blank_values=True)
        request = Request(
            self.command,
            parts.path,
            {name: values[-1] for name, values in found.items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        with its.lock:
            its.asked.append(request)
            number = its.number
            fault = its.always or its.plan.pop(number, None)
            if its.before is not None:
                its.before(number, request)
        if fault in FAULTS:
            status, headers = FAULTS[fault]
            self._say(status, SECRET_BODY, headers)
            return
        if fault == "time-out":
            time.sleep(its.hang)
            self.close_connection = True
            return
        if fault == "cut":
            self.close_connection = True
            return
        reply = its.fake(request)
        content = reply.content
        if not isinstance(content, bytes):
            content = b"" if content is None else json.dumps(content).encode()
        if fault == "broken JSON":
            content = content[: max(len(content) // 2, 1)] + b'{"'
        self._say(reply.status, content, reply.headers, short=fault == "truncated")

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _say(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str],
        *,
        short: bool = False,
    ) -> None:
        self.send_response_only(status)
        told = {"Date": formatdate(usegmt=True), "Content-Type": "application/json"}
        told |= headers
        for name, value in told.items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if short:
            content = content[: len(content) // 2]
            self.close_connection = True
        with suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
