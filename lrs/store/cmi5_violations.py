"""Violations of cmi5 at rest: the field ``cmi5`` of a Statement's document.

A list of {path, rule, message}, there only where something was found as the Statement
was stored; an index has these Statements alone, so that all others pay nothing.
"""

from __future__ import annotations

import pymongo
from pymongo.database import Database

from lrs.cmi5_violations import Flagged
from lrs.retrieval import Place
from lrs.store.mongo import Document
from lrs.xapi.violations import Violation


def index_cmi5_violations(database: Database[Document]) -> None:
    """Create the index of Statements with violations, in the order of their pages."""
    database["statements"].create_index(
        [("_id.t", pymongo.ASCENDING), ("stored", 1), ("_id", 1)],
        name="cmi5",
        partialFilterExpression={"cmi5": {"$exists": True}},
    )


class MongoCmi5Violations:
    """Implements lrs.cmi5_violations.FlaggedStore."""

    def __init__(self, database: Database[Document]) -> None:
        self._statements = database["statements"]

    def page(self, tenant: str, limit: int, after: Place | None) -> list[Flagged]:
        """Return up to so many, stored before ``after``, the newest first."""
        wanted: Document = {
            "_id.t": tenant,
            "cmi5": {"$exists": True},
            "voided": False,
        }
        if after:
            wanted["stored"] = {"$lt": after[0]}  # no two have the same
        rows = (
            self._statements.find(wanted, {"stored": 1, "cmi5": 1})
            .sort("stored", pymongo.DESCENDING)
            .limit(limit)
            .hint("cmi5")  # never a walk through all of a tenant's Statements
        )
        return [
            Flagged(
                str(row["_id"]["s"]),
                row["stored"],
                tuple(Violation(**item) for item in row["cmi5"]),
            )
            for row in rows
        ]
