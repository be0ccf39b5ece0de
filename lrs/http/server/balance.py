"""How many connections each process has: who has more lets another accept.

All processes wait at the same door, and whichever comes first takes a connection: of
eight that stay, one process may get seven. So each writes its number where all can read
it, in memory that they share since they were forked. In: the own number. Out: whether
another process has fewer. One that is gone, or stuck, says nothing new and is not
waited for.
"""

from __future__ import annotations

import mmap
import struct
import time

_ENTRY = struct.Struct("dq")  # when it was written, in monotonic seconds; the number
_ENTRIES = mmap.PAGESIZE // _ENTRY.size
_NEWS = 2.5  # seconds for which a number holds; each process writes it every second
_SHARE = 8  # one has more where it has one, and an eighth, more


class Balance:
    """The numbers of all processes that are forked from where it is made."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, mmap.PAGESIZE)
        self._own = 0

    def join(self, number: int) -> None:
        """Write into this entry from now on, modulo how many there are."""
        self._own = number % _ENTRIES

    def write(self, connections: int) -> None:
        """Say how many connections this process has."""
        now = time.monotonic()
        _ENTRY.pack_into(self._shared, self._own * _ENTRY.size, now, connections)

    def leave(self) -> None:
        """Say that this process accepts no more."""
        _ENTRY.pack_into(self._shared, self._own * _ENTRY.size, 0, 0)

    def is_for_another(self, connections: int) -> bool:
        """Tell whether another process has clearly fewer."""
        oldest = time.monotonic() - _NEWS
        least = connections - connections // _SHARE
        return any(
            written > oldest and number < least
            for at, (written, number) in enumerate(_ENTRY.iter_unpack(self._shared))
            if at != self._own
        )
