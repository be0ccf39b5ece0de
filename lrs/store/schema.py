"""The database's schema version and the named steps that raise it.

A newer program upgrades an older database step by step; each step can be repeated,
so one that was cut off is simply done again, and two processes that start at once do
no harm. An older program refuses a newer database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pymongo
from pymongo.database import Database

from lrs.errors import SetupError
from lrs.store.mongo import Document


@dataclass(frozen=True, slots=True)
class Step:
    """A named change of the database that can be repeated."""

    name: str
    apply: Callable[[Database[Document]], None]


def index_statements(database: Database[Document]) -> None:
    """Create the index of references; lrs.store.terms_index has the others."""
    database["statements"].create_index(
        [("_id.t", pymongo.ASCENDING), ("target", 1)],
        name="target",
        partialFilterExpression={"target": {"$exists": True}},
    )


def index_access(database: Database[Document]) -> None:
    """Create the indexes of credentials, accounts and writers."""
    database["credentials"].create_index("tenant")
    database["accounts"].create_index("tenant")
    database["writers"].create_index("writer")


STEPS: Sequence[Step] = (
    Step("index-statements", index_statements),
    Step("index-access", index_access),
)


def upgrade(database: Database[Document], steps: Sequence[Step]) -> list[str]:
    """Bring the database to this program's version; return the steps taken.

    Raises SetupError when the database is newer than the program.
    """
    meta = database["meta"]
    meta.update_one({"_id": "schema"}, {"$setOnInsert": {"version": 0}}, upsert=True)
    taken: list[str] = []
    while True:
        state = meta.find_one({"_id": "schema"}) or {"version": 0}
        version = int(state["version"])
        if version > len(steps):
            raise SetupError(
                f"The database has schema version {version}, this program knows "
                f"{len(steps)}: use the newer program, or another LRS_DATABASE."
            )
        if version == len(steps):
            return taken
        step = steps[version]
        step.apply(database)
        meta.update_one(
            {"_id": "schema", "version": version},
            {"$set": {"version": version + 1}, "$push": {"steps": step.name}},
        )
        taken.append(step.name)


def version(database: Database[Document]) -> int:
    """Return the schema version of the database; 0 when it is empty."""
    state = database["meta"].find_one({"_id": "schema"})
    return int(state["version"]) if state else 0
