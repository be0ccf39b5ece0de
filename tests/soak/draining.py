"""Servers are stopped, restarted and reloaded under load: no request fails.

Two servers stand over one database, as behind a load balancer. Clients of both keep
their connections, make new ones, or take their time between two requests; where one
server has gone they go to the other. What a server has taken it answers.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lrs.services import Services
from tests.conftest import free_port
from tests.soak.judgement import Figures
from tests.soak.load import under_load
from tests.soak.server import Server


@contextlib.contextmanager
def serving(services: Services, folder: Path, number: int) -> Iterator[list[Server]]:
    """Run so many servers with two workers each for the block."""
    made = [
        Server(
            replace(services.settings, bind=f"127.0.0.1:{free_port()}", workers=2),
            folder / f"serve-{name}.log",
        )
        for name in range(number)
    ]
    try:
        for server in made:
            server.start()
        yield made
    finally:
        for server in made:
            server.end()


def drain(
    servers: Sequence[Server], rounds: int, say: Callable[[str], None]
) -> Figures:
    """Stop and start one server, let the other replace its workers, and in turn.

    All that under load; then the answers are judged.
    """
    took = []
    with under_load([server.url for server in servers], pause=0.01) as load:
        for turn in range(rounds):
            stopped, reloaded = servers if turn % 2 == 0 else servers[::-1]
            load.goes_on()
            took.append(stopped.stop())
            load.goes_on()
            stopped.start()
            load.goes_on()
            _reload(reloaded)
            say(f"round {turn + 1} of {rounds}: drained in {took[-1]:.1f} s")
        load.goes_on()
    say(f"{rounds} restarts and reloads, in at most {max(took):.1f} s; {load.figures}")
    return load.figures


def _reload(server: Server) -> None:
    before = set(server.children)
    server.tell(signal.SIGHUP)
    end = time.monotonic() + 60
    while before & set(server.children) or len(server.children) < len(before):
        assert time.monotonic() < end, "the old workers stay"
        time.sleep(0.05)
