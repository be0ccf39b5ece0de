"""The driving of connections: ask, wait, count, ask again; one thread and epoll.

In: connections, each with a source of requests. Out: a Stretch for each kind of
request, of what was answered between two moments. 12 to 14 microseconds a request, most
of them the kernel's, where the server answers at once.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.connection import Connection
from tests.bench.errors import BenchError
from tests.bench.sources import Source

_PATIENCE = 60  # seconds without any answer
_TOLD = 300  # characters of a refusal


@dataclass(slots=True)
class Stretch:
    """What happened to the requests of one kind between two moments.

    ``latencies`` are seconds, sorted; ``statements`` were sent in what was answered
    with 2xx; ``refused`` are other answers by status, with the first one's body;
    ``processor`` are the seconds that server, mongod and this generator worked;
    ``longest`` also knows what was still waited for at the end.
    """

    seconds: float
    latencies: list[float] = field(default_factory=list)
    statements: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    first_refusal: str = ""
    processor: dict[str, float] = field(default_factory=dict)
    longest: float = 0.0

    def percentile(self, share: float) -> float:
        """Return the latency (seconds) that this share of the requests did not pass."""
        count = len(self.latencies)
        if not count:
            return float("nan")
        return self.latencies[min(count - 1, int(share * count))]


@dataclass(slots=True)
class Line:
    """A connection, what it sends and as what that counts."""

    connection: Connection
    source: Source
    kind: str
    began: float = 0.0
    carried: int = 0

    def ask(self, poll: select.epoll) -> bool:
        """Send the next request; tell whether there was one."""
        request = self.source.next()
        if request is None:
            return False
        head, body, self.carried = request
        self.began = time.perf_counter()
        self.connection.send(head, body)
        if self.connection.sending:
            poll.modify(self.connection.fileno(), select.EPOLLIN | select.EPOLLOUT)
        return True


def drive(
    lines: Sequence[Line],
    begin: float,
    end: float,
    *,
    report: Callable[[int], None] | None = None,
    watch: Callable[[], dict[str, float]] = dict,
) -> dict[str, Stretch]:
    """Keep every line busy; count what is answered between two moments (seconds)."""
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    kinds = {line.kind: Stretch(end - begin) for line in lines}
    poll = select.epoll()
    by_descriptor: dict[int, Line] = {}
    clock = time.perf_counter
    start = clock()
    begin, end = start + begin, start + end

    try:
        for line in lines:
            by_descriptor[line.connection.fileno()] = line
            poll.register(line.connection.fileno(), select.EPOLLIN)
        busy = sum([line.ask(poll) for line in lines])
        while busy:
            events = poll.poll(_PATIENCE)
            if not events:
                raise BenchError(f"No answer for {_PATIENCE} seconds.")
            for descriptor, event in events:
                line = by_descriptor[descriptor]
                connection = line.connection
                if event & select.EPOLLOUT and connection.sending:
                    connection.push()
                    if not connection.sending:
                        poll.modify(descriptor, select.EPOLLIN)
                if not event & ~select.EPOLLOUT or not connection.receive():
                    continue
                now = clock()
                stretch = kinds[line.kind]
                if not 200 <= connection.status < 300:
                    status = connection.status
                    stretch.refused[status] = stretch.refused.get(status, 0) + 1
                    stretch.first_refusal = stretch.first_refusal or (
                        connection.body[:_TOLD].decode(errors="replace")
                    )
                    end = now  # the run has failed
                elif begin <= now < end:
                    before = before or watch()
                    stretch.latencies.append(now - line.began)
                    stretch.statements += line.carried
                elif now >= end:
                    after = after or watch()
                if now >= begin:
                    stretch.longest = max(stretch.longest, now - line.began)
                line.source.answered(connection.body)
                if report:
                    report(line.carried)
                if connection.reconnect_if_told():
                    del by_descriptor[descriptor]
                    by_descriptor[connection.fileno()] = line
                    poll.register(connection.fileno(), select.EPOLLIN)
                if now >= end or not line.ask(poll):
                    busy -= 1
    finally:
        poll.close()
        for line in lines:
            line.connection.close()
    for stretch in kinds.values():
        stretch.latencies.sort()
        stretch.processor = {
            name: after[name] - value for name, value in before.items() if after
        }
    return kinds
