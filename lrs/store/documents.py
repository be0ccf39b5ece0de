"""Documents at rest: content beside what compare and swap looks at.

Document: ``_id`` {t: tenant, r: resource, a: activity id, g: agent's IFI key,
n: registration, d: stateId or profileId; null where the resource has no such part},
``content`` bytes, ``type`` the Content-Type, ``etag`` SHA-1 in hex, ``updated``
microseconds since 1970.

BSON compares ``_id`` part by part: the documents of a context stand side by side in the
index, sorted by their own id. ``updated`` is the database server's clock (milliseconds)
and grows with every change of a document. Last-Modified, cut off to the second, is a
safe ``since``: nothing that was not seen yet is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pymongo
from bson import MaxKey, MinKey
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from lrs.document_store import Context, DocumentIds, Place, Revision
from lrs.document_store import Document as Kept
from lrs.store.mongo import Document

_REVISION = {"etag": 1, "type": 1}
# Two that both insert: the server lets one of them try again, and rarely the second.
_ATTEMPTS = 10


def index_documents(database: Database[Document]) -> None:
    """Create the index that lists are read from, with no content in it."""
    database["documents"].create_index(
        [("_id", pymongo.ASCENDING), ("updated", pymongo.ASCENDING)], name="updated"
    )


class MongoDocuments:
    """The documents of all tenants; implements lrs.document_store.DocumentStore."""

    def __init__(self, database: Database[Document]) -> None:
        self._documents = database["documents"]

    # -- reading ----------------------------------------------------------------

    def document(self, tenant: str, place: Place) -> Kept | None:
        """Return the document, or None."""
        found = self._documents.find_one({"_id": _id(tenant, place)})
        if found is None:
            return None
        return Kept(found["content"], found["type"], found["updated"])

    def revision(self, tenant: str, place: Place) -> Revision | None:
        """Return the document's revision, or None."""
        found = self._documents.find_one({"_id": _id(tenant, place)}, _REVISION)
        return None if found is None else Revision(found["etag"], found["type"])

    def ids(self, tenant: str, context: Context, since: int | None) -> DocumentIds:
        """Return the ids of those updated after ``since``, sorted."""
        wanted = _within(tenant, context)
        if since is not None:
            wanted["updated"] = {"$gt": since}
        found = list(
            self._documents.find(wanted, {"_id": 1, "updated": 1})
            .sort("_id", pymongo.ASCENDING)
            .hint("updated")
        )
        return DocumentIds(
            [row["_id"]["d"] for row in found],
            max((row["updated"] for row in found), default=None),
        )

    # -- writing ----------------------------------------------------------------

    def put(self, tenant: str, place: Place, sent: Kept) -> None:
        """Store the document, whatever stands there."""
        for attempt in range(_ATTEMPTS):
            try:
                self._documents.update_one(
                    {"_id": _id(tenant, place)}, _change(sent), upsert=True
                )
            except DuplicateKeyError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def swap(
        self, tenant: str, place: Place, expected: Revision | None, sent: Kept
    ) -> bool:
        """Store it if the expected revision (None: nothing) stands there; tell so."""
        key = _id(tenant, place)
        if expected is not None:
            done = self._documents.update_one(
                {"_id": key, **_fields(expected)}, _change(sent)
            )
            return done.matched_count == 1
        try:
            # Nothing that stands there fits, so this inserts or fails for the id.
            self._documents.update_one(
                {"_id": key, "etag": {"$exists": False}}, _change(sent), upsert=True
            )
        except DuplicateKeyError:
            return False
        return True

    def remove(
        self, tenant: str, place: Place, expected: Revision | None = None
    ) -> bool:
        """Remove what stands there, only if it is the expected, if any; tell so."""
        wanted: Document = {"_id": _id(tenant, place)}
        if expected is not None:
            wanted |= _fields(expected)
        return self._documents.delete_one(wanted).deleted_count == 1

    def remove_all(self, tenant: str, context: Context) -> None:
        """Remove every document of the context."""
        self._documents.delete_many(_within(tenant, context))


def _key(tenant: str, context: Context, last: object) -> Document:
    return {
        "t": tenant,
        "r": context.resource.value,
        "a": context.activity,
        "g": context.agent,
        "n": context.registration,
        "d": last,
    }


def _id(tenant: str, place: Place) -> Document:
    return _key(tenant, place.context, place.id)


def _within(tenant: str, context: Context) -> Document:
    lowest = _key(tenant, context, MinKey())
    return {"_id": {"$gt": lowest, "$lt": _key(tenant, context, MaxKey())}}


def _fields(revision: Revision) -> Document:
    return {"etag": revision.etag, "type": revision.content_type}


def _change(sent: Kept) -> list[Mapping[str, Any]]:
    """Return the update; a pipeline, since only that can ask for the server's time."""
    fields = _fields(sent.revision) | {"content": sent.content}
    # Literally: a Content-Type may begin with a dollar.
    changed: Document = {name: {"$literal": fields[name]} for name in fields}
    now = {"$multiply": [{"$toLong": "$$NOW"}, 1000]}
    changed["updated"] = {"$max": [now, {"$add": ["$updated", 1]}]}
    return [{"$set": changed}]
