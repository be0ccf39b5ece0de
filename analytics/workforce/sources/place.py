"""Places: a folder in which deliveries land, here or behind a network.

What a place does to a file it does to a name in the folder itself or in a folder right
below it, never to what a link points to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

PIECE = 1 << 17  # bytes of one step of a copy


@dataclass(frozen=True, slots=True)
class Found:
    """A name in the folder: its size in bytes, when it was last changed (seconds).

    ``regular``: it is a file, and no link, folder, pipe or device.
    """

    name: str
    size: int
    changed: float
    regular: bool


class OpenPlace(Protocol):
    """A place that is open; raises Unavailable where it is out of reach."""

    def found(self) -> Iterator[Found]:
        """Yield every name in the folder."""

    def names_below(self, folder: str) -> set[str]:
        """Return the names in a folder below (``taken``); none where it is missing."""

    def read(self, name: str, most: int) -> bytes:
        """Return up to ``most`` bytes of a file; raises FileNotFoundError."""

    def fetch(self, name: str, to: BinaryIO, most: int) -> tuple[int, str]:
        """Copy up to ``most`` bytes of a file to the beginning of an open one.

        Returns how many, and their SHA-256. A try that was cut off is written over.

        Raises FileNotFoundError.
        """

    def make_folder(self, folder: str) -> None:
        """Make a folder below where there is none."""

    def write(self, name: str, text: str) -> None:
        """Write a small text file."""

    def rename(self, name: str, to: str) -> None:
        """Rename a file within the place, in one step; raises FileNotFoundError."""


class Place(Protocol):
    """A folder that can be opened for a walk."""

    def opened(self) -> AbstractContextManager[OpenPlace]:
        """Open it; raises Unavailable, or SetupError where somebody must mend it."""
