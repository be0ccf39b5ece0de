"""A server's whole load: writers, a poller and a reader, judged when it is over.

In: the servers' addresses. Out: ``Load``; AssertionError at the end of the block with
the first thing that must not be.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.soak.judgement import Figures, judge
from tests.soak.polling import Poller, Reader
from tests.soak.traffic import Client, Traffic, writing

_LONGEST = 180.0  # seconds that a thread may still wait for its answers


class Load:
    """What is under way; ``figures`` and ``refused_reads`` when it is over."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.figures: Figures
        self.refused_reads = 0

    def goes_on(self) -> None:
        """Wait until every writer is answered well from here on."""
        self.traffic.wait(time.monotonic())


@contextmanager
def under_load(
    addresses: Sequence[str], *, pause: float = 0.02, broken: bool = False
) -> Iterator[Load]:
    """Load the servers for the block, and judge what became of it.

    ``broken``: connections may break, since servers are killed.
    """
    with ExitStack() as stack:
        polling, reading, judging = (
            stack.enter_context(Client(addresses, at)) for at in range(3)
        )
        poller = Poller(polling, broken=broken)
        with writing(addresses, pause=pause) as traffic:
            load = Load(traffic)
            reader = Reader(reading, traffic, broken=broken)
            with _turning(poller.turn, 0.2), _turning(reader.turn, 0.03):
                yield load
        load.figures = judge(judging, traffic, broken=broken)
        load.refused_reads = poller.refused
        poller.finish(traffic)
        assert not reader.faults, reader.faults[:3]


@contextmanager
def _turning(act: Callable[[], object], pause: float) -> Iterator[None]:
    """Act again and again beside the block."""
    stop, failed = threading.Event(), []

    def turn() -> None:
        try:
            while not stop.wait(pause):
                act()
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_LONGEST)
    assert not thread.is_alive(), "a read hangs"
    if failed:
        raise failed[0]
