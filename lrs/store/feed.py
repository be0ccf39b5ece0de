"""The feed over MongoDB; implements lrs.feed.Feed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
from pymongo.database import Database

from lrs.feed import StoredStatement
from lrs.store.marks import NOBODY
from lrs.store.mongo import Document
from lrs.store.statement_documents import key
from lrs.store.timeline import MongoTimeline

_BATCH = 5000
# The id is read from the text: as a UUID it would take longer than all the rest.
_FIELDS = {"_id": 0, "statement": 1, "stored": 1, "voided": 1}


class _Identified(msgspec.Struct):
    id: str


_IDENTIFIED = msgspec.json.Decoder(_Identified)


class MongoFeed:
    """Statements in stored order, up to consistent-through."""

    def __init__(
        self,
        database: Database[Document],
        timeline: MongoTimeline,
        *,
        batch: int = _BATCH,
    ) -> None:
        self._statements = database["statements"]
        self._timeline = timeline
        self._batch = batch

    def consistent_through(self) -> int:
        """Return the time (microseconds) up to which a reader may read."""
        return self._timeline.consistent_through()

    def read(
        self, tenant: str, after: int, through: int
    ) -> Iterator[list[StoredStatement]]:
        """Yield batches with after < stored <= through, in stored order."""
        # In this thread: one that fetches ahead costs more than it gains, since both
        # need the interpreter all the time.
        found = self._statements.find(
            _between(tenant, after, through), _FIELDS, batch_size=self._batch
        ).sort("stored", 1)
        while batch := list(map(_stored, islice(found, self._batch))):
            yield batch

    def count(self, tenant: str, after: int, through: int) -> int:
        """Return how many Statements ``read`` would yield."""
        return self._statements.count_documents(_between(tenant, after, through))

    def some(self, tenant: str, ids: Sequence[str]) -> list[StoredStatement]:
        """Return those of these Statements that are there, in any order."""
        wanted = {"_id": {"$in": [key(tenant, item) for item in ids]}}
        return list(map(_stored, self._statements.find(wanted, _FIELDS)))

    def tenants(self) -> list[str]:
        """Return the tenants that have Statements."""
        return sorted({*self._statements.distinct("_id.t")} - {NOBODY})


def _stored(row: Document) -> StoredStatement:
    text = row["statement"]
    return StoredStatement(_id(text), text, row["stored"], row["voided"])


def _id(text: str) -> str:
    """Return a Statement's id; most texts begin with it.

    With a letter that is escaped it is longer, and does not end there.
    """
    if text.startswith('{"id":"') and text[43] == '"':
        return text[7:43].lower()
    if text.startswith('{"id": "') and text[44] == '"':
        return text[8:44].lower()
    return _IDENTIFIED.decode(text).id.lower()


def _between(tenant: str, after: int, through: int) -> Document:
    return {"_id.t": tenant, "stored": {"$gt": after, "$lte": through}}
