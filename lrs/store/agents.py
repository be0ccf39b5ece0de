"""Agents as the Statements know them; implements lrs.agents.AgentStore."""

from __future__ import annotations

from collections.abc import Iterator

import pymongo
from pymongo.database import Database

from lrs.store import terms
from lrs.store.mongo import Document

_LOOKED_AT = 1000  # of the latest; where most of them are voided or of others
_READ = 100
_CHARACTERS = 8 << 20  # of Statements read; one can have 16 MB


class MongoAgents:
    """The Agents of all tenants."""

    def __init__(self, database: Database[Document]) -> None:
        self._statements = database["statements"]

    def statements(
        self, tenant: str, agent: str, authority: str | None
    ) -> Iterator[str]:
        """Yield texts of the latest Statements with this IFI key."""
        wanted: Document = {"voided": False}
        if authority is not None:
            wanted["authority"] = authority
        found = self._statements.aggregate(
            [
                {
                    "$match": {
                        "terms": {"$in": terms.of_agent(tenant, agent)},
                        "stored": {"$gt": 0},
                    }
                },
                {"$sort": {"stored": pymongo.DESCENDING}},
                {"$limit": _LOOKED_AT},
                {"$match": wanted},
                {"$limit": _READ},
                {"$project": {"_id": 0, "statement": 1}},
            ],
            hint="by_term",
            batchSize=_READ // 4,
        )
        characters = 0
        with found:
            for row in found:
                yield row["statement"]
                characters += len(row["statement"])
                if characters > _CHARACTERS:
                    return
