"""Slow, idle and silent clients keep nobody out; who stops answers what has come.

Issue 4, faults. TEST_SLOW_CLIENTS says how many; the usual 500 are many times the
threads there are. Nothing here is timed but what the server itself times; the ratio of
latencies is printed.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import wire
from tests.integration.slow_clients import KINDS, slow_clients
from tests.integration.wire import (
    CLOSE,
    JSON,
    STATEMENT,
    USUAL,
    Live,
    one,
    problem,
    request,
    usual,
)

pytestmark = pytest.mark.long

SLOW = int(os.environ.get("TEST_SLOW_CLIENTS", "500"))
POST = usual(b"POST /xapi/statements", JSON, body=STATEMENT)
GET = usual(b"GET /xapi/statements?limit=1")
LARGE = usual(
    b"POST /api/v1/statements/validate", JSON, CLOSE, body=STATEMENT + b" " * (3 << 20)
)


@pytest.fixture
def own(mongodb_uri: str, tmp_path: Path) -> Iterator[Live]:
    """Give a server for this test alone."""
    with wire.live(mongodb_uri, tmp_path) as found:
        yield found


def ask(line: socket.socket, sent: bytes) -> int:
    """Send a request on a connection that is kept; return the answer's status."""
    line.sendall(sent)
    octets = b""
    while b"\r\n\r\n" not in octets:
        octets += (piece := line.recv(1 << 16))
        assert piece, octets
    head, _, body = octets.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += line.recv(1 << 16)
    return int(head.split()[1])


def latencies(server: Live, rounds: int = 100) -> list[float]:
    """Seconds that each request took, on kept connections and on new ones."""
    took = []
    with server.connect() as line:
        for number in range(rounds):
            began = time.perf_counter()
            if number % 4:
                assert ask(line, (GET, POST)[number % 2]) == 200
            else:
                assert one(server, usual(b"GET /xapi/about", CLOSE)).status == 200
            took.append(time.perf_counter() - began)
    return took


def test_slow_clients_keep_nobody_out(own: Live) -> None:
    latencies(own, 20)
    alone = statistics.median(latencies(own))
    with slow_clients(own.address, SLOW) as crowd:
        with_them = [statistics.median(latencies(own)) for _ in range(3)]
        assert one(own, LARGE).status == 200
        assert crowd.connected.keys() == KINDS.keys()
    again = statistics.median(latencies(own))
    ratio = statistics.median(with_them) / statistics.median([alone, again])
    print(f"latency with {SLOW} slow clients: {ratio:.2f} of that without")  # noqa: T201
    assert '"fault"' not in own.log.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_many_of_one_kind_keep_nobody_out(wired: Live, kind: str) -> None:
    with wire.goes_on(wired, stored=25):
        with slow_clients(wired.address, 100, kind):
            latencies(wired, 50)
        settled(wired)


def settled(server: Live) -> None:
    """Wait until the uploads of those who broke off are away."""
    end = time.monotonic() + 30
    while server.database["uploads"].count_documents({}):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_idle_connections_take_little_memory(own: Live) -> None:
    latencies(own, 40)
    before = sum(own.workers.values())
    with slow_clients(own.address, 1000, "kept"):
        assert sum(own.workers.values()) < before + 24  # MB, of two workers
        latencies(own, 10)


# -- too slow -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def impatient(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """Give a server that waits for two seconds, and one for silent clients."""
    limits = {"LRS_REQUEST_SECONDS": "2", "LRS_SILENCE_SECONDS": "1"}
    folder = tmp_path_factory.mktemp("impatient")
    with wire.live(mongodb_uri, folder, **limits, LRS_IDLE_SECONDS="2") as found:
        yield found


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /xapi/ab",
        request(b"POST /xapi/statements", *USUAL, JSON, b"Content-Length: 99"),
        request(
            b"POST /xapi/x", *USUAL, b"Transfer-Encoding: chunked", body=b"ff\r\nab"
        ),
    ],
    ids=["a head", "a body", "chunks"],
)
@pytest.mark.parametrize("drips", [False, True])
def test_who_takes_too_long_is_told(impatient: Live, sent: bytes, drips: bool) -> None:
    # Who sends on after the answer, and nobody else, can lose it: then the kernel
    # resets the connection.
    tries = (told(impatient, sent, drips=drips) for _ in range(5 if drips else 1))
    [answer] = next(filter(None, tries))
    assert "LRS_REQUEST_SECONDS" in problem(answer, 408)["detail"]


def told(server: Live, sent: bytes, *, drips: bool) -> list[wire.Answer]:
    """Send what is no whole request, and byte by byte more; return what is heard."""
    with server.connect() as line:
        line.sendall(sent)
        while drips:
            try:
                line.sendall(b"1")
            except OSError:
                break
            line.settimeout(0.2)
            try:
                drips = not line.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                continue
        line.settimeout(30)
        return wire.answers(line)


def test_an_idle_connection_is_closed_without_a_word(impatient: Live) -> None:
    with impatient.connect() as silent, impatient.connect() as kept:
        assert ask(kept, GET) == 200
        assert kept.recv(99) == b""
        assert silent.recv(99) == b""


def test_who_does_not_read_is_let_go(impatient: Live) -> None:
    with impatient.connect() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(20)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):  # noqa: PT012
            while True:
                line.sendall(usual(b"GET /api/openapi.json") * 100)
    assert one(impatient, usual(b"GET /xapi/about", CLOSE)).status == 200


# -- stopping -------------------------------------------------------------------------


def test_who_stops_answers_what_has_come_and_says_so(own: Live) -> None:
    kept, half, silent = (own.connect() for _ in range(3))
    assert ask(kept, GET) == 200
    half.sendall(POST[:-9])
    waiting = [own.connect() for _ in range(20)]
    for line in waiting:
        line.sendall(usual(b"GET /xapi/statements?limit=1"))
    os.kill(own.pid, signal.SIGTERM)
    for line in waiting:
        assert line.recv(12) == b"HTTP/1.1 200"
    time.sleep(0.5)
    half.sendall(POST[-9:])
    kept.sendall(GET)  # under way when it was told to stop, for all it knows
    for line in (half, kept):
        [answer] = wire.answers(line)
        assert answer.status == 200
        assert answer.headers["connection"] == "close"
    assert silent.recv(9) == b""
    for line in (kept, half, silent, *waiting):
        line.close()


def test_a_restart_of_the_workers_fails_no_request(own: Live) -> None:
    """On connections that are kept, and that come again when told it was the last."""
    stop, failed, count = threading.Event(), [], [0]

    def load() -> None:
        line = own.connect()
        while not stop.is_set():
            try:
                line.sendall(GET)
                octets = b""
                while b"\r\n\r\n" not in octets:
                    octets += (piece := line.recv(1 << 16))
                    if not piece:
                        raise ConnectionResetError
                head, _, body = octets.partition(b"\r\n\r\n")
                lines = dict(it.split(b": ", 1) for it in head.split(b"\r\n")[1:])
                while len(body) < int(lines[b"Content-Length"]):
                    body += line.recv(1 << 16)
                count[0] += 1
                if lines[b"Connection"] == b"close":
                    line.close()
                    line = own.connect()
            except OSError as error:
                failed.append(error)
                line.close()
                line = own.connect()
        line.close()

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        before = set(own.worker_ids)
        os.kill(own.pid, signal.SIGHUP)
        end = time.monotonic() + 60
        while before & set(own.worker_ids) and time.monotonic() < end:
            time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert count[0] > 100
