"""StatementRefs: a target's keys reach those that refer to it.

xAPI-Communication 2.1.3. A query that a Statement matches is also matched by those
whose object refers to it, over any number of steps. So that reads stay one indexed
query, keys are copied when Statements are written, whichever comes first. Writer and
target meet in the target's document: a reference counts itself there, and leaves a stub
where the target has not come yet, so that of two transactions at the same time one is
tried again.
"""

from __future__ import annotations

from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from lrs.store.mongo import Document

_COPIED = (
    "verb",
    "agents",
    "activities",
    "registration",
    "related_agents",
    "related_activities",
)
_READ = dict.fromkeys(_COPIED, 1)


class References:
    """Copies keys along references, inside the caller's transaction."""

    def __init__(self, statements: Collection[Document]) -> None:
        self._statements = statements

    def refer(
        self, session: ClientSession, referring: Document, target: Document
    ) -> None:
        """Let one Statement refer to another (both by ``_id``) and gain its keys."""
        found = self._statements.find_one_and_update(
            {"_id": target},
            [
                {
                    "$set": {
                        "references": {"$add": [{"$ifNull": ["$references", 0]}, 1]},
                        "voided": {"$ifNull": ["$voided", False]},
                        "stub": {"$cond": ["$stored", "$$REMOVE", True]},
                    }
                }
            ],
            _READ,
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        row = self._statements.find_one({"_id": referring}, _READ, session=session)
        merged = _merged(row or {}, found or {})
        if merged:
            self._statements.update_one(
                {"_id": referring}, {"$set": merged}, session=session
            )
            self.spread(session, referring)

    def spread(self, session: ClientSession, target: Document) -> None:
        """Copy a Statement's keys to all that refer to it, directly or not."""
        waiting = [target]
        while waiting:
            at = waiting.pop()
            source = self._statements.find_one({"_id": at}, _READ, session=session)
            found = self._statements.find(
                {"_id.t": at["t"], "target": str(at["s"])}, _READ, session=session
            )
            gaining = [
                (row["_id"], merged)
                for row in found
                if (merged := _merged(row, source or {}))
            ]
            if gaining:  # nothing new ends the walk, also around a circle
                self._statements.bulk_write(
                    [UpdateOne({"_id": at}, {"$set": new}) for at, new in gaining],
                    ordered=False,
                    session=session,
                )
                waiting += [at for at, _ in gaining]


def _merged(row: Document, source: Document) -> Document:
    """Return the keys of ``row`` that gain from ``source``, each as an array."""
    gained: Document = {}
    for name in _COPIED:
        own, theirs = _values(row.get(name)), _values(source.get(name))
        added = [value for value in theirs if value not in own]
        if added:
            gained[name] = own + added
    return gained


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
