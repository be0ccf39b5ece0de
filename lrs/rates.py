"""Rates: how many requests a caller may make in a time, and where it stands.

Pure data and the protocol that the store implements; the door counts and refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``amount`` requests in a window of ``seconds``."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A caller's window: ``requests`` in it with this one; seconds until it ends."""

    rate: Rate
    requests: int
    reset: int

    @property
    def remaining(self) -> int:
        """Return how many more are answered in this window."""
        return max(0, self.rate.amount - self.requests)

    @property
    def is_over(self) -> bool:
        """Tell whether this request is one too many."""
        return self.requests > self.rate.amount


class Rates(Protocol):
    """What the door needs to hold callers to their rate."""

    def of(self, own: str | None) -> Sequence[Rate]:
        """Return the rates of a caller with these of its own; often none."""
        ...

    def count(self, rates: Sequence[Rate], *caller: str) -> list[Counted]:
        """Count a request of this caller in each of its windows."""
        ...
