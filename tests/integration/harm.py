"""Two servers that are hurt: the web workers stop and die while clients write.

Each is ``lrs serve`` of two workers (tests.integration.slowed) over one database. A
worker is stopped at any moment, or between stamping and commit for longer than its
lease, or killed; the server then starts another.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lrs.services import Services
from tests.conftest import ROOT, environment_of, free_port, wait_until_ready
from tests.integration.slowed import PLACES


@dataclass(frozen=True)
class Server:
    """A running ``lrs serve``."""

    url: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """Return the pids of the web workers."""
        pid = self.process.pid
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in found.split()]


@contextlib.contextmanager
def serving(services: Services, folder: Path, lease: float) -> Iterator[list[Server]]:
    """Run two servers of two workers each for the block."""
    with contextlib.ExitStack() as stack:
        servers = []
        for number in range(2):
            bound = replace(
                services.settings, bind=f"127.0.0.1:{free_port()}", workers=2
            )
            log = folder / f"serve-{number}.log"
            own = {"POLLING_FOLDER": str(folder), "POLLING_LEASE": str(lease)}
            out = stack.enter_context(log.open("ab"))
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.slowed", "serve"],
                env=environment_of(bound) | own,
                cwd=ROOT,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
            stack.callback(_end, process)
            servers.append(Server(f"http://{bound.bind}", process))
        for number, server in enumerate(servers):
            wait_until_ready(server.url, folder / f"serve-{number}.log", 90)
        yield servers


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGCONT)
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


class Harm:
    """What is done to the servers' workers meanwhile."""

    def __init__(
        self, servers: list[Server], folder: Path, lease: float, rng: random.Random
    ) -> None:
        self._servers, self._folder = servers, folder
        self._lease, self._rng = lease, rng
        self.stopped_in_transactions = self.stopped = self.killed = 0
        self.headers_passed = 0
        self._place = 0

    def do(self, services: Services, seconds: float) -> None:
        """Hurt them in turns until the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._stop_in_a_transaction(services)
            for _ in range(2):
                self._stop_one()
            self._kill_one()

    def _stop_in_a_transaction(self, services: Services) -> None:
        """Stop one between stamping and commit, for longer than its lease."""
        wish = self._folder / f"stop-{PLACES[self._place % len(PLACES)]}"
        self._place += 1
        wish.touch()
        end = time.monotonic() + 30
        while not (found := list(self._folder.glob("stopped-*"))):
            assert time.monotonic() < end, "nobody writes any more"
            time.sleep(0.01)
        stopped = json.loads(found[0].read_text())
        found[0].unlink()
        self._hold(services, stopped)

    def _hold(self, services: Services, stopped: dict[str, int]) -> None:
        began = time.monotonic()
        passed = False
        while time.monotonic() < began + 1.5 * self._lease + 0.5:
            passed = services.timeline.consistent_through() >= stopped["stamp"]
            if passed:
                self.headers_passed += 1
                time.sleep(0.3)  # what is stored now lies behind the pollers
                break
            time.sleep(0.05)
        self.stopped_in_transactions += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(stopped["pid"], signal.SIGCONT)

    def _stop_one(self) -> None:
        pid = self._any()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self._rng.choice((0.05, 0.2, 0.2, 1.2 * self._lease)))
            os.kill(pid, signal.SIGCONT)
            self.stopped += 1
        time.sleep(self._rng.uniform(0, 0.2))

    def _kill_one(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._any(), signal.SIGKILL)
            self.killed += 1
        time.sleep(self._rng.uniform(0.1, 0.6))

    def _any(self) -> int:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if pids := self._rng.choice(self._servers).workers():
                return self._rng.choice(pids)
            time.sleep(0.05)
        raise AssertionError("no workers")

    def heal(self) -> None:
        """Let all go on."""
        for place in PLACES:
            (self._folder / f"stop-{place}").unlink(missing_ok=True)
        for server in self._servers:
            for pid in server.workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
