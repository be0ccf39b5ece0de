"""Bodies that are framed wrong, break off or never come; and many at once.

RFC 9112 6.1 to 6.3, 7.1, 8, 11.2. Nothing of them is stored, no request is hidden in
them, and the same processes go on.
"""

from __future__ import annotations

import gzip
import hashlib
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from tests.integration import wire
from tests.integration.wire import (
    CHUNKED,
    CLOSE,
    JSON,
    MARK,
    STATEMENT,
    USUAL,
    Live,
    chunks,
    memory,
    one,
    problem,
    request,
    talk,
    usual,
)
from tests.multiparts import (
    an_attachment,
    body_of,
    content_part,
    content_type,
    statements_part,
    with_attachments,
)

POST = b"POST /xapi/statements"
PUT = b"PUT /xapi/activities/profile?activityId=http://a.example/a&profileId=cut"
LENGTH = b"Content-Length: %d" % len(STATEMENT)
CONTENT = MARK.encode() * 200_000  # more than two chunks of the store
IN_PARTS = body_of(
    statements_part(with_attachments(an_attachment(CONTENT))), content_part(CONTENT)
)
PARTS = f"Content-Type: {content_type()}".encode()


@pytest.fixture(autouse=True)
def _goes_on(wired: Live) -> Iterator[None]:
    with wire.goes_on(wired):
        yield


def posted(*headers: bytes, body: bytes) -> bytes:
    return request(POST, *USUAL, JSON, *headers, body=body)


# -- the length -----------------------------------------------------------------------

HIDDEN = usual(POST, JSON, body=STATEMENT)  # would be stored, were it a request
LENGTHS = (
    *(
        b"-1",
        b"+5",
        b"0x10",
        b"1e3",
        b"10.0",
        b"",
        b" ",
        b"5 5",
        b"5,5",
        b"5;5",
        b"\xb2",
    ),
    *(b"\xd9\xa1", b"NaN", b"9" * 5000, b"1_0", b"-0", b"5\t5", b"Infinity"),
)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_that_is_none_is_refused(wired: Live, length: bytes) -> None:
    sent = posted(b"Content-Length: " + length, body=STATEMENT)
    problem(one(wired, sent, HIDDEN), 400)


@pytest.mark.parametrize("second", [LENGTH, b"Content-Length: 1", b"content-length:0"])
def test_two_lengths_are_refused(wired: Live, second: bytes) -> None:
    problem(one(wired, posted(LENGTH, second, body=STATEMENT), HIDDEN), 400)
    problem(one(wired, posted(second, LENGTH, body=STATEMENT), HIDDEN), 400)


@pytest.mark.parametrize("length", [b"9" * 12, b"9" * 20, b"9" * 4000])
@pytest.mark.parametrize("line", [POST, PUT, b"POST /api/v1/statements/validate"])
def test_a_length_beyond_all_measure_is_too_large_at_once(
    wired: Live, line: bytes, length: bytes
) -> None:
    sent = request(line, *USUAL, JSON, CLOSE, b"Content-Length: " + length)
    assert "LRS_MAX_" in problem(one(wired, sent), 413)["detail"]


# -- two framings, or none ------------------------------------------------------------

CHUNKS = chunks(STATEMENT)
FRAMINGS = {
    "both": (CHUNKED, LENGTH),
    "both, the other way": (LENGTH, CHUNKED),
    "chunked twice": (CHUNKED, CHUNKED),
    "chunked in chunked": (b"Transfer-Encoding: chunked, chunked",),
    "chunked first": (b"Transfer-Encoding: chunked, gzip",),
    "gzip in chunked": (b"Transfer-Encoding: gzip, chunked",),
    "gzip alone": (b"Transfer-Encoding: gzip",),
    "identity": (b"Transfer-Encoding: identity", LENGTH),
    "identity in chunked": (b"Transfer-Encoding: identity, chunked", CLOSE),
    "nothing": (b"Transfer-Encoding: ",),
    "a coding that is none": (b"Transfer-Encoding: xchunked",),
    "a coding with a parameter": (b"Transfer-Encoding: chunked;q=1",),
    "quoted": (b'Transfer-Encoding: "chunked"',),
    "a vertical tab": (b"Transfer-Encoding: \x0bchunked",),
    "a blank before the colon": (b"Transfer-Encoding : chunked",),
    "an underscore": (b"Transfer_Encoding: chunked", b"Content-Length: 3", CLOSE),
    "folded": (b"Transfer-Encoding:\r\n chunked",),
    "a letter of another script": ("Transfer-Encoding: chun\u212aed".encode(),),
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_no_request_is_smuggled_in(wired: Live, name: str) -> None:
    for body in (CHUNKS, STATEMENT, b"0\r\n\r\n", b"5\r\n"):
        found = talk(wired, posted(*FRAMINGS[name], body=body + HIDDEN), cut=True)
        assert len(found) == 1, found
        problem(found[0], 400)


def test_http_1_0_has_no_chunks(wired: Live) -> None:
    sent = posted(CHUNKED, body=CHUNKS + HIDDEN).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    problem(one(wired, sent), 400)


NO_CHUNKS = {
    "a size that is none": b"zz\r\n" + STATEMENT,
    "no size": b"\r\n" + STATEMENT,
    "a negative size": b"-5\r\n" + STATEMENT,
    "a size with a sign": b"+5\r\n" + STATEMENT,
    "a size in C": b"0x5\r\n" + STATEMENT,
    "a size with a blank": b" 5\r\n" + STATEMENT,
    "a size without end": b"F" * 50_000,
    "a size beyond all measure": b"F" * 40 + b"\r\n" + STATEMENT,
    "a size of 5,000 digits": b"F" * 5000 + b"\r\n" + STATEMENT,
    "zeros without end": b"0" * 50_000,
    "too small a size": b"5\r\n" + STATEMENT + b"\r\n0\r\n\r\n",
    "too large a size": b"ffff\r\n" + STATEMENT + b"\r\n0\r\n\r\n",
    "an extension that is none": b"5;\x01=\r\n" + STATEMENT,
    "extensions without end": b"5;" + b"a;" * 50_000,
    "a line feed": b"%x\n" % len(STATEMENT) + STATEMENT + b"\n0\n\n",
    "no last chunk": CHUNKS[:-5],
    "half of the last chunk": CHUNKS[:-2],
    "cut off in a chunk": CHUNKS[:50],
    "cut off in a size": CHUNKS[:1],
    "nothing": b"",
    "a trailer that says its length": CHUNKS[:-2] + b"Content-Length: 5\r\n\r\n",
    "a trailer that says who it is": CHUNKS[:-2] + b"Authorization: x\r\n\r\n",
    "a trailer that is none": CHUNKS[:-2] + b"geheim\r\n\r\n",
    "trailers without end": CHUNKS[:-2] + b"X: geheim\r\n" * 100_000,
}


@pytest.mark.parametrize("name", NO_CHUNKS)
@pytest.mark.parametrize(
    "line",
    [POST, PUT, b"POST /api/v1/statements/validate", POST + b"?method=PUT"],
    ids=["statements", "a document", "validate", "a form"],
)
def test_chunks_that_are_none_are_refused(wired: Live, line: bytes, name: str) -> None:
    kind = b"Content-Type: application/x-www-form-urlencoded" if b"?m" in line else JSON
    sent = request(line, *USUAL, kind, CHUNKED, body=NO_CHUNKS[name])
    problem(one(wired, sent, cut=True), 400)


# The rest of a body is read when its request is refused before: no second answer.
REFUSED = {
    "nobody": (request(POST, USUAL[0], USUAL[2], JSON, CHUNKED), 401),
    "not found": (request(b"POST /xapi/none", *USUAL, CHUNKED), 404),
    "not allowed": (request(b"PATCH /xapi/statements", *USUAL, CHUNKED), 405),
    "a wrong parameter": (request(POST + b"?x=1", *USUAL, JSON, CHUNKED), 400),
    "not read": (request(b"GET /xapi/about", *USUAL, CHUNKED), 200),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("rest", [b"zz\r\n", b"5\r\nab", b"F" * 40 + b"\r\nx"])
def test_a_broken_rest_has_no_answer_of_its_own(
    wired: Live, name: str, rest: bytes
) -> None:
    head, status = REFUSED[name]
    found = talk(wired, head, rest, HIDDEN, cut=True)
    assert [answer.status for answer in found] == [status]


# -- cut off --------------------------------------------------------------------------

CUTS = {
    "a Statement": (request(POST, *USUAL, JSON, LENGTH), STATEMENT),
    "a Statement in chunks": (request(POST, *USUAL, JSON, CHUNKED), CHUNKS),
    "packed": (
        request(POST, *USUAL, JSON, b"Content-Encoding: gzip", b"Content-Length: 999"),
        gzip.compress(STATEMENT),
    ),
    "a document": (request(PUT, *USUAL, b"If-None-Match: *", LENGTH), STATEMENT),
    "parts": (
        request(POST, *USUAL, PARTS, b"Content-Length: %d" % len(IN_PARTS)),
        IN_PARTS,
    ),
    "parts in chunks": (request(POST, *USUAL, PARTS, CHUNKED), chunks(IN_PARTS)),
}


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("how", ["said", "gone"])
def test_of_what_is_cut_off_nothing_is_kept(
    wired: Live, name: str, share: float, how: str
) -> None:
    head, body = CUTS[name]
    part = body[: min(int(len(body) * share), len(body) - 3)]
    if how == "said":
        problem(one(wired, head, part, cut=True), 400)
    else:
        with wired.connect() as line:
            line.sendall(head + part)
            # No farewell: the connection is reset.
            reset = struct.pack("ii", 1, 0)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        settled(wired)
    listed = b"GET /xapi/activities/profile?activityId=http://a.example/a"
    assert b"cut" not in one(wired, usual(listed, CLOSE)).body


def settled(wired: Live) -> None:
    """Wait until no request is under way any more: all threads are free.

    Those too that have stepped aside for a long body: these leave no upload.
    """
    lines = [wired.connect() for _ in range(16)]
    for line in lines:
        line.sendall(usual(b"GET /xapi/about", CLOSE))
    for line in lines:
        assert wire.answers(line)[0].status == 200
        line.close()
    end = time.monotonic() + 30
    while wired.database["uploads"].count_documents({}) and time.monotonic() < end:
        time.sleep(0.02)


def test_a_body_may_come_in_small_pieces(wired: Live) -> None:
    validate = b"POST /api/v1/statements/validate"
    sent = usual(validate, JSON, CLOSE, body=STATEMENT)
    found = talk(wired, *(sent[at : at + 7] for at in range(0, len(sent), 7)))
    assert found[0].json["totals"]["valid"] == 1


def test_who_says_nothing_holds_nobody_up(wired: Live) -> None:
    silent = [wired.connect() for _ in range(100)]  # there are 16 threads
    assert one(wired, usual(b"GET /xapi/about", CLOSE)).status == 200
    silent[50].sendall(usual(b"GET /xapi/about", CLOSE))
    assert wire.answers(silent[50])[0].status == 200
    for line in silent:
        line.close()


def test_who_does_not_hang_up_holds_nobody_up(wired: Live) -> None:
    lines = [wired.connect() for _ in range(64)]
    for line in lines:
        line.sendall(usual(b"GET /xapi/about", CLOSE))  # and the answer stays unread
    assert one(wired, usual(b"GET /xapi/about", CLOSE)).status == 200
    for line in lines:
        assert wire.answers(line)[0].status == 200
        line.close()


# -- many -----------------------------------------------------------------------------


def most(wired: Live) -> int:
    """The most megabytes that a worker ever had."""
    return max(memory(pid, "VmHWM") for pid in wired.workers)


@pytest.mark.parametrize(
    "element", [b"{}", b"1", STATEMENT], ids=["objects", "numbers", "Statements"]
)
def test_as_many_elements_as_fit_take_little_memory(
    wired: Live, element: bytes
) -> None:
    before = most(wired)
    many = (31 << 20) // (len(element) + 1)
    array = b"[" + (element + b",") * (many - 1) + element + b"]"
    coded = b"Content-Encoding: gzip"
    sent = usual(POST, JSON, coded, CLOSE, body=gzip.compress(array, 1))
    for _ in range(3):
        found = problem(one(wired, sent), 413)
        assert "LRS_MAX_STATEMENTS" in found["detail"]
    assert most(wired) < before + 160


def test_parts_without_end_are_refused(wired: Live) -> None:
    sha2 = hashlib.sha256(b"").hexdigest()
    part = b"--b\r\nX-Experience-API-Hash: %b\r\n\r\n\r\n" % sha2.encode()
    first = b"--b\r\nContent-Type: application/json\r\n\r\n%b\r\n" % STATEMENT
    kind = b"Content-Type: multipart/mixed; boundary=b"
    sent = usual(POST, kind, CLOSE, body=first + part * 100_000 + b"--b--")
    problem(one(wired, sent), 400)
