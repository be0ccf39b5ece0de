"""Attachments through a live server: bounded memory, cut-off requests, limits."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from lrs.app import create_app
from lrs.http import statement_parts
from lrs.services import Services, opened
from tests.conftest import (
    KEY,
    SECRET,
    Client,
    free_port,
    running,
    wait_until_ready,
)
from tests.multiparts import (
    BOUNDARY,
    an_attachment,
    body_of,
    content_part,
    content_type,
    parts_of,
    statements_part,
    with_attachments,
)

MEGABYTE = 1 << 20
HUGE, MOST_MEMORY = 200, 32  # megabytes
STATEMENTS = "/xapi/statements"
HEADERS = {"X-Experience-API-Version": "2.0.0", "Content-Type": content_type()}


@contextmanager
def serving(services: Services, log: Path) -> Iterator[tuple[httpx.Client, int]]:
    """A server with one worker: a client of it, and the worker's process id."""
    bound = replace(services.settings, bind=f"127.0.0.1:{free_port()}", workers=1)
    url = f"http://{bound.bind}"
    with running(bound, "serve", log=log) as arbiter:
        wait_until_ready(url, log)
        children = Path(f"/proc/{arbiter.pid}/task/{arbiter.pid}/children")
        [worker] = map(int, children.read_text().split())
        with httpx.Client(
            base_url=url, auth=(KEY, SECRET), headers=HEADERS, timeout=120
        ) as client:
            yield client, worker


def uploads(services: Services) -> list[dict[str, Any]]:
    return list(services.database["uploads"].find())


def chunks(services: Services) -> int:
    return services.database["attachments.chunks"].count_documents({})


def wait_until(said: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < end
        time.sleep(0.02)


# -- memory -------------------------------------------------------------------------


def megabytes(count: int) -> Iterator[bytes]:
    """Content that is long and the same every time."""
    block = hashlib.shake_128(b"a block").digest(MEGABYTE - 8)
    return (at.to_bytes(8) + block for at in range(count))


def memory(pid: int, name: str) -> int:
    """Bytes that a process has (VmRSS), or had at most (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))


@contextmanager
def little_memory(pid: int) -> Iterator[Callable[[], object]]:
    """Fail where the process' peak rises too far inside the block.

    To be called when content flows: before it, a secret that is verified anew takes
    32 MB for a moment, as scrypt is meant to.
    """
    before = memory(pid, "VmRSS")
    yield lambda: Path(f"/proc/{pid}/clear_refs").write_text("5")  # forget the peak
    risen = memory(pid, "VmHWM") - before
    print(f"the worker's peak rose by {risen / MEGABYTE:.1f} MB")  # noqa: T201
    assert risen < MOST_MEMORY * MEGABYTE


def send(
    client: httpx.Client, count: int, flows: Callable[[], object] = bool
) -> dict[str, Any]:
    """Post a Statement with so many megabytes; return it."""
    digest = hashlib.sha256()
    for block in megabytes(count):
        digest.update(block)
    declared = an_attachment(b"", sha2=digest.hexdigest(), length=count * MEGABYTE)
    statement = with_attachments(declared)
    hollow = body_of(
        statements_part(statement),
        content_part(b"", x_experience_api_hash=digest.hexdigest()),
    )
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield hollow.removesuffix(tail)
        for at, block in enumerate(megabytes(count)):
            if at == 20:  # more than the buffers between us hold: it reads
                flows()
            yield block
        yield tail

    began = time.perf_counter()
    length = str(len(hollow) + count * MEGABYTE)
    answer = client.post(STATEMENTS, content=body(), headers={"Content-Length": length})
    print(f"in: {count / (time.perf_counter() - began):.0f} MB/s")  # noqa: T201
    assert answer.status_code == 200, answer.text
    return statement


def receive(
    client: httpx.Client,
    statement: dict[str, Any],
    flows: Callable[[], object] = bool,
) -> str:
    """Get the Statement's content; return its SHA-256."""
    query = {"statementId": statement["id"], "attachments": "true"}
    length = statement["attachments"][0]["length"]
    head, rest, digest, began = b"", length, hashlib.sha256(), time.perf_counter()
    with client.stream("GET", STATEMENTS, params=query) as answer:
        assert answer.status_code == 200
        flows()
        received = 0
        for piece in answer.iter_raw():
            received += len(piece)
            if head.count(b"\r\n\r\n") < 2:
                head += piece
                if head.count(b"\r\n\r\n") < 2:
                    continue
                piece = head.split(b"\r\n\r\n", 2)[2]
            digest.update(piece[:rest])
            rest -= min(rest, len(piece))
        assert received == int(answer.headers["Content-Length"])
    print(f"out: {length / MEGABYTE / (time.perf_counter() - began):.0f} MB/s")  # noqa: T201
    return digest.hexdigest()


def test_a_huge_attachment_raises_the_workers_memory_by_little(
    services: Services, tmp_path: Path
) -> None:
    with serving(services, tmp_path / "serve.log") as (client, worker):
        receive(client, send(client, 3))  # what is loaded at first use is loaded
        with little_memory(worker) as flows:
            statement = send(client, HUGE, flows)
        with little_memory(worker) as flows:
            found = receive(client, statement, flows)
    assert found == statement["attachments"][0]["sha2"]
    assert uploads(services) == []
    assert '"error"' not in (tmp_path / "serve.log").read_text()


# -- cut off ------------------------------------------------------------------------


def test_a_request_that_breaks_off_leaves_nothing(
    services: Services, tmp_path: Path
) -> None:
    content = os.urandom(5 * MEGABYTE)
    statement = with_attachments(an_attachment(content))
    body = body_of(statements_part(statement), content_part(content))
    with serving(services, tmp_path / "serve.log") as (client, _):
        request = client.build_request("POST", STATEMENTS, content=body)
        next(httpx.BasicAuth(KEY, SECRET).auth_flow(request))
        lines = [f"POST {STATEMENTS} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode()
        place = urlsplit(str(client.base_url))
        with socket.create_connection((place.hostname, place.port)) as line:
            line.sendall(head + body[: 3 * MEGABYTE])
            wait_until(lambda: chunks(services) >= 2)
            assert len(uploads(services)) == 1
        wait_until(lambda: uploads(services) == [])
        assert chunks(services) == 0
        assert client.get(STATEMENTS).json()["statements"] == []
        assert client.post(STATEMENTS, content=body).status_code == 200
    assert '"error"' not in (tmp_path / "serve.log").read_text()


def test_a_large_request_that_is_refused_at_its_first_part_gets_the_answer(
    services: Services, tmp_path: Path
) -> None:
    content = bytes(40 * MEGABYTE)
    refused = body_of(statements_part({}), content_part(content))
    with serving(services, tmp_path / "serve.log") as (client, _):
        for _ in range(2):
            answer = client.post(STATEMENTS, content=refused)
            assert answer.status_code == 400
            assert "no attachment" in answer.json()["detail"]
    assert uploads(services) == []


def test_content_that_is_not_whole_breaks_the_answer_off(
    services: Services, tmp_path: Path
) -> None:
    with serving(services, tmp_path / "serve.log") as (client, _):
        whole, lost = send(client, 2), send(client, 3)
        services.database["attachments.chunks"].delete_one({"n": 2})
        assert receive(client, whole) == whole["attachments"][0]["sha2"]
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            receive(client, lost)
        assert client.get(STATEMENTS).status_code == 200


# -- limits -------------------------------------------------------------------------


@pytest.fixture
def small(services: Services) -> Iterator[Client]:
    """An application that takes 100,000 bytes of attachments, and little JSON."""
    settings = replace(
        services.settings, max_attachment_bytes=100_000, max_request_bytes=20_000
    )
    with opened(settings) as bounded:
        yield Client(create_app(bounded))


@pytest.mark.parametrize("sizes", [[100_000], [60_000, 40_000]])
def test_attachments_may_reach_their_limit_and_not_pass_it(
    small: Client, services: Services, sizes: list[int]
) -> None:
    for more, status in ((0, 200), (1, 413)):
        contents = [os.urandom(size) for size in sizes]
        contents[0] += bytes(more)
        statement = with_attachments(*map(an_attachment, contents))
        body = body_of(statements_part(statement), *map(content_part, contents))
        answer: Any = small.post(STATEMENTS, data=body, content_type=content_type())
        assert answer.status_code == status
    assert "LRS_MAX_ATTACHMENT_BYTES" in answer.json["detail"]
    assert uploads(services) == []
    query = f"{STATEMENTS}?attachments=true"
    found: Any = small.get(query)
    assert len(parts_of(found.headers["Content-Type"], found.data)) == 1 + len(sizes)


def test_a_length_over_all_limits_is_refused_at_once(small: Client) -> None:
    body = b"--x" + bytes(120_001)
    answer: Any = small.post(STATEMENTS, data=body, content_type=content_type("x"))
    assert answer.status_code == 413


def test_the_number_of_contents_has_a_limit(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_parts, "MOST_CONTENTS", 20)
    contents = [str(number).encode() for number in range(21)]
    statement = with_attachments(*map(an_attachment, contents))
    body = body_of(statements_part(statement), *map(content_part, contents))
    answer: Any = client.post(STATEMENTS, data=body, content_type=content_type())
    assert answer.status_code == 413
    assert "20 attachments" in answer.json["detail"]
    assert uploads(services) == []
    assert chunks(services) == 0
