"""Answers that are not read wait without a thread, within bounds."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from lrs.http.server.limits import Full, Ledger
from lrs.http.server.outgoing import Outgoing


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give our side of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_what_is_sent_arrives_in_order_and_whole(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ledger = Ledger(held=0, on_disk=0)
    outgoing = Outgoing(ours, ledger)
    pieces = [bytes([number % 251]) * (number * 37) for number in range(500)]
    for piece in pieces:
        outgoing.add(piece)
    outgoing.flush()
    outgoing.count()
    assert 0 < outgoing.pending == ledger["unread"]
    received = b""
    while outgoing.pending:
        received += theirs.recv(99_999)
        outgoing.flush()
    ours.close()
    while piece := theirs.recv(99_999):
        received += piece
    assert received == b"".join(pieces)
    assert ledger["unread"] == 0


def test_all_that_is_unread_has_a_bound(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ledger = Ledger(held=0, on_disk=0, unread=1 << 20)
    outgoing = Outgoing(pair[0], ledger)
    outgoing.add(bytes(5 << 20))
    outgoing.flush()
    with pytest.raises(Full):
        outgoing.count()
    outgoing.close()
    assert ledger["unread"] == 0


def test_who_is_gone_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    outgoing = Outgoing(pair[0], Ledger(held=0, on_disk=0))
    pair[1].close()
    outgoing.add(b"x")
    with pytest.raises(BrokenPipeError):
        outgoing.flush()
