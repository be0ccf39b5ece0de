"""``lrs serve`` and ``lrs worker`` as a supervisor runs them: ended, started again.

In: settings and a log file. Out: a process that can be told to stop, killed, and
started anew over the same settings, as systemd or Kubernetes do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from config.settings import Settings
from lrs.processes import ends_with
from tests.conftest import ROOT, environment_of


class Program:
    """One command of ours; at most one process of it runs."""

    def __init__(self, settings: Settings, log: Path, *command: str) -> None:
        self.settings = settings
        self.log = log
        self._command = [sys.executable, "-m", "lrs", *command]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def children(self) -> list[int]:
        """The processes that it has made, oldest first."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return sorted(int(child) for child in found.read_text().split())

    def start(self) -> None:
        environment = environment_of(self.settings) | {"LRS_ENRICH_SECONDS": "1"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                preexec_fn=ends_with(os.getpid()),
            )

    def tell(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        """Wait for its end; return its exit status."""
        assert self._process
        return self._process.wait(seconds)

    def stop(self, seconds: float = 45) -> float:
        """Tell it to end in order; return the seconds that took."""
        began = time.monotonic()
        self.tell(signal.SIGTERM)
        assert self.wait(seconds) == 0, self.log.read_text()[-2000:]
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill it, and none of those that it has made."""
        self.tell(signal.SIGKILL)
        self.wait(10)

    def end(self) -> None:
        """Kill it with all that it has made, where it runs."""
        if not self.runs:
            return
        for pid in (self.pid, *self.children):
            os.kill(pid, signal.SIGKILL)
        self.wait(10)


class Server(Program):
    """``lrs serve`` at an address."""

    def __init__(self, settings: Settings, log: Path) -> None:
        super().__init__(settings, log, "serve")
        self.url = f"http://{settings.bind}"

    def start(self) -> None:
        """Start it and wait until it answers.

        Where its address is still held by what a killed one has left it ends at once,
        and is started again, as every supervisor does.
        """
        super().start()
        end = time.monotonic() + 90
        while not self._answers():
            assert time.monotonic() < end, self.log.read_text()[-2000:]
            if not self.runs:
                super().start()
            time.sleep(0.1)

    def _answers(self) -> bool:
        if not self.runs or len(self.children) < self.settings.workers:
            return False
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=10).is_success
        except httpx.TransportError:
            return False
