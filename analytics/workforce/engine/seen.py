"""What has been seen of a delivery, key by key, in few octets each.

A delivery can have millions of records; what is kept of each is its key, the digest of
its values, its line, what became of it, and which link between units it names.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

UNCHANGED, ADDED, CHANGED = 0, 1, 2  # what becomes of a record
_DIGEST = 16  # octets
NOT_STAGED = -1


class Seen:
    """The keys of a delivery, each at a place of its own, in the order they came."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._digests = bytearray()
        self.lines = array("Q")
        self.links = array("q")
        self.verdicts = array("b")
        self.staged = array("q")

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def place(self, key: str) -> int | None:
        """Return where a key stands, or None."""
        return self._places.get(key)

    def places(self, keys: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Yield keys that were seen, each with its place."""
        for key in keys:
            yield key, self._places[key]

    def add(self, key: str, digest: bytes, line: int, link: int) -> int:
        """Note a new key; return its place."""
        at = len(self._places)
        self._places[key] = at
        self._digests += digest
        self.lines.append(line)
        self.links.append(link)
        self.verdicts.append(UNCHANGED)
        self.staged.append(NOT_STAGED)
        return at

    def replace(self, at: int, digest: bytes, line: int, link: int) -> None:
        """Note what stands in the place of a key's first record."""
        self._digests[at * _DIGEST : (at + 1) * _DIGEST] = digest
        self.lines[at] = line
        self.links[at] = link
        self.verdicts[at] = UNCHANGED
        self.staged[at] = NOT_STAGED

    def digest(self, at: int) -> bytes:
        """Return the digest of the first record of that place."""
        return bytes(self._digests[at * _DIGEST : (at + 1) * _DIGEST])
