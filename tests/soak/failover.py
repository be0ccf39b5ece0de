"""A replica set loses members while clients write and read: nothing acknowledged goes.

Each fault is done to a house of three mongods and ``lrs serve`` with two workers, and
mended again; then everything that was answered is held against what is there. Requests
come back: a member that answers nothing must not hold them for longer than a client
waits, and writes go on by themselves once another primary is elected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from config import settings as configuration
from lrs.access import Scope
from lrs.services import opened
from tests.conftest import KEY, SECRET, free_port
from tests.soak.judgement import Figures
from tests.soak.load import under_load
from tests.soak.replica_set import Member, ReplicaSet, Terms, replica_set
from tests.soak.server import Server

_DATABASE = "soak"
_ALONE = 1.0  # seconds: more than a write takes, less than an election


@dataclass(frozen=True)
class House:
    """A replica set, and the address of a server over it."""

    mongodb: ReplicaSet
    url: str


@contextmanager
def house(folder: Path, terms: Terms, **given: str) -> Iterator[House]:
    """Run MongoDB and the web server, with these settings, for the block."""
    with replica_set(folder / "mongodb", terms) as mongodb:
        settings = configuration.load(
            {
                "LRS_MONGODB_URI": mongodb.uri,
                "LRS_DATABASE": _DATABASE,
                "LRS_DATA_DIR": str(folder / "data"),
                "LRS_SECRET_KEY": "a key for tests",
                "LRS_BIND": f"127.0.0.1:{free_port()}",
            }
            | given
        )
        with opened(settings) as services:
            services.credentials.add("default", [Scope.ALL], key=KEY, secret=SECRET)
        server = Server(replace(settings, workers=2), folder / "serve.log")
        try:
            server.start()
            yield House(mongodb, server.url)
            server.stop()
        finally:
            server.end()


def primary_killed(mongodb: ReplicaSet, goes_on: Callable[[], None]) -> None:
    """Kill the primary, and start it again when writes go on without it."""
    victim = mongodb.primary
    victim.kill()
    goes_on()
    victim.start()


def primary_frozen(mongodb: ReplicaSet, goes_on: Callable[[], None]) -> None:
    """Stop the primary until another takes writes; it wakes up as one of the past."""
    with _frozen(mongodb.primary):
        goes_on()


def primary_cut_off_and_killed(
    mongodb: ReplicaSet, goes_on: Callable[[], None]
) -> None:
    """Kill a primary that took writes which no other member has any more."""
    victim = mongodb.primary
    with _cut_off(mongodb):
        victim.kill()
    goes_on()
    victim.start()


def primary_cut_off_and_frozen(
    mongodb: ReplicaSet, goes_on: Callable[[], None]
) -> None:
    """Stop such a primary until another is elected: it wakes up and must undo them."""
    victim = mongodb.primary
    with _cut_off(mongodb):
        victim.freeze()
    try:
        while mongodb.primary is victim:
            time.sleep(0.1)
    finally:
        victim.thaw()
    goes_on()


def primary_steps_down(mongodb: ReplicaSet, goes_on: Callable[[], None]) -> None:
    """Let the primary hand over, as maintenance does."""
    mongodb.step_down()
    goes_on()


def secondary_killed(mongodb: ReplicaSet, goes_on: Callable[[], None]) -> None:
    """Kill one that follows: nobody should notice."""
    victim = mongodb.secondaries[0]
    victim.kill()
    goes_on()
    victim.start()


def secondary_frozen(mongodb: ReplicaSet, goes_on: Callable[[], None]) -> None:
    """Stop one that follows for longer than an election would take."""
    with _frozen(mongodb.secondaries[0]):
        time.sleep(mongodb.terms.election + 2)
        goes_on()


@contextmanager
def _cut_off(mongodb: ReplicaSet) -> Iterator[None]:
    """Let the primary be alone with its writes for a moment, and through the block.

    The others are killed: frozen, they would find what it wrote in their sockets.
    """
    others = mongodb.secondaries
    for member in others:
        member.kill()
    time.sleep(_ALONE)
    yield
    for member in others:
        member.start()


@contextmanager
def _frozen(member: Member) -> Iterator[None]:
    member.freeze()
    try:
        yield
    finally:
        member.thaw()


Fault = Callable[[ReplicaSet, Callable[[], None]], None]
FAULTS: dict[str, Fault] = {
    "primary killed": primary_killed,
    "primary frozen": primary_frozen,
    "primary cut off and killed": primary_cut_off_and_killed,
    "primary cut off and frozen": primary_cut_off_and_frozen,
    "primary steps down": primary_steps_down,
    "secondary killed": secondary_killed,
    "secondary frozen": secondary_frozen,
}


def suffer(
    found: House, faults: Sequence[str], say: Callable[[str], None]
) -> tuple[dict[str, float], Figures]:
    """Go through the faults under load, mended one by one; then judge all of it.

    Returns the longest standstill of all writers in each, in seconds.
    """
    standstills: dict[str, float] = {}
    with under_load([found.url]) as load:
        load.goes_on()
        for name in faults:
            began = time.monotonic()
            FAULTS[name](found.mongodb, load.goes_on)
            found.mongodb.wait_until_whole()
            load.goes_on()
            standstill = load.traffic.standstill(began)
            say(f"{name}: nothing was stored for {standstill:.1f} s")
            standstills[name] = max(standstill, standstills.get(name, 0))
    hashes = found.mongodb.hashes(_DATABASE, "statements")
    assert len(set(hashes)) == 1, "the members differ"
    undone = sum(member.rollbacks for member in found.mongodb.members)
    refused = f"{load.refused_reads} reads refused with 503"
    say(f"{load.figures}; {refused}; {undone} rollback files")
    return standstills, load.figures
