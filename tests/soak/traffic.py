"""Clients of the LRS over HTTP that note every answer: what the checks then judge.

In: the servers' addresses. Out: ``Traffic``, with each request that wrote, what became
of it and when. A client does as xAPI clients do: what was answered 503 it sends again
with the same ids after a while, now and then never; where a server is gone or closes
the connection it goes to the next one.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import httpx

from tests.builders import a_statement
from tests.conftest import KEY, SECRET
from tests.integration.sending import Batch, a_batch

_HEADERS = {"X-Experience-API-Version": "1.0.3"}
_STORED, _TRY_AGAIN = (200, 204), 503
PATIENCE = 45.0  # seconds that a client waits for an answer
_AWAY = 120.0  # seconds in which a server is there again, on a busy machine too


@dataclass(frozen=True)
class Answer:
    """What one request came to; without status the connection broke.

    Times are of time.monotonic.
    """

    began: float
    ended: float
    status: int | None
    fault: str = ""  # what is wrong with it, whatever the status


@dataclass
class Request:
    """Statements that are written together, and the answers to each try."""

    batch: Batch
    answers: list[Answer] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return any(answer.status in _STORED for answer in self.answers)

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.batch]


class Traffic:
    """All requests of the writers; each writer appends to a list of its own."""

    def __init__(self, writers: int) -> None:
        self.by_writer: list[list[Request]] = [[] for _ in range(writers)]

    @property
    def requests(self) -> list[Request]:
        return [request for mine in self.by_writer for request in list(mine)]

    @property
    def answers(self) -> list[Answer]:
        return [answer for one in self.requests for answer in list(one.answers)]

    def wait(self, since: float, seconds: float = 120) -> None:
        """Wait until each writer has been answered well after that moment."""
        end = time.monotonic() + seconds
        while not all(map(self._stored_after(since), self.by_writer)):
            assert time.monotonic() < end, f"no writes for {seconds} s"
            time.sleep(0.05)

    def _stored_after(self, moment: float) -> Callable[[list[Request]], bool]:
        return lambda mine: any(
            answer.status in _STORED and answer.ended > moment
            for request in mine[-50:]
            for answer in list(request.answers)
        )

    def standstill(self, since: float) -> float:
        """Return the longest time from then to now in which nothing was stored."""
        ends = [
            answer.ended
            for answer in self.answers
            if answer.status in _STORED and answer.ended > since
        ]
        moments = [since, *sorted(ends), time.monotonic()]
        return max(later - one for one, later in pairwise(moments))


class Client:
    """A client with one connection that it keeps as long as it may.

    Every fourth makes another one for each request.
    """

    def __init__(self, addresses: Sequence[str], number: int = 0) -> None:
        self._addresses = addresses
        self._at = number % len(addresses)
        keeps = number % 4 < 3
        self._http = httpx.Client(
            auth=(KEY, SECRET),
            headers=_HEADERS,
            timeout=PATIENCE,
            limits=httpx.Limits(
                max_keepalive_connections=int(keeps), keepalive_expiry=600
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, method: str, path: str, **given: object) -> httpx.Response:
        """Send a request; where nobody listens, to the next server.

        Raises httpx.TransportError for one that was begun and not answered.
        """
        end, pause = time.monotonic() + _AWAY, 0.0
        while time.monotonic() < end:
            url = f"{self._addresses[self._at]}{path}"
            try:
                return self._http.request(method, url, **given)  # type: ignore[arg-type]
            except httpx.ConnectError:
                self._at = (self._at + 1) % len(self._addresses)
                time.sleep(pause)
                pause = 0.25
        raise AssertionError("nobody listens any more")

    def write(self, request: Request) -> Answer:
        """Write its Statements; the answer is noted with the request."""
        began = time.monotonic()
        batch, path = request.batch, "/xapi/statements"
        try:
            if len(batch) == 1:
                path += f"?statementId={batch[0]['id']}"
                response = self.send("PUT", path, json=batch[0])
            else:
                response = self.send("POST", path, json=batch)
        except httpx.TransportError as error:
            found = Answer(began, time.monotonic(), None, repr(error))
        else:
            status = response.status_code
            found = Answer(began, time.monotonic(), status, fault(response))
        request.answers.append(found)
        return found


def fault(response: httpx.Response) -> str:
    """Return what is wrong with an answer that may be good or a 503; else nothing."""
    if response.status_code in _STORED:
        return ""
    if response.status_code != _TRY_AGAIN:
        return f"{response.status_code}: {response.text[:300]}"
    if not response.headers.get("Retry-After", "").isdigit():
        return "503 without Retry-After"
    if response.headers["Content-Type"] != "application/problem+json":
        return "503 that is no problem"
    return ""


@contextmanager
def writing(
    addresses: Sequence[str], *, writers: int = 8, pause: float = 0.02
) -> Iterator[Traffic]:
    """Write from several clients, singles and batches, while the block runs.

    At the end each of them sends again what it has not given up, until it is taken.
    """
    traffic, stop = Traffic(writers), threading.Event()
    threads = [
        threading.Thread(
            target=_write, args=(traffic.by_writer[at], addresses, at, pause, stop)
        )
        for at in range(writers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        stop.set()
        for thread in threads:
            thread.join(4 * PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a request hangs"


def _write(
    mine: list[Request],
    addresses: Sequence[str],
    number: int,
    pause: float,
    stop: threading.Event,
) -> None:
    rng = random.Random(number)
    with Client(addresses, number) as client:
        while not stop.is_set():
            request = Request(_some(rng))
            mine.append(request)
            stubborn = rng.random() < 0.8  # the others give up: it is there or not
            while client.write(request).status not in _STORED and stubborn:
                time.sleep(0.3)
            stop.wait(pause)


def _some(rng: random.Random) -> Batch:
    if rng.random() < 0.6:
        return [a_statement(actor=f"p{rng.randrange(5)}@example.com")]
    return [*a_batch(rng), a_statement()]  # two at least
