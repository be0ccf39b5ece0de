"""What the pollers watch: writers that quarrel, and servers that are hurt meanwhile.

``rounds`` runs the whole of it: two ``lrs serve`` of two workers over one database
(tests.integration.harm), eight writers, pollers over HTTP and one over the feed. Then
every acknowledged Statement was seen exactly once, none twice, and none that was
refused.

TEST_POLLING_SECONDS and TEST_POLLING_LEASE make a long run of the test.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lrs.services import Services
from tests.builders import a_statement, a_void
from tests.integration.harm import Harm, serving
from tests.integration.polling import FeedReader, Poller, a_client, polling

Batch = list[dict[str, Any]]
_WRITERS = 8


@dataclass
class Written:
    """What became of the writers' batches."""

    acknowledged: list[Batch] = field(default_factory=list)
    refused: list[Batch] = field(default_factory=list)
    unknown: list[Batch] = field(default_factory=list)  # no answer, or 503
    voided: set[str] = field(default_factory=set)  # perhaps: nobody waits for these

    def note(self, batch: Batch, status: int | None) -> None:
        """Take in an answer; None where none came."""
        if status in (200, 204):
            self.acknowledged.append(batch)
        elif status in (400, 409):
            self.refused.append(batch)
        else:
            assert status in (None, 503), status
            self.unknown.append(batch)


@dataclass(frozen=True)
class Figures:
    """What a run was; counts."""

    acknowledged: int
    refused: int
    unknown: int
    windows: list[int]
    stopped_in_transactions: int
    stopped: int
    killed: int
    headers_passed: int


def rounds(
    services: Services, folder: Path, *, seconds: float, lease: float, seed: int = 0
) -> Figures:
    """Run it all for so long; raises AssertionError where a poller was misled."""
    rng, written = random.Random(seed), Written()
    with serving(services, folder, lease) as servers, contextlib.ExitStack() as stack:
        urls = [server.url for server in servers]
        pollers: list[Poller | FeedReader] = [
            Poller(urls, ascending=True, limit=200),
            Poller(urls, ascending=False, limit=70),
            FeedReader(services),
        ]
        for poller in pollers:
            stack.callback(poller.close)
        with polling(pollers) as end_polling:
            harm = Harm(servers, folder, lease, rng)
            with writing(urls, written):
                harm.do(services, seconds)
            harm.heal()
            end_polling()
        see_the_rest(services, pollers)
    check(written, pollers)
    return Figures(
        acknowledged=sum(len(batch) for batch in written.acknowledged),
        refused=sum(len(batch) for batch in written.refused),
        unknown=sum(len(batch) for batch in written.unknown),
        windows=[poller.windows for poller in pollers],
        stopped_in_transactions=harm.stopped_in_transactions,
        stopped=harm.stopped,
        killed=harm.killed,
        headers_passed=harm.headers_passed,
    )


def see_the_rest(services: Services, pollers: Sequence[Poller | FeedReader]) -> None:
    """Poll until all that was written before is passed."""
    latest = services.timeline.transact(lambda _, stamp: stamp)
    end = time.monotonic() + 60
    while services.timeline.consistent_through() < latest:
        assert time.monotonic() < end, "consistent-through stands still"
        time.sleep(0.05)
    for _ in range(3):  # each server's header is a fresh one by then
        for poller in pollers:
            poller.poll()
        time.sleep(0.3)


def check(written: Written, pollers: Sequence[Poller | FeedReader]) -> None:
    """Hold what was seen against what was answered."""
    wanted = {item["id"] for batch in written.acknowledged for item in batch}
    never = {item["id"] for batch in written.refused for item in batch} - wanted
    for poller in pollers:
        seen = poller.seen
        hidden = set() if isinstance(poller, FeedReader) else written.voided
        twice = [name for name, times in seen.items() if times > 1]
        assert not twice, f"{len(twice)} seen twice"
        missed = wanted - hidden - seen.keys()
        assert not missed, f"{len(missed)} of {len(wanted)} missed"
        assert never.isdisjoint(seen), "refused, and seen"
        for batch in written.unknown:
            names = {item["id"] for item in batch} - hidden
            assert len({name in seen for name in names}) < 2, "half a batch"


@contextlib.contextmanager
def writing(urls: list[str], written: Written) -> Iterator[None]:
    """Let eight clients write while the block runs."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def write(number: int) -> None:
        rng = random.Random(number)
        try:
            with a_client(20) as http:
                while not stop.is_set():
                    turn(rng, http, urls, written)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=write, args=(number,)) for number in range(_WRITERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)
    if failures:
        raise failures[0]
    assert not any(thread.is_alive() for thread in threads)


def turn(
    rng: random.Random, http: httpx.Client, urls: list[str], written: Written
) -> None:
    """Write one batch: a usual one, a large one, or one that asks for trouble."""
    size = rng.choice((1, 1, 3, 10, 40, 300))
    batch = [a_statement() for _ in range(size)]
    known = written.acknowledged[-50:]
    kind = rng.random()
    if kind < 0.06 and known:  # conflicts: another Statement stands under this id
        taken = rng.choice(rng.choice(known))["id"]
        batch[rng.randrange(size)] = {
            **a_statement(activity="http://o.example"),
            "id": taken,
        }
        status = post(http, rng.choice(urls), batch)
        if status in (400, 409, None, 503):
            rest = [item for item in batch if item["id"] != taken]
            written.note(rest, status)
        else:
            raise AssertionError(f"a conflict was answered {status}")
    elif kind < 0.10:  # the same id twice
        post_refused(http, rng.choice(urls), [*batch, batch[0]], written)
    elif kind < 0.14:  # one is no Statement
        post_refused(http, rng.choice(urls), [*batch, {"id": "no"}], written)
    elif kind < 0.20:  # gone before the answer
        hang_up(rng.choice(urls), batch, rng)
        written.note(batch, None)
    elif kind < 0.28 and known:  # a repeat
        again = rng.choice(known)
        status = post(http, rng.choice(urls), again)
        assert status in (200, 503, None), status
    elif kind < 0.36:
        race(rng, http, urls, written, batch)
    else:
        written.note(batch, post(http, rng.choice(urls), batch))


def race(
    rng: random.Random,
    http: httpx.Client,
    urls: list[str],
    written: Written,
    batch: Batch,
) -> None:
    """Store and void at the same moment, twice; at any of the servers."""
    target = batch[0]["id"]
    written.voided.add(target)
    voids = [[a_void(target)], [a_statement(), a_void(target)]]
    urls_of = [rng.choice(urls) for _ in voids]

    def void(at: int) -> None:
        with a_client(20) as other:
            written.note(voids[at], post(other, urls_of[at], voids[at]))

    threads = [threading.Thread(target=void, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    written.note(batch, post(http, rng.choice(urls), batch))
    for thread in threads:
        thread.join(120)


def post(http: httpx.Client, url: str, batch: Batch) -> int | None:
    """Return the status, None where no answer came."""
    try:
        return http.post(f"{url}/xapi/statements", json=batch).status_code
    except httpx.TransportError:
        time.sleep(0.1)
        return None


def post_refused(http: httpx.Client, url: str, batch: Batch, written: Written) -> None:
    """Post what must be refused."""
    status = post(http, url, batch)
    assert status in (400, 503, None), status
    written.refused.append([item for item in batch if item["id"] != "no"])


def hang_up(url: str, batch: Batch, rng: random.Random) -> None:
    """Send a request and hang up before it is answered."""
    timeout = httpx.Timeout(20, read=rng.choice((0.001, 0.01, 0.05)))
    with a_client(20) as http, contextlib.suppress(httpx.TransportError):
        http.post(f"{url}/xapi/statements", json=batch, timeout=timeout)
