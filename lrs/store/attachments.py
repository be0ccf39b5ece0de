"""The content of attachments at rest: in GridFS, once for each tenant and SHA-2.

``attachments.chunks`` and ``attachments.files`` are laid out as GridFS says, so that
MongoDB's own tools read them; the file's ``_id`` is the upload. ``attachments`` says
whose it is: ``_id`` {t: tenant, h: SHA-2 in lower case}, ``upload``, ``length``.

An upload that no Statement has claimed stands in ``uploads``: ``_id``, ``t``, and
``at``, when it last grew. Each chunk is written together with that mark; a Statement's
transaction takes the mark away; who cleans dooms it first. All three meet in one
document, so of a slow writer and a cleaner only one goes on, and no chunk is left
without a mark or an owner. pymongo's own writer is not used: it holds up to 48 MB.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pymongo
from bson.int64 import Int64
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from lrs.attachments import Content
from lrs.errors import LrsError, Unavailable
from lrs.store.mongo import Document

# Octets of a chunk. Measured: 255 KiB, GridFS' own, 70 MB/s; 1 MiB 85; 4 MiB 60, and
# every upload under way holds a chunk in memory, some of them twice.
CHUNK = 1 << 20
_CLEAN_SECONDS = 30
_RELEASE_SECONDS = 10
_WRITE_SECONDS = 45
_ALIVE = {"doomed": {"$exists": False}}


class MongoAttachments:
    """The attachments of all tenants; implements the protocols of lrs.attachments."""

    def __init__(self, database: Database[Document]) -> None:
        self.client = database.client
        self.uploads = database["uploads"]
        self.chunks = database["attachments.chunks"]
        self._files = database["attachments.files"]
        self._attachments = database["attachments"]

    # -- coming in (lrs.http, lrs.store.statements) ------------------------------

    def begin(self, tenant: str) -> MongoUpload:
        """Begin an upload; nothing is written before the first chunk is full."""
        return MongoUpload(self, tenant)

    def claim(
        self, session: ClientSession, tenant: str, contents: Iterable[Content]
    ) -> None:
        """Make uploads the tenant's content, inside the caller's transaction.

        What the tenant has already stays as it is, and the upload unclaimed. Raises
        Unavailable for an upload that was cleaned away meanwhile.
        """
        for content in contents:
            owned = self._attachments.update_one(
                {"_id": {"t": tenant, "h": content.sha2}},
                {"$setOnInsert": {"upload": content.upload, "length": content.length}},
                upsert=True,
                session=session,
            )
            if owned.upserted_id is None:
                continue
            taken = self.uploads.find_one_and_delete(
                {"_id": content.upload, "t": tenant, **_ALIVE}, session=session
            )
            if taken is None:
                raise given_up()
            self._files.insert_one(
                {
                    "_id": content.upload,
                    "length": Int64(content.length),
                    "chunkSize": CHUNK,
                    "uploadDate": taken["at"],
                    "filename": content.sha2,
                    "metadata": {"t": tenant},
                },
                session=session,
            )

    def release(self, uploads: Sequence[str]) -> None:
        """Remove those of these uploads that no Statement has claimed.

        Raises nothing: what fails here is left to the cleaner, and a Statement that is
        stored is not answered with an error.
        """
        with contextlib.suppress(PyMongoError), pymongo.timeout(_RELEASE_SECONDS):
            for row in self.uploads.find({"_id": {"$in": list(uploads)}}, {"_id": 1}):
                self._remove(row["_id"], {})

    # -- cleaning (lrs.worker) ---------------------------------------------------

    def clean(self, *, seconds: int = 3600) -> int:
        """Remove uploads that have not grown for so long; return how many.

        They are what killed processes left behind. Raises PyMongoError.
        """
        old = {"$expr": {"$lt": ["$at", {"$subtract": ["$$NOW", seconds * 1000]}]}}
        doomed: Document = {"doomed": True}  # and perhaps not removed to the end
        with pymongo.timeout(_CLEAN_SECONDS):
            found = list(self.uploads.find({"$or": [old, doomed]}, {"_id": 1}))
        removed = 0
        for row in found:
            with pymongo.timeout(_CLEAN_SECONDS):
                removed += self._remove(row["_id"], {"$or": [old, doomed]})
        return removed

    def _remove(self, upload: str, condition: Document) -> bool:
        mark = {"$set": {"doomed": True}}
        # Waits for a transaction that writes a chunk or claims the upload.
        found = self.uploads.update_one({"_id": upload, **condition}, mark)
        if not found.matched_count:
            return False
        self.chunks.delete_many({"files_id": upload})
        self.uploads.delete_one({"_id": upload})
        return True

    # -- going out (lrs.retrieval, lrs.http) -------------------------------------

    def find(self, tenant: str, hashes: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return (upload, length in octets) of the tenant's content by its SHA-2."""
        wanted = {"_id": {"$in": [{"t": tenant, "h": sha2} for sha2 in hashes]}}
        return {
            row["_id"]["h"]: (row["upload"], row["length"])
            for row in self._attachments.find(wanted)
        }

    def read(self, upload: str, length: int) -> Iterator[bytes]:
        """Yield the content a chunk at a time; raises LrsError when one is missing."""
        at = 0
        while at * CHUNK < length:
            # One by one: a cursor would bring up to 16 MB of them at once.
            row = self.chunks.find_one({"files_id": upload, "n": at}, {"data": 1})
            if row is None or len(row["data"]) != min(CHUNK, length - at * CHUNK):
                raise LrsError("The stored content of an attachment is not whole.")
            yield row["data"]
            at += 1


class MongoUpload:
    """One upload; implements lrs.attachments.Upload. Memory: two chunks."""

    def __init__(self, store: MongoAttachments, tenant: str) -> None:
        self.id = uuid.uuid4().hex
        self._store = store
        self._tenant = tenant
        self._buffer = bytearray()
        self._written = 0
        self._begun = False

    def write(self, piece: bytes | memoryview) -> None:
        """Take the next octets; raises Unavailable when it has been cleaned away."""
        self._buffer += piece
        while len(self._buffer) >= CHUNK:
            self._flush()

    def finish(self) -> None:
        """Write what is left; then all of it is durable."""
        if self._buffer or not self._begun:
            self._flush()

    def _flush(self) -> None:
        chunk = bytes(memoryview(self._buffer)[:CHUNK])
        client = self._store.client
        with pymongo.timeout(_WRITE_SECONDS), client.start_session() as session:
            session.with_transaction(
                lambda session: self._write(session, chunk),
                write_concern=self._store.chunks.write_concern,
            )
        self._begun = True
        self._written += bool(chunk)
        del self._buffer[:CHUNK]

    def _write(self, session: ClientSession, chunk: bytes) -> None:
        store = self._store
        mark = store.uploads.update_one(
            {"_id": self.id, **_ALIVE},
            [{"$set": {"t": self._tenant, "at": "$$NOW"}}],
            upsert=not self._begun,
            session=session,
        )
        if not (mark.matched_count or mark.upserted_id):
            raise given_up()
        if chunk:
            row: dict[str, Any] = {
                "files_id": self.id,
                "n": self._written,
                "data": chunk,
            }
            store.chunks.insert_one(row, session=session)


def index_attachments(database: Database[Document]) -> None:
    """Create the collections, which a transaction cannot, and their indexes."""
    order = [("files_id", pymongo.ASCENDING), ("n", pymongo.ASCENDING)]
    database["attachments.chunks"].create_index(order, unique=True)
    names = [("filename", pymongo.ASCENDING), ("uploadDate", pymongo.ASCENDING)]
    database["attachments.files"].create_index(names)  # as GridFS has it
    database["attachments"].create_index("_id.t", name="tenant")
    database["uploads"].create_index("at", name="at")


def given_up() -> Unavailable:
    """Return the error for an upload that the cleaner found too slow."""
    return Unavailable("The attachments came too slowly; send the request again.")
