"""The time limit of a request: from its last octet, for each piece of its answer."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
import pytest
from pymongo import _csot

from lrs.http.deadline import Deadlines


class Noting:
    """A limit that notes when it begins and ends."""

    def __init__(self) -> None:
        self.open = self.begun = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.open += 1
        self.begun += 1
        try:
            yield
        finally:
            self.open -= 1


class SlowBody(io.BytesIO):
    """A body whose second read takes a while."""

    def __init__(self) -> None:
        super().__init__(b"abc")
        self.reads = 0

    def read(self, *size: int | None) -> bytes:
        self.reads += 1
        if self.reads == 2:
            time.sleep(0.1)
        return super().read(*size)


def environ(body: io.BytesIO) -> dict[str, Any]:
    return {"wsgi.input": body}


def test_it_holds_while_the_application_runs_and_for_each_piece() -> None:
    limit = Noting()
    seen: list[int] = []

    def application(_environ: Any, _start: Any) -> Iterator[bytes]:
        seen.append(limit.open)

        def pieces() -> Iterator[bytes]:
            for piece in (b"a", b"b"):
                seen.append(limit.open)
                yield piece

        return pieces()

    answer = Deadlines(application, limit)(environ(io.BytesIO()), None)
    assert limit.open == 0
    assert list(answer) == [b"a", b"b"]
    assert seen == [1, 1, 1]
    assert limit.open == 0
    assert limit.begun == 4  # the application, two pieces, and that there is no more


def test_it_begins_anew_when_octets_had_to_be_waited_for() -> None:
    limit = Noting()

    def application(given: dict[str, Any], _start: Any) -> list[bytes]:
        body = given["wsgi.input"]
        assert body.read(1) == b"a"
        assert limit.begun == 1
        assert body.read(1) == b"b"
        assert limit.begun == 2
        assert limit.open == 1
        return [body.readline()]

    sent = {**environ(SlowBody()), "CONTENT_LENGTH": "3"}
    (piece,) = Deadlines(application, limit)(sent, None)
    assert piece == b"c"
    assert limit.open == 0


def test_it_ends_where_the_application_fails() -> None:
    limit = Noting()

    def application(_environ: Any, _start: Any) -> list[bytes]:
        raise KeyError

    with pytest.raises(KeyError):
        Deadlines(application, limit)(environ(io.BytesIO()), None)
    assert limit.open == 0


def test_the_drivers_own_limit_is_gone_with_the_request() -> None:
    def application(given: dict[str, Any], _start: Any) -> list[bytes]:
        given["wsgi.input"].read()
        given["wsgi.input"].read()
        left = _csot.remaining()
        assert left is not None
        assert 0 < left <= 5
        return [b""]

    list(Deadlines(application, lambda: pymongo.timeout(5))(environ(SlowBody()), None))
    assert _csot.remaining() is None
