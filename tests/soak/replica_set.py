"""A replica set of three real mongods on loopback, whose members can be hurt.

In: a folder, and the terms on which the members elect another primary. Out: the
address for a client, and the members, each of which can be killed, frozen and mended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, PyMongoError

from lrs.processes import ends_with
from lrs.store.embedded_mongod import find_mongod
from tests.conftest import free_port

_NAME = "soak"


@dataclass(frozen=True)
class Terms:
    """How a set is configured: its settings, and parameters of each mongod."""

    settings: Mapping[str, int] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()

    @property
    def election(self) -> float:
        """Seconds without a primary until the others elect one."""
        return self.settings.get("electionTimeoutMillis", 10_000) / 1000


OUT_OF_THE_BOX = Terms()
# A primary that is killed is missed at once. One that is frozen is waited for: until
# nobody has heard of it (election), until the next one need not ask it for what it has
# (heartbeat, catch-up: what a majority has is never among it), until the third lets go
# of it as the source of its copy (buffer). With the defaults that takes 35 seconds.
RECOMMENDED = Terms(
    {
        "electionTimeoutMillis": 5000,
        "heartbeatTimeoutSecs": 3,
        "catchUpTimeoutMillis": 2000,
    },
    ("oplogNetworkTimeoutBufferSeconds=2",),
)


class Member:
    """One mongod of the set: a process over a folder and a port that stay."""

    def __init__(self, binary: Path, folder: Path, parameters: Sequence[str]) -> None:
        self.port = free_port()
        self._folder = folder
        (folder / "db").mkdir(parents=True)
        self._command = [
            *(str(binary), "--port", str(self.port), "--bind_ip", "127.0.0.1"),
            *("--nounixsocket", "--replSet", _NAME, "--oplogSize", "128"),
            *("--dbpath", str(folder / "db"), "--wiredTigerCacheSizeGB", "0.25"),
            *("--logpath", str(folder / "log"), "--logappend", "--quiet"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--slowOpSampleRate", "0"),
            *(word for one in parameters for word in ("--setParameter", one)),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """The end of what it wrote to its log."""
        return (self._folder / "log").read_text(errors="replace")[-3000:]

    @property
    def rollbacks(self) -> int:
        """How many collections it took something out of that no majority had."""
        return len(list((self._folder / "db" / "rollback").glob("*/*.bson")))

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=ends_with(os.getpid()),
        )

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait(20)

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def connect(self) -> MongoClient[dict[str, Any]]:
        """Return a client of this member alone, primary or not."""
        return MongoClient(
            self.host, directConnection=True, serverSelectionTimeoutMS=2000
        )


class ReplicaSet:
    """Three members; ``primary`` and ``secondaries`` are whoever is that now."""

    def __init__(self, folder: Path, terms: Terms) -> None:
        binary = find_mongod(folder)
        self.terms = terms
        self.members = [
            Member(binary, folder / f"m{at}", terms.parameters) for at in range(3)
        ]
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            self.uri,
            serverSelectionTimeoutMS=60_000,
            heartbeatFrequencyMS=1000,
            connectTimeoutMS=1000,
            socketTimeoutMS=1000,
        )

    @property
    def uri(self) -> str:
        hosts = ",".join(member.host for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={_NAME}"

    def initiate(self) -> None:
        """Make them a set and wait until all of them are in their places."""
        config = {
            "_id": _NAME,
            "members": [
                {"_id": at, "host": member.host}
                for at, member in enumerate(self.members)
            ],
            "settings": dict(self.terms.settings),
        }

        def initiated() -> bool:
            with self.members[0].connect() as client:
                client.admin.command("replSetInitiate", config)
            return True

        _until(initiated, 60, "the mongods did not start")
        self.wait_until_whole()

    @property
    def primary(self) -> Member:
        """The member that takes writes; waits for an election."""
        host = ""

        def found() -> bool:
            nonlocal host
            host = self._client.admin.command("hello")["me"]
            return True

        _until(found, 60, "no primary was elected")
        return next(member for member in self.members if member.host == host)

    @property
    def secondaries(self) -> list[Member]:
        primary = self.primary
        return [member for member in self.members if member is not primary]

    def step_down(self) -> None:
        """Let the primary hand over to another member, as maintenance does."""
        # Sent without a second try: the next primary need not step down as well.
        with self.primary.connect() as client, contextlib.suppress(AutoReconnect):
            client.admin.command({"replSetStepDown": 20})

    def wait_until_whole(self, seconds: float = 90) -> None:
        """Wait until one is primary and the others follow it without a lag."""

        def whole() -> bool:
            status = self._client.admin.command("replSetGetStatus")
            members = status["members"]
            states = sorted(member["stateStr"] for member in members)
            times = [member["optimeDate"] for member in members]
            lag = (max(times) - min(times)).total_seconds()
            return states == ["PRIMARY", "SECONDARY", "SECONDARY"] and lag <= 2

        _until(whole, seconds, "the replica set did not become whole")

    def hashes(self, database: str, collection: str) -> list[str]:
        """Return each member's hash over a collection at rest."""
        found = []
        for member in self.members:
            with member.connect() as client:
                answer = client[database].command("dbHash", collections=[collection])
                found.append(answer["collections"][collection])
        return found

    def end(self) -> None:
        self._client.close()
        for member in self.members:
            member.kill()


@contextlib.contextmanager
def replica_set(folder: Path, terms: Terms) -> Iterator[ReplicaSet]:
    """Run a set of three for the block; its processes end with it."""
    made = ReplicaSet(folder, terms)
    try:
        made.initiate()
        yield made
    finally:
        made.end()


def _until(found: Callable[[], bool], seconds: float, failure: str) -> None:
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            if found():
                return
        except PyMongoError as error:
            last = f": {error}"
        time.sleep(0.1)
    raise AssertionError(f"{failure}{last}")
