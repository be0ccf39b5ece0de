"""Repeats: the second and later records of a key, and which of them holds.

Two that say the same count once. Of two that differ none can be told to be right,
unless the mapping reads a sequence: then the greatest holds. In: a record and what was
known of its key. Out: the keys that contradict themselves, and the records that stand
in the place of their key's first.
"""

from __future__ import annotations

from analytics.workforce.staged_rows import Entry


class Repeats:
    """What a delivery says of its keys more than once."""

    def __init__(self) -> None:
        self.contradictory: dict[str, int] = {}  # how many differ from the first
        self._lines: dict[str, list[int]] = {}
        self._sequences: dict[str, float] = {}
        self._later: dict[str, tuple[Entry, int]] = {}

    @property
    def sequenced(self) -> bool:
        """Whether the mapping reads a sequence."""
        return bool(self._sequences)

    def first(self, key: str, sequence: float | None) -> None:
        """Note the first record of a key."""
        if sequence is not None:
            self._sequences[key] = sequence

    def take(
        self, entry: Entry, line: int, digest: bytes, sequence: float | None
    ) -> bool:
        """Take a further record; return whether it changes nothing.

        ``digest`` is that of the key's first.
        """
        known = self._sequences.get(entry.key)
        if sequence is not None and known is not None and sequence != known:
            if sequence > known:
                self._sequences[entry.key] = sequence
                self._later[entry.key] = entry, line
            return True  # one of the two says nothing
        later = self._later.get(entry.key)
        differs = (later[0].digest if later else digest) != entry.digest
        if differs:
            number = self.contradictory.get(entry.key, 0)
            self.contradictory[entry.key] = number + 1
        self._lines.setdefault(entry.key, []).append(line)
        return not differs

    def lines(self, key: str) -> list[int]:
        """Return where further records of a key stand."""
        return self._lines.get(key, [])

    def superseding(self) -> dict[str, tuple[Entry, int]]:
        """Return the records that stand in the place of their key's first; lines."""
        return {
            key: found
            for key, found in self._later.items()
            if key not in self.contradictory
        }
