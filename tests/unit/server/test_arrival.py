"""A request while it comes: cut anywhere it is the same; its room is bounded."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.http.server.arrival import Arrival
from lrs.http.server.limits import LONGEST_HEAD, LONGEST_HELD, Full, Ledger, Limits

LIMITS = Limits(longest=2 << 20, longest_in_parts=4 << 20)
ROOM = 8 << 20
GET = b"GET /xapi/about HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /xapi/statements HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
CHUNKED = b"POST /xapi HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
REQUESTS = [(GET, b""), (POST, b"12345"), (CHUNKED, CHUNKS), (GET, b"")]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(held=ROOM, on_disk=ROOM)


@given(st.lists(st.integers(0, 300), max_size=12))
def test_requests_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    sent, ledger = b"".join(map(b"".join, REQUESTS)), Ledger(held=ROOM, on_disk=ROOM)
    arrival, found = Arrival(LIMITS, ledger), []
    marks = sorted({0, len(sent), *(it for it in cuts if it < len(sent))})
    for start, stop in itertools.pairwise(marks):
        piece = sent[start:stop]
        while piece and arrival.take(piece):
            assert not arrival.short
            body = arrival.body.getvalue() if arrival.body else b""  # type: ignore[attr-defined]
            found.append((arrival.head, body))
            piece, arrival.surplus = arrival.surplus, b""
            arrival.begin()
    assert found == REQUESTS
    assert not arrival.begun
    assert ledger["held"] == ledger["on disk"] == 0


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * LONGEST_HEAD,
        POST.replace(b"5", b"-5"),
        POST.replace(b"5", b"2097153"),
        POST.replace(b"5", b"4194305\r\nContent-Type: multipart/mixed"),
    ],
)
def test_what_will_be_refused_is_not_waited_for(ledger: Ledger, head: bytes) -> None:
    arrival = Arrival(LIMITS, ledger)
    assert arrival.take(head)
    assert arrival.short


def test_parts_may_be_longer_than_other_bodies(ledger: Ledger) -> None:
    arrival = Arrival(LIMITS, ledger)
    many = b"4194304\r\nContent-Type: Multipart/Mixed"
    assert not arrival.take(POST.replace(b"5", many))


def test_chunks_that_are_none_are_left_to_the_parser(ledger: Ledger) -> None:
    arrival = Arrival(LIMITS, ledger)
    assert arrival.take(CHUNKED + b"zz\r\n")
    assert arrival.short
    assert arrival.body is not None
    assert isinstance(arrival.body, io.BytesIO)
    assert arrival.body.getvalue() == b"zz\r\n"


def test_a_long_body_goes_on_in_a_file(ledger: Ledger) -> None:
    arrival, length = Arrival(LIMITS, ledger), LONGEST_HELD + 99
    assert not arrival.take(POST.replace(b"5", b"%d" % length))
    assert not arrival.take(b"a" * (length - 9))
    assert arrival.outgrown
    arrival.file()
    assert not arrival.outgrown
    assert (ledger["held"], ledger["on disk"]) == (0, length - 9)
    assert arrival.take(b"b" * 9 + GET)
    assert arrival.body is not None
    arrival.body.seek(0)
    assert arrival.body.read() == b"a" * (length - 9) + b"b" * 9
    assert arrival.surplus == GET
    arrival.begin()
    assert ledger["on disk"] == 0


def test_all_that_is_held_has_a_bound() -> None:
    ledger = Ledger(held=3 * LONGEST_HEAD, on_disk=LONGEST_HELD)
    arrivals = [Arrival(LIMITS, ledger) for _ in range(4)]
    start = b"GET / HTTP/1.1\r\nX: " + b"a" * (LONGEST_HEAD - 99)
    for arrival in arrivals[:3]:
        assert not arrival.take(start)
    with pytest.raises(Full):
        arrivals[3].take(start)
    arrivals[0].close()
    assert not arrivals[3].take(b"")


def test_who_breaks_off_in_a_body_is_answered_and_in_a_head_is_not(
    ledger: Ledger,
) -> None:
    arrival = Arrival(LIMITS, ledger)
    arrival.take(GET[:9])
    assert not arrival.end()
    arrival.close()
    arrival.take(POST + b"12")
    assert arrival.end()
