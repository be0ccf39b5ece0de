"""Originals over MongoDB; implements lrs.originals.Originals."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.database import Database

from lrs.originals import Original
from lrs.store.mongo import Document
from lrs.store.statement_documents import key

_FIELDS = (
    *("statement", "stored", "authority", "digest"),
    *("attachments", "signatures", "former"),
)


class MongoOriginals:
    """The Statements of all tenants as they were stored."""

    def __init__(self, database: Database[Document]) -> None:
        self._statements = database["statements"]

    def by_id(self, tenant: str, ids: Sequence[str]) -> dict[str, Original]:
        """Return those of these Statements that are stored, by lower-case id."""
        wanted = {
            "_id": {"$in": [key(tenant, item) for item in ids]},
            "stored": {"$exists": True},  # no place held for one to come
        }
        return {
            (name := str(row["_id"]["s"])): Original(
                name,
                row["statement"],
                row["stored"],
                row["authority"],
                row.get("digest"),
                row.get("attachments", ()),
                row.get("signatures", ()),
                row.get("former"),
            )
            for row in self._statements.find(wanted, dict.fromkeys(_FIELDS, 1))
        }
