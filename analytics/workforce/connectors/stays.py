"""Stays: employments that overlap are one stay of the person, as many systems need it.

In: what somebody has held, each with its first and last day (``YYYY-MM-DD``; one far
off where none is known). Out: the stays, oldest first, each with what was held in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar


class Held(Protocol):
    """An assignment or employment."""

    @property
    def hired(self) -> str:
        """Return its first day."""

    @property
    def last(self) -> str:
        """Return its last day."""


T = TypeVar("T", bound=Held)


@dataclass(slots=True)
class Stay(Generic[T]):
    """One stay, from the first day of the earliest to the last day of all."""

    hired: str
    last: str
    held: list[T]


def stays(held: Iterable[T], second: Callable[[T], Any]) -> list[Stay[T]]:
    """Return the stays; ``second`` orders what begins on the same day."""
    found: list[Stay[T]] = []
    for item in sorted(held, key=lambda item: (item.hired, second(item))):
        if found and item.hired <= found[-1].last:
            found[-1].last = max(found[-1].last, item.last)
            found[-1].held.append(item)
        else:
            found.append(Stay(item.hired, item.last, [item]))
    return found
