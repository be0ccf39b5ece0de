"""Marks: what a writer leaves in a Statement, so that a fence can keep it from writing.

A write of Statements cannot touch its slot without a transaction and another round
trip. So the last Statement of each write has a ``mark``: the writer, the slot, and the
number of the slot's write, which an index lets stand once. A slot's number grows only
when a write is stored; the next one is therefore known. Who fences a writer takes the
next mark of each slot itself, in a document that is no Statement: whatever was on its
way, or is sent by a process that wakes up days later, then finds its mark taken.

The mark of a write that was surely not stored is used again.
"""

from __future__ import annotations

import uuid

import pymongo
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from lrs.store.mongo import Document

_INDEX = "by_mark"
_WRITER, _SLOT, _NUMBER = 8, 2, 6  # octets
NOBODY = ""  # the tenant of documents that are no Statement


class Fenced(Exception):
    """The writer's lease has ended: take another row and a new stamp."""


def has_marks(database: Database[Document]) -> bool:
    """Tell whether Statements can have marks: not where they are or may be sharded.

    A unique index of a sharded collection begins with the shard key.
    """
    return database.client.topology_description.topology_type_name != "Sharded"


def index_marks(database: Database[Document]) -> None:
    """Let no two Statements have the same mark."""
    if not has_marks(database):
        return
    database["statements"].create_index(
        [("mark", pymongo.ASCENDING)],
        name=_INDEX,
        unique=True,
        partialFilterExpression={"mark": {"$exists": True}},
    )


def mark(writer_id: str, slot: int, number: int) -> bytes:
    """Return the mark of a slot's write."""
    return _slot(writer_id, slot) + number.to_bytes(_NUMBER, "big")


def is_of_mark(error: Document) -> bool:
    """Tell whether a duplicate key, as MongoDB reports it, is a mark."""
    return "mark" in error.get("keyPattern", ())


def take_next(statements: Collection[Document], writer_id: str, slots: int) -> int:
    """Let a writer write no more; return the last stamp that it has written.

    ``slots`` is how many it has. Waits for a write that is under way.
    """
    if not has_marks(statements.database):
        return 0
    return max(
        (_take(statements, _slot(writer_id, slot)) for slot in range(slots)), default=0
    )


def _take(statements: Collection[Document], slot: bytes) -> int:
    # Both ends as long as a mark: MongoDB compares lengths before octets.
    first, last = slot + b"\x00" * _NUMBER, slot + b"\xff" * _NUMBER
    among = {"mark": {"$gte": first, "$lte": last}}
    while True:
        found = statements.find_one(
            among, {"mark": 1, "stored": 1}, sort=[("mark", -1)], hint=_INDEX
        )
        if found is not None and "stored" not in found:  # it was taken before
            written = statements.find_one(
                {**among, "stored": {"$exists": True}},
                {"stored": 1},
                sort=[("mark", -1)],
                hint=_INDEX,
            )
            return int(written["stored"]) if written else 0
        number = int.from_bytes(found["mark"][-_NUMBER:], "big") + 1 if found else 0
        taken = {
            "_id": {"t": NOBODY, "s": uuid.uuid4()},
            "mark": slot + number.to_bytes(_NUMBER, "big"),
        }
        try:
            statements.insert_one(taken)
        except DuplicateKeyError:
            continue  # the write that was under way is stored
        return int(found["stored"]) if found else 0


def _slot(writer_id: str, slot: int) -> bytes:
    return bytes.fromhex(writer_id)[:_WRITER] + slot.to_bytes(_SLOT, "big")
