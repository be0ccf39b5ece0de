"""A mongod of one test's own: started, killed, frozen and started again on its data.

A replica set of one member, as transactions need it, unless it shall stand alone. Its
environment can be given: a library that shifts its clock, say.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lrs.store.embedded import find_mongod
from lrs.store.embedded_replica import become_primary
from tests.conftest import free_port

_SECONDS = 120.0


class OwnMongod:
    """One mongod on a port of its own, which it keeps when it is started again."""

    def __init__(
        self,
        folder: Path,
        *,
        replica_set: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.folder = folder
        self._replica_set = replica_set
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def uri(self) -> str:
        name = "?replicaSet=rs0" if self._replica_set else ""
        return f"mongodb://127.0.0.1:{self.port}/{name}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process
        return self._process

    def start(self) -> None:
        """Start it; returns when it takes writes."""
        command = [
            *(str(find_mongod(self.folder)), "--port", str(self.port)),
            *("--bind_ip", "127.0.0.1", "--dbpath", str(self.folder)),
            *("--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", "0.5"),
            *("--oplogSize", "64", "--logpath", str(self.folder / "mongod.log")),
            *("--logappend", "--setParameter", "diagnosticDataCollectionEnabled=false"),
            *(("--replSet", "rs0") if self._replica_set else ()),
        ]
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL
        )
        process = self._process
        assert become_primary(
            self.port, process.pid, lambda: process.poll() is None, _SECONDS
        )

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self.process.kill()
        self.process.wait(30)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End it, whatever state it is in."""
        if self._process and self._process.poll() is None:
            self.thaw()
            self.kill()
