"""A client's connection: who stalls counts as gone, who is only slow does not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from lrs.http import server
from lrs.http.server import Line

SILENCE = 0.1


@pytest.fixture
def pair() -> Iterator[tuple[Line, socket.socket]]:
    """Give our side of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    with Line(ours, silence=SILENCE) as line, theirs:
        yield line, theirs


def test_what_comes_is_read(pair: tuple[Line, socket.socket]) -> None:
    line, client = pair
    client.sendall(b"GET")
    assert line.recv(99) == b"GET"
    client.close()
    assert line.recv(99) == b""


def test_who_is_silent_reads_as_gone(pair: tuple[Line, socket.socket]) -> None:
    line, client = pair
    client.sendall(b"GET /xapi")
    assert line.recv(99) == b"GET /xapi"
    assert line.recv(99) == b""


def test_who_drips_reads_as_gone_in_the_end(
    pair: tuple[Line, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, client = pair
    monkeypatch.setattr(server, "_PATIENCE", 0.2)
    line.begin()

    def drip() -> None:
        for _ in range(100):
            client.sendall(b"x")
            time.sleep(SILENCE / 4)

    thread = threading.Thread(target=drip)
    thread.start()
    octets = b""
    while piece := line.recv(99):
        octets += piece
    thread.join()
    assert 0 < len(octets) < 100
    line.begin()  # the next request has as long again
    assert line.recv(99) == b"x" * (99 - len(octets))


def test_who_sends_much_has_more_time(
    pair: tuple[Line, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, client = pair
    monkeypatch.setattr(server, "_PATIENCE", 0.1)
    line.begin()

    def send() -> None:
        for _ in range(20):
            client.sendall(b"x" * 500)  # each is worth a second more
            time.sleep(SILENCE / 4)

    thread = threading.Thread(target=send)
    thread.start()
    octets = 0
    while octets < 10_000:
        piece = line.recv(999)
        assert piece
        octets += len(piece)
    thread.join()


def test_time_that_the_server_takes_is_not_the_clients(
    pair: tuple[Line, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, client = pair
    monkeypatch.setattr(server, "_PATIENCE", 0.1)
    line.begin()
    client.sendall(b"one")
    time.sleep(0.3)
    assert line.recv(99) == b"one"


def test_who_does_not_read_breaks_the_pipe(pair: tuple[Line, socket.socket]) -> None:
    line, _ = pair
    with pytest.raises(BrokenPipeError):
        line.sendall(b"x" * 10_000_000)


def test_the_last_answer_arrives_although_the_client_still_sends(
    pair: tuple[Line, socket.socket],
) -> None:
    line, client = pair
    client.sendall(b"x" * 10_000)
    line.sendall(b"HTTP/1.1 413")
    line.farewell()
    assert line.fileno() == -1
    assert client.recv(99) == b"HTTP/1.1 413"
    line.setblocking(True)  # gunicorn does so once more
    line.close()
