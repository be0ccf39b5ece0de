"""Request bodies: content codings, limits, framing (RFC 9110 8.4, RFC 9112 7.1)."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import tracemalloc
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from werkzeug import Request

from lrs.errors import BadRequest, LrsError, TooLarge
from lrs.http.body import read_body, stream_body
from tests.builders import a_statement
from tests.conftest import KEY, SECRET, Client
from tests.contract.answers import STATEMENTS, one, problem
from tests.multiparts import body_of, content_type, statements_part


def bare(body: bytes) -> bytes:
    """Deflate without zlib's wrapping, as some clients send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip by its old name": ("x-gzip", gzip.compress),
    "gzip in another case": (" GZip ", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate, bare": ("deflate", bare),
    "identity": ("identity", bytes),
    "none": ("", bytes),
}


def send(client: Client, body: bytes, coding: str, path: str = STATEMENTS) -> Any:
    """Post bytes under a Content-Encoding."""
    return client.post(
        path,
        data=body,
        content_type="application/json",
        headers={"Content-Encoding": coding},
    )


def request(body: bytes, coding: str = "", *, chunked: bool = False) -> Request:
    """A request as the server gives it."""
    return Request(
        {
            "REQUEST_METHOD": "POST",
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            "HTTP_CONTENT_ENCODING": coding,
            **({} if chunked else {"CONTENT_LENGTH": str(len(body))}),
        }
    )


@pytest.mark.parametrize("name", PACKED)
def test_a_content_coding_is_undone(shared: Client, name: str) -> None:
    coding, pack = PACKED[name]
    statement = a_statement(result={"response": "é" * 5000})
    answer = send(shared, pack(json.dumps(statement).encode()), coding)
    assert answer.status_code == 200
    assert one(shared, statement["id"]).json["result"] == statement["result"]


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("chunked", [False, True])
def test_every_length_is_read_whole(name: str, chunked: bool) -> None:
    coding, pack = PACKED[name]
    for body in (b"x", b"x" * 65_536, os.urandom(200_000), b"ab" * 1_000_000):
        asked = request(pack(body), coding, chunked=chunked)
        assert read_body(asked, 2_100_000) == body
        pieces = stream_body(request(pack(body), coding), 2_100_000)
        assert max(map(len, pieces)) <= 65_536


def test_without_a_length_or_a_server_that_knows_it_there_is_no_body() -> None:
    asked = request(b"x", chunked=True)
    del asked.environ["wsgi.input_terminated"]
    assert read_body(asked, 10) == b""


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "deflate,gzip", "x", "gzip;q=1"]
)
def test_other_codings_are_refused(shared: Client, coding: str) -> None:
    answer = send(shared, b"{}", coding)
    problem(answer, 415)
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"


BODY = json.dumps(a_statement()).encode()
CORRUPT = {
    "not packed": bytes,
    "empty": lambda body: b"",
    "one byte": lambda body: gzip.compress(body)[:1],
    "half of it": lambda body: gzip.compress(body)[: len(body) // 2],
    "without its checksum": lambda body: gzip.compress(body)[:-8],
    "with a wrong checksum": lambda body: gzip.compress(body)[:-8] + b"12345678",
    "with more behind it": lambda body: gzip.compress(body) + b"\0",
    "twice": lambda body: gzip.compress(body) * 2,
    "in a wrong place": lambda body: b"\0" + gzip.compress(body),
    "of another coding": zlib.compress,
}


@pytest.mark.parametrize("name", CORRUPT)
def test_a_corrupt_gzip_body_is_refused(shared: Client, name: str) -> None:
    problem(send(shared, CORRUPT[name](BODY), "gzip"), 400)  # type: ignore[operator]


@pytest.mark.parametrize("pack", [zlib.compress, bare])
def test_a_corrupt_deflate_body_is_refused(
    shared: Client, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(BODY)
    for body in (b"", packed[:1], packed[:-1], packed + b"x", gzip.compress(BODY)):
        problem(send(shared, body, "deflate"), 400)


def test_a_body_in_many_small_pieces_is_unpacked() -> None:
    class Trickling(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 1))

    for name in ("gzip", "deflate", "deflate, bare"):
        coding, pack = PACKED[name]
        asked = request(b"", coding, chunked=True)
        asked.environ["wsgi.input"] = Trickling(pack(BODY))
        assert read_body(asked, 5000) == BODY


# -- limits -----------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("name", PACKED)
def test_a_body_may_reach_its_limit_and_not_pass_it(name: str, chunked: bool) -> None:
    coding, pack = PACKED[name]
    body = b"x" * 100_000
    assert read_body(request(pack(body), coding, chunked=chunked), 100_000) == body
    with pytest.raises(TooLarge, match=r"99999 bytes \(LRS_MAX_REQUEST_BYTES\)"):
        read_body(request(pack(body), coding, chunked=chunked), 99_999)


@pytest.mark.parametrize("name", ["gzip", "deflate", "deflate, bare"])
def test_a_bomb_fills_no_memory(name: str) -> None:
    coding, pack = PACKED[name]
    bomb = pack(bytes(100 << 20))
    asked = request(bomb, coding)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            read_body(asked, 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 3 << 20
    finally:
        tracemalloc.stop()


def test_a_stream_without_content_is_bounded_too() -> None:
    endless = b"\0\0\0\xff\xff" * 100_000  # empty blocks: read and read, nothing out
    with pytest.raises(TooLarge):
        read_body(request(endless, "deflate", chunked=True), 1000)


def test_a_length_over_the_limit_is_refused_with_nothing_read() -> None:
    class Untouched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError

    asked = request(b"")
    asked.environ |= {"wsgi.input": Untouched(), "CONTENT_LENGTH": str(100 << 20)}
    with pytest.raises(TooLarge):
        read_body(asked, 32 << 20)


def test_what_the_server_cannot_read_is_a_bad_request() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ValueError("a chunk that is none")

    asked = request(b"x")
    asked.environ["wsgi.input"] = Broken()
    with pytest.raises(BadRequest, match="framed"):
        read_body(asked, 10)
    asked = request(b"x" * 5)
    asked.environ["CONTENT_LENGTH"] = "6"
    with pytest.raises(LrsError, match="shorter"):
        read_body(asked, 10)


def test_a_bomb_is_too_large_for_statements(shared: Client) -> None:
    bomb = gzip.compress(b" " * (33 << 20), 1)
    problem(send(shared, bomb, "gzip"), 413)
    answer: Any = shared.post(
        STATEMENTS,
        data=gzip.compress(body_of(([("X", "y")], b" " * (50 << 20))), 1),
        content_type=content_type(),
        headers={"Content-Encoding": "gzip"},
    )
    problem(answer, 400)  # before its octets count: no Content-Type


def test_the_statements_of_a_body_in_parts_have_the_same_limit(shared: Client) -> None:
    headers, _ = statements_part({})
    body = body_of((headers, b" " * (33 << 20)))
    answer: Any = shared.post(STATEMENTS, data=body, content_type=content_type())
    assert "LRS_MAX_REQUEST_BYTES" in problem(answer, 413)["detail"]


# -- over the network -------------------------------------------------------------


def raw(server: str, sent: bytes) -> bytes:
    """Send bytes and no more; return all of the answer."""
    place = urlsplit(server)
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        return line.makefile("rb").read()


def test_the_live_server_reads_what_it_can_and_refuses_the_rest(
    server: str, tmp_path: Path
) -> None:
    authorization = b64encode(f"{KEY}:{SECRET}".encode()).decode()
    head = (
        "POST /xapi/statements HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: Basic {authorization}\r\nX-Experience-API-Version: 1.0.3\r\n"
        "Content-Type: application/json\r\n"
    )
    chunked = f"{head}Transfer-Encoding: chunked\r\n"
    framed = f"{len(BODY):x}\r\n{BODY.decode()}\r\n"
    for text, status in (
        (f"{chunked}\r\n{framed}0\r\n\r\n", 200),
        (f"{chunked}\r\n{framed}zz\r\n\r\n", 400),
        (f"{chunked}\r\n{framed}5\r\n12", 400),
        (f"{chunked}\r\n{framed}5\r\n123456789\r\n0\r\n\r\n", 400),
        (f"{chunked}\r\n{framed}", 400),
        (f"{chunked}Content-Encoding: gzip\r\n\r\n{framed}0\r\n\r\n", 400),
        (f"{chunked}Content-Encoding: br\r\n\r\n{framed}0\r\n\r\n", 415),
        (f"{head}Content-Length: {len(BODY) + 1}\r\n\r\n{BODY.decode()}", 400),
        (f"{head}Content-Length: 99999999999\r\n\r\n{BODY.decode()}", 413),
        (f"{head}Content-Length: 0\r\n\r\n", 400),
        (f"{head}\r\n", 400),
    ):
        answer = raw(server, text.encode())
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (text[-80:], answer)
        assert status == 200 or b"application/problem+json" in answer

    with httpx.Client(base_url=server, auth=(KEY, SECRET), timeout=60) as client:
        headers = {
            "X-Experience-API-Version": "1.0.3",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        bomb = gzip.compress(bytes(200 << 20), 1)
        for body in (bomb, iter([bomb[:1000], bomb[1000:]])):
            answer = client.post(STATEMENTS, content=body, headers=headers)
            assert answer.status_code == 413
        # The rest of what is refused is read: else the connection would break.
        large = f"{head}Content-Length: {50 << 20}\r\n\r\n".encode() + b" " * (50 << 20)
        assert raw(server, large).startswith(b"HTTP/1.1 413 ")
        statement = json.dumps(a_statement()).encode()
        answer = client.post(
            STATEMENTS, content=iter([gzip.compress(statement)]), headers=headers
        )
        assert answer.status_code == 200
    assert '"error"' not in (tmp_path / "serve.log").read_text()
