"""Connections and threads together: bounds, turns, and who has to go."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from lrs.http.server import service as service_module
from lrs.http.server.connections import Connection
from lrs.http.server.limits import LONGEST_HEAD, Limits
from lrs.http.server.service import Service

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
LARGE = 1 << 20


def answer(conn: Connection) -> bool:
    """Answer with as many octets as the header says; the connection goes on."""
    conn.sendall(b"x" * (LARGE if b"Large" in conn.arrival.head else 1))
    conn.arrival.begin()
    return True


@pytest.fixture
def start() -> Iterator[Callable[[], tuple[Service, Callable[[], socket.socket]]]]:
    """Start a service with one thread; give it, and what connects to it."""
    made: list[Service] = []
    lines: list[socket.socket] = []

    def begin() -> tuple[Service, Callable[[], socket.socket]]:
        service = Service(Limits(), answer, threads=1, idle=60)
        made.append(service)
        service.start()

        def connect() -> socket.socket:
            ours, theirs = socket.socketpair()
            theirs.settimeout(30)
            lines.append(theirs)
            service.add(ours, "client", "server")
            return theirs

        return service, connect

    yield begin
    for line in lines:
        line.close()
    for service in made:
        end = time.monotonic() + 30
        while len(service) and time.monotonic() < end:
            time.sleep(0.01)
        assert not len(service)
        service.end()


Start = Callable[[], tuple[Service, Callable[[], socket.socket]]]


def test_one_thread_answers_many_that_are_slow(start: Start) -> None:
    _, connect = start()
    lines = [connect() for _ in range(50)]
    for octet in REQUEST:
        for line in lines:
            line.sendall(bytes([octet]))
    for line in lines:
        assert line.recv(9) == b"x"


def test_who_sends_many_at_once_waits_its_turn(start: Start) -> None:
    _, connect = start()
    many, one = connect(), connect()
    many.sendall(REQUEST * 1000)
    one.sendall(REQUEST)
    assert one.recv(9) == b"x"
    received = 0
    while received < 1000:
        received += len(many.recv(9999))


def test_where_too_much_is_to_come_a_request_is_sent_away(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "MOST_HELD", 2 * LONGEST_HEAD)
    _, connect = start()
    long = REQUEST[:-2] + b"X: " + b"a" * (LONGEST_HEAD - 99)
    lines = [connect() for _ in range(3)]
    for line in lines:
        line.sendall(long)
        time.sleep(0.1)
    refusal = lines[2].recv(9999)
    assert refusal.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5\r\n" in refusal
    lines[0].sendall(b"\r\n\r\n")
    assert lines[0].recv(9) == b"x"
    another = connect()
    another.sendall(REQUEST)
    assert another.recv(9) == b"x"


def test_of_those_who_do_not_read_the_longest_goes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_STALLED", 0)
    service, connect = start()
    monkeypatch.setattr(service._ledger, "_most", {"unread": 3 * LARGE, "held": LARGE})
    lines = [connect() for _ in range(9)]
    for line in lines:
        line.sendall(REQUEST[:-2] + b"Large: 1\r\n\r\n")
        assert line.recv(1, socket.MSG_PEEK) == b"x"
    last = connect()
    last.sendall(REQUEST)
    assert last.recv(9) == b"x"
    received = [_all_of(line) for line in lines]
    assert received[-1] == LARGE
    assert received[0] < LARGE


def _all_of(line: socket.socket) -> int:
    received = 0
    while received < LARGE and (piece := line.recv(LARGE)):
        received += len(piece)
    return received


def test_who_is_idle_makes_room_and_who_is_not_stays(start: Start) -> None:
    service, connect = start()
    idle, busy = connect(), connect()
    idle.sendall(REQUEST)
    assert idle.recv(9) == b"x"
    busy.sendall(REQUEST[:-2])
    time.sleep(0.1)
    assert service.make_room()
    assert idle.recv(9) == b""
    busy.sendall(REQUEST[-2:])
    assert busy.recv(9) == b"x"
