"""What a pass of the enrichment needs of those around it."""

from __future__ import annotations

from typing import Protocol

from analytics.lake.lake import LakeConflict
from analytics.workforce.anonymity.veil import Veil


class Lost(Protocol):
    """Whether the lease under which a pass runs was lost."""

    def is_set(self) -> bool:
        """Tell whether the work in hand must not be committed any more."""
        ...


class Runs(Protocol):
    """Where the end of a pass is noted."""

    def put(self, tenant: str, through: int, position: int) -> None:
        """Note that a pass has ended."""
        ...


class Veils(Protocol):
    """What hides the people who were made anonymous."""

    def veil(self, tenant: str) -> Veil | None:
        """Return it; None where nobody is anonymous."""
        ...


class Copies(Protocol):
    """What was made from the tables and kept elsewhere."""

    def forget(self, tenant: str) -> None:
        """Remove it."""
        ...


class NoCopies:
    """Where nothing is kept elsewhere."""

    def forget(self, tenant: str) -> None:
        """Do nothing."""


def unless(lost: Lost | None) -> None:
    """Raise LakeConflict where the lease was lost."""
    if lost is not None and lost.is_set():
        raise LakeConflict("The lease was lost; another run goes on with this.")
