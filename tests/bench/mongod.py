"""A MongoDB of its own for each contender: fresh, one member, the same cache.

In: a folder. Out: a running mongod of the embedded extra (or of the PATH) with the
options of the product's embedded one, apart from the sizes; it ends with the block, or
with this process however that ends.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrs.processes import ends_with
from lrs.store.embedded_keeper import free_port
from lrs.store.embedded_mongod import find_mongod, stop
from lrs.store.embedded_replica import become_primary
from tests.bench.errors import BenchError

_READY_SECONDS = 120
_OPLOG_MEGABYTES = 2048


@dataclass(frozen=True, slots=True)
class Mongod:
    """A running server: its address, its process and where its data lies."""

    uri: str
    pid: int
    folder: Path

    def data_bytes(self) -> int:
        """Return what its data files take on disk, without journal and oplog."""
        return sum(
            path.stat().st_size for path in self.folder.glob("db/**/*.wt")
        )  # --directoryperdb and --wiredTigerDirectoryForIndexes are not used


@contextmanager
def mongod(folder: Path, *, cache_gb: float) -> Iterator[Mongod]:
    """Run a fresh mongod in this folder; raises BenchError where it does not start."""
    (folder / "db").mkdir(parents=True)
    port = free_port(0)
    log = folder / "mongod.log"
    command = [
        *(str(find_mongod(folder)), "--port", str(port), "--bind_ip", "127.0.0.1"),
        *("--nounixsocket", "--replSet", "rs0", "--quiet"),
        *("--oplogSize", str(_OPLOG_MEGABYTES)),
        *("--dbpath", str(folder / "db"), "--logpath", str(log)),
        *("--wiredTigerCacheSizeGB", str(cache_gb)),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--slowOpSampleRate", "0"),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C is for us: it must outlive the servers
        preexec_fn=ends_with(os.getpid()),
    )
    try:
        if not become_primary(
            port, process.pid, lambda: process.poll() is None, _READY_SECONDS
        ):
            raise BenchError(f"mongod did not start; its log is {log}.")
        uri = f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        yield Mongod(uri, process.pid, folder)
    finally:
        stop(process)
