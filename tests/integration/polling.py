"""Pollers: whoever follows consistent-through sees what was acknowledged, once.

A poller asks for the header (HEAD), then for what was stored after its previous header
and up to this one, page by page, at any of the servers. ``since`` is exclusive and
``until`` inclusive: so the windows join. A header that another server gave may be older
than the previous one; there is nothing to ask for then.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from lrs.services import Services
from tests.conftest import KEY, SECRET

THROUGH = "X-Experience-API-Consistent-Through"
_WAIT = 0.03
_LAST_SECONDS = 90.0


def a_client(seconds: float) -> httpx.Client:
    """Return a client of all servers, which waits so long for a stopped process."""
    version = {"X-Experience-API-Version": "2.0.0"}
    return httpx.Client(auth=(KEY, SECRET), headers=version, timeout=seconds)


class Poller:
    """Asks over HTTP; ``seen`` counts ids."""

    def __init__(self, urls: Sequence[str], *, ascending: bool, limit: int) -> None:
        self.seen: Counter[str] = Counter()
        self.windows = 0
        self._urls, self._rng = urls, random.Random(limit)
        self._query = {"ascending": str(ascending).lower(), "limit": str(limit)}
        self._since = "1970-01-01T00:00:00.000000Z"
        self._http = a_client(1.0)

    def poll(self) -> str:
        """See one window; return up to when all has been seen."""
        until = self._ask("head", "/xapi/statements", {"limit": "1"}).headers[THROUGH]
        if until > self._since:
            found: list[str] = []
            window = {"since": self._since, "until": until}
            address, query = "/xapi/statements", {**window, **self._query}
            while address:
                answer = self._ask("get", address, query)
                assert answer.headers[THROUGH] >= until, "a page that may lack some"
                page = answer.json()
                found += [item["id"] for item in page["statements"]]
                address, query = page["more"], {}
            self.seen.update(found)  # a window that was cut off is asked for again
            self.windows += 1
            self._since = until
        return self._since

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _ask(self, method: str, address: str, query: dict[str, str]) -> httpx.Response:
        end = time.monotonic() + _LAST_SECONDS
        while True:
            url = self._rng.choice(self._urls) + address
            try:
                answer = self._http.request(method.upper(), url, params=query or None)
                if answer.status_code == 200:
                    return answer
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass  # killed, or stopped: another one is asked
            assert time.monotonic() < end, "no answer any more"
            time.sleep(0.1)


class FeedReader:
    """Follows the feed, as the enrichment does; ``seen`` counts ids."""

    def __init__(self, services: Services) -> None:
        self.seen: Counter[str] = Counter()
        self.windows = 0
        self._feed = services.feed
        self._after = 0

    def poll(self) -> str:
        """Read on; return up to when all has been read."""
        through = self._feed.consistent_through()
        assert through >= self._after, "consistent-through went back"
        last = self._after
        for batch in self._feed.read("default", self._after, through):
            for item in batch:
                assert last < item.stored <= through
                last = item.stored
            self.seen.update(item.statement_id for item in batch)
        self.windows += 1
        self._after = through
        return str(through)

    def close(self) -> None:
        """Do nothing: the services are the test's."""


@contextmanager
def polling(pollers: Sequence[Any]) -> Iterator[Callable[[], None]]:
    """Let each poll in a thread; the block calls what is yielded to end them."""
    stop, failures = threading.Event(), []

    def follow(poller: Any) -> None:
        try:
            while not stop.is_set():
                poller.poll()
                time.sleep(_WAIT)
        except BaseException as error:  # told at the end
            failures.append(error)

    threads = [threading.Thread(target=follow, args=(one,)) for one in pollers]
    for thread in threads:
        thread.start()

    def end() -> None:
        stop.set()
        for thread in threads:
            thread.join(_LAST_SECONDS + 30)
        if failures:
            raise failures[0]
        assert not any(thread.is_alive() for thread in threads)

    try:
        yield end
    finally:
        stop.set()
        for thread in threads:
            thread.join(_LAST_SECONDS + 30)
