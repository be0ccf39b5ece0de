"""What a system's module implements, and how a ``[source]`` finds it.

A module has ``connector_of(setup) -> Connector``, which reads the keys of its
``[source]`` and opens nothing. The frame (``source``) opens the session, asks for
``full`` or ``delta``, writes the records they yield into a file of its own, and hands
that to the engine. A connector holds only what the interface demands: addresses, pages,
windows, joins. What a field means stands in the mapping.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from analytics.workforce.connectors import MODULES
from analytics.workforce.connectors.login import Login, login_of
from analytics.workforce.connectors.reach import REACH_KEYS, Reach, reach_of
from analytics.workforce.connectors.session import Session
from analytics.workforce.connectors.shelf import Shelf
from analytics.workforce.sources.secrets import Secrets, secrets_of
from analytics.workforce.sources.source_table import SourceTable
from lrs.errors import LrsError

Record = dict[str, Any]  # as JSON has it: nested, and mapped by its paths
_LOGIN = "login"


class Stale(Exception):
    """A delta cannot be told from this cursor: take everybody. ``why`` says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Fetch:
    """One fetch under way.

    ``session`` asks, ``shelf`` keeps what must be joined, off memory. The connector
    sets ``cursor``, from which the next delta begins, before it ends, and says by
    ``remark`` what somebody should know; no values in it. ``began`` is by our clock.
    ``afterwards`` is called with a Fetch of its own once all was applied: to take what
    was read out of a queue, say. It may be called again for the same.
    ``former`` is the cursor that the last fetch has left, if any, and ``known_until``
    when that was: the moment up to which people were taken. ``more``: once this was
    applied, ask for another delta at once. ``settled``: remember the cursor also where
    nothing came, since something there waits for it. ``only_looks``: nothing will be
    applied, so change nothing in the system.
    """

    session: Session
    shelf: Shelf
    cursor: str = ""
    former: str = ""
    known_until: str = ""
    only_looks: bool = False
    more: bool = False
    settled: bool = False
    remarks: list[str] = field(default_factory=list)
    afterwards: Callable[[Fetch], None] | None = None
    began: datetime.datetime = field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC)
    )

    @property
    def moment(self) -> datetime.datetime:
        """Return when it began by the system's clock, once that has answered."""
        return self.began + self.session.skew

    def remark(self, sentence: str) -> None:
        """Note what somebody should know of this fetch."""
        self.remarks.append(sentence)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``check`` looked at: whether it is well, and what to do if not.

    ``well`` None: it may be, somebody should look.
    """

    well: bool | None
    text: str


class Connector(Protocol):
    """A system: how to take everybody, and what has changed.

    ``has_delta``: it can be asked for changes. ``people_are_whole``: a delta has all
    rows of each person it speaks of, so that rows it lacks of them hold no more.
    """

    has_delta: bool
    people_are_whole: bool

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, proved to be all; raises LrsError where that fails."""

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield what has changed since; raises Stale where that cannot be told."""

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield some records, as ``full`` would, with few requests."""

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for everything that ``full`` reads, a little of each."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a connector is made of: its ``[source]``, and the fields that are mapped.

    ``fields`` are the paths that the mapping reads, as it writes them: ask for no
    others where the system lets one choose.
    """

    name: str
    read: SourceTable
    folder: Path
    secrets: Secrets
    fields: tuple[str, ...]

    def only(self, *keys: str) -> None:
        """Refuse every key of ``[source]`` beside the frame's own and these."""
        self.read.only({*REACH_KEYS, _LOGIN, *keys})

    def names_below(self, first: str) -> list[str]:
        """Return the mapped names right below one: of ``employee.id`` it is ``id``."""
        start = f"{first}."
        below = (path.removeprefix(start) for path in self.fields if path != first)
        found = (path.split(".")[0].split("[")[0] for path in below)
        mapped = [path.startswith(start) for path in self.fields if path != first]
        return sorted({name for name, is_ in zip(found, mapped, strict=True) if is_})


@dataclass(frozen=True, slots=True)
class System:
    """A connector with what opens a session for it."""

    name: str
    connector: Connector
    reach: Reach
    login: Login
    full_every_days: float


def system_of(
    table: object,
    name: str,
    folder: Path,
    environment: dict[str, str],
    fields: tuple[str, ...],
) -> System:
    """Return the system that a ``[source]`` describes; raises BadRequest, SetupError.

    ``environment`` are the secrets that the environment holds.
    """
    read = SourceTable(f"mapping {name}", table)
    kind = read.choice("type", MODULES)
    module = import_module(f"analytics.workforce.connectors.{MODULES[kind]}")
    secrets = secrets_of(name, environment, read.file("secrets_file", folder))
    connector = module.connector_of(Setup(name, read, folder, secrets, fields))
    return System(
        name=name,
        connector=connector,
        reach=reach_of(read, name, folder, secrets),
        login=login_of(read, folder, secrets, getattr(module, "LOGIN", "none")),
        full_every_days=read.number("full_every_days", 7.0, 0.0, 366.0),
    )


def readable(entity: str, ask: Any) -> Finding:
    """Ask, and return whether it may be read; ``entity`` is what people call it."""
    try:
        ask()
    except LrsError as error:
        return Finding(False, f"{entity} cannot be read: {error.message}")
    return Finding(True, f"{entity} can be read")
