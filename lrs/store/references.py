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

from pymongo import ReturnDocument
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

    def refer(self, session: ClientSession, target: Document) -> None:
        """Count a reference to the target (an ``_id``); its keys go to the others."""
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
            {"stored": 1},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if found and "stored" in found:
            self.spread(session, target)

    def spread(self, session: ClientSession, target: Document) -> None:
        """Copy a Statement's keys to all that refer to it, directly or not."""
        waiting = [target]
        while waiting:
            at = waiting.pop()
            source = self._statements.find_one({"_id": at}, _READ, session=session)
            referring = self._statements.find(
                {"_id.t": at["t"], "target": str(at["s"])}, _READ, session=session
            )
            for row in list(referring):
                merged = _merged(row, source or {})
                if merged:  # nothing new ends the walk, also around a circle
                    self._statements.update_one(
                        {"_id": row["_id"]}, {"$set": merged}, session=session
                    )
                    waiting.append(row["_id"])


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
