"""Definitions at rest; implements lrs.definition_store.DefinitionStore.

Collection ``activities``, document: ``_id`` {t: tenant, a: Activity id}, ``definition``
the JSON text of the merged definition (BSON would lose digits and refuses some keys),
``times`` the stored times of its parts as JSON, ``revision`` a UUID that every write
changes, ``changed`` the database server's time of it. Voided Statements define too:
to take a definition back is not asked for (xAPI-Data 2.3.2).

What is read is settled (read concern majority): a Statement that finds nothing to do
must not have been compared with what is rolled back later.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pymongo
from bson import MaxKey, MinKey
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from lrs.definition_store import Change, Kept
from lrs.store import terms
from lrs.store.clock import microseconds
from lrs.store.mongo import Document

_DUPLICATE = 11000
_ASKED = 2 << 20  # characters of ids in one question
_AT_ONCE = 1000  # small rows in one answer
_TEXT = {"statement": 1, "stored": 1}


class MongoDefinitions:
    """The definitions of all tenants."""

    def __init__(self, database: Database[Document]) -> None:
        settled = ReadConcern("majority")
        self._activities = database["activities"].with_options(read_concern=settled)
        self._statements = database["statements"].with_options(read_concern=settled)

    def revisions(self, tenant: str, activities: Sequence[str]) -> dict[str, uuid.UUID]:
        """Return the present revisions of those Activities that are defined."""
        return {
            row["_id"]["a"]: row["revision"]
            for among in _among(tenant, activities)
            for row in self._activities.find(
                among, {"revision": 1}, batch_size=_AT_ONCE
            )
        }

    def definitions(
        self, tenant: str, activities: Sequence[str], *, most: int | None = None
    ) -> dict[str, Kept]:
        """Return the definitions of those Activities that are defined.

        With ``most`` no more than so many characters of them.
        """
        kept: dict[str, Kept] = {}
        characters = 0
        for among in _among(tenant, activities):
            for row in self._activities.find(among):
                characters += len(row["definition"])
                if most is not None and characters > most:
                    return kept
                kept[row["_id"]["a"]] = Kept(
                    row["definition"],
                    row["times"],
                    row["revision"],
                    microseconds(row["changed"]),
                )
        return kept

    def swap(self, tenant: str, changes: Sequence[Change]) -> None:
        """Make each change, unless another than its former revision stands there."""
        try:
            self._activities.bulk_write(
                [_update(tenant, change) for change in changes], ordered=False
            )
        except BulkWriteError as error:
            # Two that both insert: one of them is late.
            if any(e["code"] != _DUPLICATE for e in error.details["writeErrors"]):
                raise

    def later(
        self, tenant: str, activity: str, after: int, limit: int
    ) -> Iterator[tuple[int, str]]:
        """Yield (stored, text) of Statements that define, the latest first."""
        wanted = {
            "terms": {"$in": terms.of_activity(tenant, activity)},
            "stored": {"$gt": after},
            "defines": True,
        }
        order = [("stored", pymongo.DESCENDING)]
        found = self._statements.find(wanted, _TEXT).sort(order).limit(limit)
        with found.batch_size(2):  # nearly always the first will do
            for row in found:
                yield row["stored"], row["statement"]

    def defining(self, tenant: str, *, everyone: bool) -> Iterator[tuple[int, str]]:
        """Yield (stored, text) of all Statements that define, in stored order."""
        wanted: dict[str, Any] = {"_id.t": tenant, "stored": {"$gt": 0}}
        if not everyone:
            wanted["defines"] = True
        order = [("stored", pymongo.ASCENDING)]
        with self._statements.find(wanted, _TEXT).sort(order) as found:
            for row in found:
                yield row["stored"], row["statement"]

    def forget(self, tenant: str) -> None:
        """Remove all definitions of the tenant."""
        lowest, highest = _id(tenant, MinKey()), _id(tenant, MaxKey())
        self._activities.delete_many({"_id": {"$gt": lowest, "$lt": highest}})


def _id(tenant: str, activity: object) -> Document:
    return {"t": tenant, "a": activity}


def _among(tenant: str, activities: Sequence[str]) -> Iterator[Document]:
    """Yield filters, nearly always one; ids can be too long for one question."""
    ids: list[Document] = []
    size = 0
    for activity in activities:
        if ids and size + len(activity) > _ASKED:
            yield {"_id": {"$in": ids}}
            ids, size = [], 0
        ids.append(_id(tenant, activity))
        size += len(activity)
    if ids:
        yield {"_id": {"$in": ids}}


def _update(tenant: str, change: Change) -> UpdateOne:
    # Where nothing stood, what stands there by now does not fit: the insert that then
    # follows fails for its id.
    former = change.former or {"$exists": False}
    return UpdateOne(
        {"_id": _id(tenant, change.activity), "revision": former},
        {
            "$set": {
                "definition": change.kept.text,
                "times": change.kept.times,
                "revision": change.kept.revision,
            },
            "$currentDate": {"changed": True},
        },
        upsert=change.former is None,
    )
