"""A process that records Statements beside others: in bursts, or at the same moment.

Started as a Peer (tests.integration.peer). The clock of ``at`` is time.monotonic(), one
for all processes of a machine.
"""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import replace
from typing import Any

from config import settings as configuration
from config.settings import Settings
from lrs import services
from lrs.errors import LrsError
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.builders import a_statement
from tests.integration.peer import LEASE, WRITER, Other, Peer, serve

Statement = dict[str, Any]
_AHEAD = 0.3  # seconds in which every process has read what it shall do


class Recorders:
    """Several such processes, and what they do at the same moment."""

    def __init__(self, settings: Settings, count: int) -> None:
        self.peers = [Peer(settings, LEASE, "recorder") for _ in range(count)]
        for peer in self.peers:  # started, registered and warm
            peer.ask("record", tenant="warm", batch=[a_statement()])

    def together(
        self, tenant: str, rounds: list[list[list[Statement]]], every: float = 0.03
    ) -> list[list[Any]]:
        """Give each process its batch of a round at one moment; return the answers.

        An answer is a round's list of "done", or the problem's type, of each process.
        """
        mine = [list(batches) for batches in zip(*rounds, strict=True)]
        return self.each([tenant] * len(mine), mine, every)

    def each(
        self,
        tenants: list[str],
        batches: list[list[list[Statement]]],
        every: float = 0.03,
    ) -> list[list[Any]]:
        """Give each process a tenant and the batches of all its rounds."""
        at = time.monotonic() + _AHEAD
        for peer, tenant, mine in zip(self.peers, tenants, batches, strict=True):
            peer.tell("rounds", tenant=tenant, batches=mine, at=at, every=every)
        heard = [peer.hear(120) for peer in self.peers]
        return [list(answers) for answers in zip(*heard, strict=True)]

    def end(self) -> None:
        for peer in self.peers:
            peer.end()


class Recorder(Other):
    """The process itself."""

    def __init__(self, uri: str, database: str, lease: float) -> None:
        super().__init__(uri, database, lease)
        environment = {"LRS_MONGODB_URI": uri, "LRS_DATABASE": database}
        self.services = services.build(configuration.load(environment))
        self.timeline = self.services.timeline

    def record(self, tenant: str, batch: list[Statement]) -> str:
        received, _ = text.split(json.dumps(batch).encode())
        try:
            self.services.recording.record(
                replace(WRITER, tenant=tenant), received, Version.V1_0_3
            )
        except LrsError as error:
            return error.type
        return "done"

    def rounds(
        self, tenant: str, batches: list[list[Statement]], at: float, every: float
    ) -> list[str]:
        """Record a batch at each moment; one that comes late is recorded at once."""
        answers = []
        for number, batch in enumerate(batches):
            left = at + number * every - time.monotonic()
            if left > 0:
                time.sleep(left)
            answers.append(self.record(tenant, batch))
        return answers

    def burst(
        self, tenants: list[str], seconds: float, threads: int, seed: int
    ) -> list[tuple[str, list[str]]]:
        """Record singles and batches from several threads; answer what, in order."""
        recorded: list[tuple[str, list[str]]] = []
        end = time.monotonic() + seconds

        def write(number: int) -> None:
            rng = random.Random(f"{seed}:{number}")
            while time.monotonic() < end:
                tenant = rng.choice(tenants)
                batch = [a_statement() for _ in range(rng.choice((1, 1, 10, 150)))]
                assert self.record(tenant, batch) == "done"
                recorded.append((tenant, [item["id"] for item in batch]))

        running = [
            threading.Thread(target=write, args=(number,)) for number in range(threads)
        ]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return recorded


if __name__ == "__main__":
    serve(Recorder)
