"""The indexes of the Statement queries, and how an older database comes to have them.

Two indexes answer all queries: ``by_term`` (lrs.store.terms) and, where nothing is
asked for, ``by_stored``. No two Statements have the same ``stored``, so an index needs
no more to give a page its order; ``about`` is there for what else is asked for.

A database of release 0.2 or before kept the keys themselves, each with an index of its
own. Its Statements get their terms from their text, those that refer to others then
what they inherit. All of it can be cut off and done again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice

import pymongo
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import OperationFailure

from lrs.store import terms
from lrs.store.mongo import Document
from lrs.xapi import text
from lrs.xapi.keys import extract

_FORMER_INDEXES = (
    "stored",
    "verb",
    "agents",
    "activities",
    "related_agents",
    "related_activities",
    "registration",
)
_FORMER_FIELDS = (*_FORMER_INDEXES[1:], "timestamp")
_AT_ONCE = 1000
_NO_INDEX = 27


def index_terms(database: Database[Document]) -> None:
    """Create the indexes; give older Statements their terms."""
    statements = database["statements"]
    ascending = pymongo.ASCENDING
    statements.create_index(
        [("_id.t", ascending), ("stored", ascending)], name="by_stored"
    )
    statements.create_index(
        [("terms", ascending), ("stored", ascending), ("about", ascending)],
        name="by_term",
    )
    standing = statements.index_information()
    former = [name for name in _FORMER_INDEXES if name in standing]
    if not former:
        return
    lacking = {"statement": {"$exists": True}, "terms": {"$exists": False}}
    for rows in _in_parts(statements.find(lacking, {"statement": 1, "authority": 1})):
        statements.bulk_write([_with_terms(row) for row in rows], ordered=False)
    while _inherit(database):
        pass  # a reference to a reference has gained something only now
    for name in former:
        try:
            statements.drop_index(name)
        except OperationFailure as error:
            if error.code != _NO_INDEX:  # another process was faster
                raise


def _with_terms(row: Document) -> UpdateOne:
    keys = extract(text.exact(row["statement"]))
    found = terms.of_statement(row["_id"]["t"], keys, row["authority"])
    return UpdateOne(
        {"_id": row["_id"]},
        {
            "$set": {"terms": found, "about": terms.about(row["_id"]["t"], keys)},
            "$unset": dict.fromkeys(_FORMER_FIELDS, 1),
        },
    )


def _inherit(database: Database[Document]) -> bool:
    """Give each that refers to another its target's terms; tell whether any gained."""
    statements = database["statements"]
    gained = False
    pipeline: list[Document] = [
        {"$match": {"target": {"$exists": True}, "terms": {"$exists": True}}},
        {"$project": {"terms": 1, "target": 1}},
    ]
    for rows in _in_parts(statements.aggregate(pipeline)):
        ids = [{"t": row["_id"]["t"], "s": uuid.UUID(row["target"])} for row in rows]
        wanted = {"_id": {"$in": ids}, "terms": {"$exists": True}}
        targets = {
            (row["_id"]["t"], row["_id"]["s"]): terms.inherited(
                row["_id"]["t"], row["terms"], row["authority"]
            )
            for row in statements.find(wanted, {"terms": 1, "authority": 1})
        }
        writing = []
        for row, target in zip(rows, ids, strict=True):
            missing = targets.get((target["t"], target["s"]), set()) - set(row["terms"])
            if missing:
                add = {"$addToSet": {"terms": {"$each": list(missing)}}}
                writing.append(UpdateOne({"_id": row["_id"]}, add))
        if writing:
            statements.bulk_write(writing, ordered=False)
            gained = True
    return gained


def _in_parts(rows: Iterator[Document]) -> Iterator[list[Document]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some
