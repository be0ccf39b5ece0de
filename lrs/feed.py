"""The feed: the only hatch from the Statements to analytics.

Goes in: a position, the ``stored`` time (microseconds since 1970, UTC) up to which a
reader has seen everything. Comes out: the Statements stored after it, in ``stored``
order, never past *consistent-through*, the time before which no write can still
appear. A reader that keeps its position with its results therefore misses nothing
and sees nothing twice, whoever is stopped or killed in between.

The Timeline gives other records of the truth (HR rows, links, exemptions) a recorded
time on the same scale, under the same guarantee.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

T = TypeVar("T")

STEP = 64
"""Microseconds from one stamp of a process to its next, and so the number of processes
that may write at a time: each has the stamps of one remainder (lrs.store.writers)."""


class StoredStatement(msgspec.Struct, frozen=True):
    """A Statement as it stands in the store.

    ``text`` is its JSON with the properties the LRS sets, ``stored`` microseconds
    since 1970 (UTC), ``voided`` whether a voiding Statement names it now.
    """

    statement_id: str
    text: str
    stored: int
    voided: bool = False


class Timeline(Protocol):
    """The one clock of the truth."""

    def transact(self, work: Callable[[Any, int], T], *, count: int = 1) -> T:
        """Run ``work(session, stamp)`` in one transaction; return what it returns.

        The stamp (microseconds since 1970, UTC) is later than every consistent-through
        handed out so far, and no other record of the truth has it. It is the first of
        ``count``: the record at place ``at`` gets stamp + at * STEP. ``work`` writes
        with that pymongo session and may be run again with a new stamp after a
        transient error.
        """
        ...

    def consistent_through(self, *, max_age: float = 0.0) -> int:
        """Return the time (microseconds) before which no write can still appear."""
        ...

    def reign(self) -> object:
        """Return what changes when reads go to another server than before.

        What was read lacks nothing of a consistent-through asked for before it, if
        this was the same before that question and after the reading.
        """
        ...


class Feed(Protocol):
    """Statements in stored order."""

    def consistent_through(self) -> int:
        """Return the time (microseconds) up to which a reader may read."""
        ...

    def read(
        self, tenant: str, after: int, through: int
    ) -> Iterator[list[StoredStatement]]:
        """Yield batches of the tenant's Statements with after < stored <= through."""
        ...

    def count(self, tenant: str, after: int, through: int) -> int:
        """Return how many Statements ``read`` would yield, for a progress bar."""
        ...

    def some(self, tenant: str, ids: Sequence[str]) -> list[StoredStatement]:
        """Return those of these Statements that are there, in any order."""
        ...

    def tenants(self) -> list[str]:
        """Return the tenants that have Statements."""
        ...
