"""A live server, and raw octets to and from it."""

from __future__ import annotations

import base64
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from pymongo.database import Database

from config import settings as configuration
from lrs.access import Scope
from lrs.services import build
from tests.conftest import KEY, SECRET, free_port, running, wait_until_ready

HOST = b"Host: lrs.example"
VERSION = b"X-Experience-API-Version: 1.0.3"
AUTHORIZATION = b"Authorization: Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode())
JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
CLOSE = b"Connection: close"
MARK = "geheim-4711"  # stands in what is sent; must stand in no log
STATEMENT = (
    b'{"actor":{"mbox":"mailto:geheim-4711@b.example"},"verb":{"id":"http://v.example/v"}'
    b',"object":{"id":"http://a.example/a"}}'
)
USUAL = (HOST, AUTHORIZATION, VERSION)


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its headers in lower case, its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Live:
    """A server of two workers."""

    address: tuple[str, int]
    pid: int
    log: Path
    database: Database[dict[str, Any]]

    @property
    def workers(self) -> dict[int, int]:
        """The resident megabytes of each worker, by its process id."""
        return {pid: memory(pid, "VmRSS") for pid in self.worker_ids}

    @property
    def worker_ids(self) -> list[int]:
        """The process ids of the workers, of those that stop too."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=30)


def memory(pid: int, name: str) -> int:
    """A process' memory in MB; VmHWM is the most that it ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) // 1024


@contextmanager
def live(mongodb_uri: str, folder: Path, **settings: str) -> Iterator[Live]:
    """Run a server over a database of its own."""
    port = free_port()
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(folder / "data"),
        "LRS_SECRET_KEY": "a key for tests",
        "LRS_BIND": f"127.0.0.1:{port}",
    }
    loaded = configuration.load(environment | settings)
    log = folder / "serve.log"
    with closing(build(loaded)) as services:
        services.credentials.add("default", [Scope.ALL], key=KEY, secret=SECRET)
        with running(replace(loaded, workers=2), "serve", log=log) as process:
            wait_until_ready(f"http://127.0.0.1:{port}", log)
            yield Live(("127.0.0.1", port), process.pid, log, services.database)
        services.database.client.drop_database(loaded.database)


@contextmanager
def goes_on(server: Live, *, stored: int = 0) -> Iterator[None]:
    """After the block the same processes, not much larger, answer a usual request.

    ``stored`` is how many Statements the block may leave; of uploads none is left.
    """
    statements, uploads = (server.database[it] for it in ("statements", "uploads"))
    whole = {"stored": {"$exists": True}}  # not what a fence leaves
    before, known = server.workers, statements.count_documents(whole)
    yield
    assert one(server, usual(b"GET /xapi/statements?limit=1", CLOSE)).status == 200
    assert server.workers.keys() == before.keys()
    assert sum(server.workers.values()) < sum(before.values()) + 64
    assert statements.count_documents(whole) == known + stored
    end = time.monotonic() + 15  # a request that broke off may be just at its end
    # The last reading decides: what broke off may begin one right behind it.
    while (left := uploads.count_documents({})) and time.monotonic() < end:
        time.sleep(0.02)
    assert left == 0
    log = server.log.read_text()
    for never in (MARK, "geheim", SECRET, "b.example", "Traceback", '"fault"'):
        assert never not in log


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line + b" HTTP/1.1", *headers, b"", body])


def usual(line: bytes, *headers: bytes, body: bytes | None = None) -> bytes:
    """A request as it should be; with its length, where it has a body."""
    length = () if body is None else (b"Content-Length: %d" % len(body),)
    return request(line, *USUAL, *length, *headers, body=body or b"")


def chunks(body: bytes, size: int = 10_000) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(it), it) for it in pieces) + b"0\r\n\r\n"


def talk(server: Live, *sent: bytes, cut: bool = False) -> list[Answer]:
    """Send octets and return the answers that come until the server closes.

    ``cut``: nothing more will come from here, and that is said. Fails where the server
    neither answers nor closes.
    """
    with server.connect() as line:
        try:
            for piece in sent:
                line.sendall(piece)
            if cut:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused, and closed, before all of it was sent
        return answers(line)


def answers(line: socket.socket) -> list[Answer]:
    """Read everything that the server says."""
    octets = b""
    try:
        while piece := line.recv(1 << 16):
            octets += piece
    except ConnectionResetError:
        pass
    found = []
    while octets:
        head, between, octets = octets.partition(b"\r\n\r\n")
        assert between, head
        first, *lines = head.decode("latin-1").split("\r\n")
        assert first.startswith("HTTP/1."), first
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        status = int(first.split()[1])
        length = int(headers.get("content-length", 0))
        if octets.startswith(b"HTTP/1.") or not octets:
            length = 0  # an answer to HEAD
        found.append(Answer(status, headers, octets[:length]))
        octets = octets[length:]
    return found


def one(server: Live, *sent: bytes, cut: bool = False) -> Answer:
    """Send octets; one answer comes."""
    found = talk(server, *sent, cut=cut)
    assert len(found) == 1, found
    return found[0]


def problem(answer: Answer, *statuses: int) -> dict[str, Any]:
    """Check that an answer is a problem with one of these statuses; return it."""
    assert answer.status in statuses, answer
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json
    assert body["status"] == answer.status
    assert body["type"]
    assert body["title"]
    assert body["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    return body
