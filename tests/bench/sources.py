"""What each connection sends next, made before the clock starts.

A source gives the next request (``head``, ``body``, how many Statements it carries) and
is shown each answer. Heads are of one contender; bodies are the same for all. A posted
body is used again with fresh ids, which are written over the old ones in place: 0.2
microseconds a Statement instead of the 12 of making one.
"""

from __future__ import annotations

import collections
import itertools
import json
import os
import random
from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import urlencode

from tests.bench.statements import VERB_IDS, Generated, Statements, agent

FILL_BATCH = 500  # Statements in a request that fills a store
PAGES = 200  # that a connection follows before it begins again
_SAMPLE = 20_000  # ids to ask for
_PAIRS = 200  # of Agent and verb to ask for
_FEWEST = 20
_FULL_PAGE = 50

Request = tuple[bytes, bytes | bytearray, int]


class Source(Protocol):
    """Gives a connection its requests."""

    def next(self) -> Request | None:
        """Return the next request, None where there is no other."""
        ...

    def answered(self, body: bytes) -> None:
        """Look at the answer, where the next request depends on it."""
        ...


class Head:
    """Writes the heads of the requests to one contender."""

    def __init__(
        self, port: int, path: str, headers: Sequence[tuple[str, str]]
    ) -> None:
        lines = [("Host", f"127.0.0.1:{port}"), *headers]
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        self.path = path
        self._common = text.encode()
        self._post = (
            f"POST {path} HTTP/1.1\r\n{text}Content-Type: application/json\r\n"
            "Content-Length: "
        ).encode()

    def post(self, length: int) -> bytes:
        """Return the head of a POST with so many bytes."""
        return b"%b%d\r\n\r\n" % (self._post, length)

    def get(self, target: str) -> bytes:
        """Return a GET of this path and query."""
        return b"GET %b HTTP/1.1\r\n%b\r\n" % (target.encode(), self._common)

    def query(self, **parameters: object) -> bytes:
        """Return a GET of the Statements with these parameters."""
        return self.get(f"{self.path}?{urlencode(parameters)}")


class Batch:
    """A body of Statements whose ids can be exchanged."""

    def __init__(self, statements: Sequence[Generated], *, array: bool) -> None:
        texts = [item.text.encode() for item in statements]
        joined = b",".join(texts)
        self.body = bytearray(b"[%b]" % joined if array else joined)
        self.count = len(texts)
        self._places = []
        start = 1 if array else 0
        for item, text in zip(statements, texts, strict=True):
            if item.statement_id:
                self._places.append(start + text.index(item.statement_id.encode()))
            start += len(text) + 1

    def renew(self, ids: Iterator[bytes]) -> bytearray:
        """Return the body with ids that were in none before."""
        body = self.body
        for place, fresh in zip(self._places, ids, strict=False):
            body[place : place + 36] = fresh
        return body


class Posting:
    """Posts its batches in turn, each time with fresh ids."""

    def __init__(self, head: Head, batches: Sequence[Batch], ids: FreshIds) -> None:
        self._next = itertools.cycle(
            [(head.post(len(item.body)), item) for item in batches]
        ).__next__
        self._ids = ids

    def next(self) -> Request:
        """Return the next request."""
        head, batch = self._next()
        return head, batch.renew(self._ids), batch.count

    def answered(self, body: bytes) -> None:
        """Nothing depends on it."""


class FreshIds:
    """Random ids, made in advance as far as ``stock`` says."""

    def __init__(self) -> None:
        self._stock: collections.deque[bytes] = collections.deque()

    def stock(self, count: int) -> None:
        """Make ids until there are so many."""
        while len(self._stock) < count:
            self._stock.extend(_ids(10_000))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._stock:
            self.stock(1)
        return self._stock.popleft()


class Filling:
    """Posts the first ``count`` Statements once; shared by all connections."""

    def __init__(self, head: Head, statements: Statements, count: int) -> None:
        self._head = head
        self._batches = _in_batches(statements.first(count))

    def next(self) -> Request | None:
        """Return the next batch, made now: filling is not measured."""
        texts = next(self._batches, None)
        if texts is None:
            return None
        body = f"[{','.join(texts)}]".encode()
        return self._head.post(len(body)), body, len(texts)

    def answered(self, body: bytes) -> None:
        """Nothing depends on it."""


class Asking:
    """Asks the same questions in turn, beginning at a place of its own."""

    def __init__(self, heads: Sequence[bytes], begin: int) -> None:
        at = begin % len(heads)
        self._next = itertools.cycle([*heads[at:], *heads[:at]]).__next__

    def next(self) -> Request:
        """Return the next question."""
        return self._next(), b"", 0

    def answered(self, body: bytes) -> None:
        """Nothing depends on it."""


class Paging:
    """Reads pages of 100 by following ``more``; after ``PAGES`` it begins again."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._first = self._following = head.query(limit=100)
        self._pages = 0

    def next(self) -> Request:
        """Return the request of the next page."""
        return self._following, b"", 0

    def answered(self, body: bytes) -> None:
        """Take the address of the following page: it stands first or last."""
        self._pages += 1
        mark = b'"more":"'
        at = 1 if body.startswith(b"{" + mark) else body.rfind(mark, -4000)
        address = (
            body[at + len(mark) : body.index(b'"', at + len(mark))] if at > 0 else b""
        )
        if address and self._pages % PAGES:
            self._following = self._head.get(json.loads(b'"%b"' % address))
        else:
            self._following = self._first


class Known:
    """What can be asked for where the first ``count`` Statements are stored."""

    def __init__(self, statements: Statements, count: int) -> None:
        ids: list[str] = []
        pairs: collections.Counter[tuple[int, int]] = collections.Counter()
        for item in statements.first(count):
            if item.statement_id:
                ids.append(item.statement_id)
            pairs[item.actor, item.verb] += 1
        chosen = random.Random(5)
        self.ids = chosen.sample(ids, min(len(ids), _SAMPLE))
        # Agents with a full page and not many more; where few are stored, the most.
        full = [pair for pair, hits in pairs.items() if hits >= _FULL_PAGE]
        if len(full) < _FEWEST:
            full = [pair for pair, _ in pairs.most_common(_FEWEST)]
        self.pairs = chosen.sample(full, min(len(full), _PAIRS))

    def by_id(self, head: Head) -> list[bytes]:
        """Return the questions for one Statement each."""
        return [head.query(statementId=item) for item in self.ids]

    def by_agent_and_verb(self, head: Head) -> list[bytes]:
        """Return the questions for 50 Statements of an Agent and a verb."""
        return [
            head.query(
                agent=json.dumps(agent(actor), separators=(",", ":")),
                verb=VERB_IDS[verb],
                limit=_FULL_PAGE,
            )
            for actor, verb in self.pairs
        ]


def _in_batches(statements: Iterator[Generated]) -> Iterator[list[str]]:
    while texts := [item.text for item in itertools.islice(statements, FILL_BATCH)]:
        yield texts


def _ids(count: int) -> list[bytes]:
    drawn = os.urandom(16 * count).hex()
    return [
        f"{one[:8]}-{one[8:12]}-4{one[13:16]}-a{one[17:20]}-{one[20:]}".encode()
        for one in (drawn[at : at + 32] for at in range(0, 32 * count, 32))
    ]
