"""What definitions need of the store, and what passes between the two.

Spec: xAPI-Data 2.4.4.1. Times are microseconds since 1970.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lrs.xapi import definition
from lrs.xapi.definition import Parts


@dataclass(frozen=True, slots=True)
class Noted:
    """What one Statement says of Activities, and when it was stored (microseconds).

    ``definitions`` are texts by Activity id (lrs.xapi.definition.defined).
    """

    stored: int
    definitions: Mapping[str, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A definition at rest: its text and the stored times of its parts.

    Every write gives it another ``revision``; ``changed`` is when that was, in
    microseconds since 1970, set by the store.
    """

    text: str
    times: str
    revision: uuid.UUID
    changed: int = 0

    def parts(self) -> Parts:
        """Return its parts with their times."""
        return definition.with_times(self.text, self.times)


@dataclass(frozen=True, slots=True)
class Change:
    """A definition to stand in the place of a revision; None for nothing there."""

    activity: str
    former: uuid.UUID | None
    kept: Kept


class DefinitionStore(Protocol):
    """What definitions need of the store; what it returns is not rolled back."""

    def revisions(self, tenant: str, activities: Sequence[str]) -> dict[str, uuid.UUID]:
        """Return the present revisions of those Activities that are defined."""
        ...

    def definitions(self, tenant: str, activities: Sequence[str]) -> dict[str, Kept]:
        """Return the definitions of those Activities that are defined."""
        ...

    def swap(self, tenant: str, changes: Sequence[Change]) -> None:
        """Make each change, unless another than its former revision stands there."""
        ...

    def later(
        self, tenant: str, activity: str, after: int, limit: int
    ) -> Iterable[tuple[int, str]]:
        """Return (stored, text) of Statements that define, the latest first.

        Those that have to do with the Activity and were stored later than ``after``.
        """
        ...

    def defining(self, tenant: str, *, everyone: bool) -> Iterable[tuple[int, str]]:
        """Return (stored, text) of all Statements that define; of all of ``everyone``.

        In the order in which they were stored.
        """
        ...

    def forget(self, tenant: str) -> None:
        """Remove all definitions of the tenant."""
        ...
