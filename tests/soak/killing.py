"""kill -9 of anything of ours, at any moment, under load; a supervisor starts it again.

One server and one ``lrs worker`` stand over a database. Each round kills once each of
what there is, in an order of chance. Afterwards the acknowledged is there once, and
the tables of the enrichment are what a rebuild makes (the caller checks that).
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lrs.services import Services
from tests.conftest import free_port
from tests.soak.judgement import Figures
from tests.soak.load import under_load
from tests.soak.server import Program, Server


@dataclass(frozen=True)
class Victims:
    """What can be killed."""

    server: Server
    worker: Program


def a_web_worker(victims: Victims, rng: random.Random) -> None:
    """Kill one that answers requests; its arbiter makes another."""
    os.kill(rng.choice(victims.server.children), signal.SIGKILL)


def the_arbiter(victims: Victims, rng: random.Random) -> None:
    """Kill the one that holds the others, which then end by themselves."""
    victims.server.kill()
    victims.server.start()


def the_whole_server(victims: Victims, rng: random.Random) -> None:
    """Kill all of the web server at once."""
    victims.server.end()
    time.sleep(rng.uniform(0, 0.3))
    victims.server.start()


def the_background_worker(victims: Victims, rng: random.Random) -> None:
    """Kill ``lrs worker``; its lease goes on for a while."""
    victims.worker.kill()
    victims.worker.start()


KINDS = (a_web_worker, the_arbiter, the_whole_server, the_background_worker)


def kill_at_random(
    services: Services, folder: Path, rounds: int, say: Callable[[str], None]
) -> Figures:
    """Go through so many rounds under load; then judge the answers."""
    settings = replace(services.settings, bind=f"127.0.0.1:{free_port()}", workers=2)
    victims = Victims(
        Server(settings, folder / "serve.log"),
        Program(settings, folder / "worker.log", "worker"),
    )
    rng = random.Random(rounds)
    try:
        victims.server.start()
        victims.worker.start()
        with under_load([victims.server.url], broken=True) as load:
            for turn in range(rounds):
                for kill in rng.sample(KINDS, len(KINDS)):
                    load.goes_on()
                    time.sleep(rng.uniform(0, 0.5))
                    kill(victims, rng)
                say(f"round {turn + 1} of {rounds}")
            load.goes_on()
    finally:
        victims.server.end()
        victims.worker.end()
    broken = sum(answer.status is None for answer in load.traffic.answers)
    say(f"{rounds * len(KINDS)} kills; {load.figures}; {broken} broke off")
    assert broken
    return load.figures
