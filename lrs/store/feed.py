"""The feed over MongoDB; implements lrs.feed.Feed.

While the reader is busy with one batch, a thread fetches the next: so the database and
this process work at the same time.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bson
import msgspec
from pymongo.database import Database

from lrs.feed import StoredStatement
from lrs.store.marks import NOBODY
from lrs.store.mongo import OPTIONS, Document
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
        batches = self._statements.find_raw_batches(
            _between(tenant, after, through),
            _FIELDS,
            batch_size=self._batch,
            sort=[("stored", 1)],
        )

        def fetch() -> Any:
            return next(batches, None)

        run = contextvars.copy_context().run  # with the caller's limit of time, if any
        with batches, ThreadPoolExecutor(1, "feed") as ahead:
            coming = ahead.submit(run, fetch)
            while (batch := coming.result()) is not None:
                coming = ahead.submit(run, fetch)
                if rows := _read(batch):
                    yield rows

    def count(self, tenant: str, after: int, through: int) -> int:
        """Return how many Statements ``read`` would yield."""
        return self._statements.count_documents(_between(tenant, after, through))

    def tenants(self) -> list[str]:
        """Return the tenants that have Statements."""
        return sorted({*self._statements.distinct("_id.t")} - {NOBODY})


def _read(batch: bytes) -> list[StoredStatement]:
    identified = _IDENTIFIED.decode
    return [
        StoredStatement(
            identified(row["statement"]).id.lower(),
            row["statement"],
            row["stored"],
            row["voided"],
        )
        for row in bson.decode_all(batch, OPTIONS)
    ]


def _between(tenant: str, after: int, through: int) -> Document:
    return {"_id.t": tenant, "stored": {"$gt": after, "$lte": through}}
