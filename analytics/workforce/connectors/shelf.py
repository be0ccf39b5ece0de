"""The shelf: what was read of a system, kept off memory until it is joined.

Records by entity (``jobs``), key (whose) and part (which of theirs), in an SQLite
database without a name: a private file that goes with its process, however that ends.
In: batches, in any order. Out: records of a key, or all of them in the order of their
keys, so that the same content always makes the same delivery.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

_MAKE = (
    "CREATE TABLE kept (entity TEXT, key TEXT, part TEXT, record BLOB, "
    "PRIMARY KEY (entity, key, part)) WITHOUT ROWID"
)
_ADD = "INSERT OR IGNORE INTO kept VALUES (?, ?, ?, ?)"
_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)"
_CACHE = "PRAGMA cache_size = -16000"  # KiB; more goes to the file
_BATCH = 1_000
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
Item = tuple[str, str, Any]  # key, part, record


class Shelf:
    """Records of one fetch; use it with ``with``."""

    def __init__(self) -> None:
        self._at = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._at.execute("PRAGMA journal_mode = OFF")
        self._at.execute("PRAGMA synchronous = OFF")
        self._at.execute(_CACHE)
        self._at.execute(_MAKE)
        self._counted: dict[str, int] = {}

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self._at.close()

    def put(self, entity: str, items: Iterable[Item]) -> int:
        """Keep records; return how many were there before, and now are replaced."""
        twice = 0
        coming = ((entity, key, part, _encode(record)) for key, part, record in items)
        self._at.execute("BEGIN")
        while batch := list(islice(coming, _BATCH)):
            new = self._at.executemany(_ADD, batch).rowcount
            self._counted[entity] = self.count(entity) + new
            if new < len(batch):
                twice += len(batch) - new
                self._at.executemany(_PUT, batch)
        self._at.execute("COMMIT")
        return twice

    def of(self, entity: str, key: str) -> list[Any]:
        """Return the records of a key, in the order of their parts."""
        asked = "SELECT record FROM kept WHERE entity = ? AND key = ? ORDER BY part"
        return [_decode(found) for (found,) in self._at.execute(asked, (entity, key))]

    def has(self, entity: str, key: str) -> bool:
        """Tell whether there is a record of a key."""
        asked = "SELECT 1 FROM kept WHERE entity = ? AND key = ? LIMIT 1"
        return self._at.execute(asked, (entity, key)).fetchone() is not None

    def all(self, entity: str) -> Iterator[tuple[str, Any]]:
        """Yield every key and record, in the order of keys and parts."""
        asked = "SELECT key, record FROM kept WHERE entity = ? ORDER BY key, part"
        for key, found in self._at.cursor().execute(asked, (entity,)):
            yield key, _decode(found)

    def ids(self, entity: str) -> Iterator[tuple[str, str]]:
        """Yield every key and part, in order."""
        asked = "SELECT key, part FROM kept WHERE entity = ? ORDER BY key, part"
        yield from self._at.cursor().execute(asked, (entity,))

    def count(self, entity: str) -> int:
        """Return how many records there are."""
        return self._counted.get(entity, 0)

    def clear(self, entity: str) -> None:
        """Forget an entity."""
        self._at.execute("DELETE FROM kept WHERE entity = ?", (entity,))
        self._counted.pop(entity, None)
