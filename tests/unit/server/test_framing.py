"""Where a request ends, however it is cut; what is not plain is left alone."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.http.server.framing import CHUNKED, UNCLEAR, Chunks, framing

HEADS: dict[str, tuple[bytes, int, bool]] = {
    "no body": (b"Host: x", 0, False),
    "a length": (b"Content-Length: 12", 12, False),
    "in any case": (b"cONTENT-lENGTH:\t12 ", 12, False),
    "chunks": (b"Transfer-Encoding: Chunked", CHUNKED, False),
    "who waits": (b"Content-Length: 1\r\nExpect: 100-Continue", 1, True),
    "another expectation": (b"Content-Length: 1\r\nExpect: 200", UNCLEAR, False),
    "two lengths": (b"Content-Length: 1\r\nContent-Length: 1", UNCLEAR, False),
    "both": (b"Content-Length: 1\r\nTransfer-Encoding: chunked", UNCLEAR, False),
    "a sign": (b"Content-Length: +1", UNCLEAR, False),
    "none": (b"Content-Length: ", UNCLEAR, False),
    "another digit": ("Content-Length: ٣".encode(), UNCLEAR, False),
    "too many digits": (b"Content-Length: " + b"1" * 19, UNCLEAR, False),
    "another coding": (b"Transfer-Encoding: gzip, chunked", UNCLEAR, False),
    "inside of another": (b"X: Content-Length: 5", 0, False),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_length_of_a_body_is_what_its_head_says(name: str) -> None:
    fields, length, expects = HEADS[name]
    head = b"POST / HTTP/1.1\r\n" + fields + b"\r\n\r\n"
    assert framing(head) == (length, expects)


def test_http_1_0_knows_no_continue() -> None:
    head = b"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    assert framing(head) == (1, False)


CHUNKY = (
    b"5\r\nabcde\r\n",
    b"00A ; x=y\r\n\r\n0\r\n\r\n456\r\n",
    b"0;a\r\n",
    b"Trailer: 1\r\n",
    b"\r\n",
)


@given(st.lists(st.integers(0, len(b"".join(CHUNKY))), max_size=8))
def test_chunks_end_at_the_same_place_however_they_are_cut(cuts: list[int]) -> None:
    whole = b"".join(CHUNKY)
    sent, chunks, before = whole + b"GET /", Chunks(), 0
    for start, stop in _pieces(cuts, len(sent)):
        end = chunks.end(sent[start:stop])
        if end >= 0:
            before = start + end
            break
    assert before == len(whole)


def _pieces(cuts: list[int], length: int) -> list[tuple[int, int]]:
    marks = sorted({0, *cuts, length})
    return list(itertools.pairwise(marks))


@pytest.mark.parametrize(
    "broken",
    [
        *(b"x\r\n", b"\r\n", b"-1\r\n", b"5\nabcde", b"1\r\nabcd", b"1\r\na\n"),
        *(b"f" * 16 + b"\r\n", b"1;" + b"a" * 9000, b"0\r\nX: a\n"),
        b"0\r\n" + b"X: aaaaaaaaaa\r\n" * 6000,
    ],
)
def test_what_no_chunks_are_is_found_out(broken: bytes) -> None:
    with pytest.raises(ValueError, match="no chunks"):
        Chunks().end(broken)
