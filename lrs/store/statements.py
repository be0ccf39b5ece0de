"""Statements at rest: the exact text beside the keys that queries need.

Document: ``_id`` {t: tenant, s: UUID}, ``statement`` the JSON text as received with
the LRS-set properties, ``stored`` microseconds, ``digest`` SHA-256 of what the client
sent, the keys of lrs.xapi.keys, ``voided``, and ``former`` (``stored`` and
``authority`` that an imported Statement had elsewhere), ``attachments`` (the hashes of
those whose content came), ``signatures`` (the record of each, lrs.xapi.signature),
``cmi5`` (rules that it breaks, lrs.store.cmi5_violations).

A Statement that voids or refers to one that has not come yet leaves a stub under that
one's ``_id`` (no ``statement``), so that the two collide whatever their order and both
transactions cannot pass each other unseen.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence, Set
from typing import Any

import bson
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from lrs.errors import TooLarge
from lrs.preparation import NewStatement
from lrs.recording import Existing, TakenIds
from lrs.retrieval import LARGEST_PAGE, StatementQuery
from lrs.store.attachments import MongoAttachments
from lrs.store.mongo import Document
from lrs.store.references import References, in_parts

_DUPLICATE = 11000
_LARGEST = (16 << 20) - 1024  # bytes of a document in MongoDB, less room for _id
_SURELY_FITS = 1 << 20  # characters of text: with its keys less than a document


class MongoStatements:
    """The Statements of all tenants; implements the protocols of the middle floor."""

    def __init__(self, database: Database[Document]) -> None:
        self._statements = database["statements"]
        self._references = References(self._statements)
        self._attachments = MongoAttachments(database)
        # A repeat is acknowledged by what it finds: that must not be rolled back.
        self._settled = self._statements.with_options(
            read_concern=ReadConcern("majority")
        )

    # -- writing (lrs.recording) ------------------------------------------------

    def insert(
        self, session: ClientSession, tenant: str, statements: Sequence[NewStatement]
    ) -> None:
        """Insert Statements inside the caller's transaction.

        Raises TakenIds when an id is in use (the transaction is then lost), TooLarge
        for a Statement that one document of MongoDB cannot hold.
        """
        documents = [_document(tenant, item) for item in statements if not item.stub]
        try:
            if documents:
                self._statements.insert_many(documents, session=session)
        except BulkWriteError as error:
            codes = {item["code"] for item in error.details["writeErrors"]}
            if codes == {_DUPLICATE}:
                raise TakenIds from None
            raise
        held = [item for item in statements if item.stub]
        self._fill(session, tenant, held)
        contents = {part.sha2: part for item in statements for part in item.contents}
        self._attachments.claim(session, tenant, contents.values())
        self._void(
            session,
            tenant,
            {item.keys.target for item in statements if item.keys.voiding},
        )
        targets = {
            uuid.UUID(item.statement_id): uuid.UUID(item.keys.target)
            for item in statements
            if item.keys.target
        }
        filled = [uuid.UUID(item.statement_id) for item in held]
        self._references.connect(session, tenant, targets, filled)

    def _fill(
        self, session: ClientSession, tenant: str, statements: Sequence[NewStatement]
    ) -> None:
        """Put Statements in the places that voids or references held for them."""
        places = {item.statement_id.lower(): item for item in statements}
        voided: dict[str, bool] = {}
        for some in in_parts(list(places)):
            wanted = {"_id": {"$in": [_id(tenant, one) for one in some]}, "stub": True}
            for row in self._statements.find(wanted, {"voided": 1}, session=session):
                voided[str(row["_id"]["s"])] = row["voided"]
        if len(voided) < len(places):
            raise TakenIds  # others came there first
        filling = []
        for name, item in places.items():
            document = _document(tenant, item)
            place = {"_id": document.pop("_id")}
            document["voided"] = voided[name] and not item.keys.voiding
            filling.append(UpdateOne(place, {"$set": document, "$unset": {"stub": 1}}))
        if filling:
            self._statements.bulk_write(filling, ordered=False, session=session)

    def _void(
        self, session: ClientSession, tenant: str, targets: Set[str | None]
    ) -> None:
        """Mark these as voided; a voiding Statement never is (2.3.2)."""
        voiding = [
            UpdateOne(
                {"_id": _id(tenant, target)},
                [
                    {
                        "$set": {
                            "voided": {"$ne": ["$voiding", True]},
                            "stub": {"$cond": ["$stored", "$$REMOVE", True]},
                        }
                    }
                ],
                upsert=True,
            )
            for target in targets
            if target
        ]
        if voiding:
            self._statements.bulk_write(voiding, ordered=False, session=session)

    def existing(self, tenant: str, ids: Sequence[str]) -> dict[str, Existing]:
        """Return what is kept under these ids, by lower-case id."""
        found = self._settled.find(
            {"_id": {"$in": [_id(tenant, item) for item in ids]}},
            {"digest": 1, "statement": 1, "stored": 1, "defines": 1},
        )
        return {
            str(row["_id"]["s"]): Existing(
                row.get("digest"),
                row.get("statement"),
                row.get("stored", 0),
                row.get("defines", False),
            )
            for row in found
        }

    # -- reading (lrs.retrieval) ------------------------------------------------

    def one(self, tenant: str, statement_id: str, *, voided: bool) -> Document | None:
        """Return the Statement of that id, voided or not as asked, or None."""
        return self._statements.find_one(
            {
                "_id": _id(tenant, statement_id),
                "voided": voided,
                "stored": {"$exists": True},
            },
            {"statement": 1, "stored": 1, "authority": 1, "attachments": 1},
        )

    def signatures(self, tenant: str, statement_id: str) -> Document | None:
        """Return ``authority`` and ``signatures`` of a Statement, voided or not."""
        return self._statements.find_one(
            {"_id": _id(tenant, statement_id), "stored": {"$exists": True}},
            {"authority": 1, "signatures": 1},
        )

    def page(
        self, tenant: str, query: StatementQuery, authority: str | None
    ) -> list[tuple[int, str, str, list[str]]]:
        """Return up to limit + 1 (stored, id, text, hashes), in the order asked for.

        With more than LARGEST_PAGE characters it ends early, one row later.
        """
        direction = 1 if query.ascending else -1
        # All of a page at one moment: read bit by bit, it would show a Statement
        # beside the one that has voided it meanwhile.
        with self._statements.database.client.start_session(snapshot=True) as session:
            found = (
                self._statements.find(
                    _filter(tenant, query, authority),
                    {"statement": 1, "stored": 1, "attachments": 1},
                    session=session,
                )
                .sort([("stored", direction), ("_id", direction)])
                .limit(query.limit + 1)
            )
            rows = []
            characters = 0
            for row in found:
                text = row["statement"]
                hashes = row.get("attachments", [])
                rows.append((row["stored"], str(row["_id"]["s"]), text, hashes))
                characters += len(text)
                if len(rows) > 1 and characters > LARGEST_PAGE:
                    break
            return rows


def _id(tenant: str, statement_id: str) -> Document:
    return {"t": tenant, "s": uuid.UUID(statement_id)}


def _document(tenant: str, item: NewStatement) -> Document:
    keys = item.keys
    document: Document = {
        "stored": item.stored,
        "timestamp": item.timestamp,
        "verb": keys.verb,
        "agents": list(keys.agents),
        "related_agents": list(keys.related_agents),
        "activities": list(keys.activities),
        "related_activities": list(keys.related_activities),
        "authority": item.authority,
        "voided": False,
        "digest": item.digest,
        "statement": item.text,
    }
    if keys.registration:
        document["registration"] = keys.registration
    if keys.target:
        document["target"] = keys.target
    if keys.voiding:
        document["voiding"] = True
    if item.former:
        document["former"] = item.former
    if item.contents:
        document["attachments"] = [content.sha2 for content in item.contents]
    if item.signatures:
        document["signatures"] = list(item.signatures)
    if item.definitions:
        document["defines"] = True
    if item.cmi5:
        document["cmi5"] = [violation.as_dict() for violation in item.cmi5]
    if len(item.text) > _SURELY_FITS and len(bson.encode(document)) > _LARGEST:
        raise TooLarge("A Statement with its keys is larger than 16 MB; cut it down.")
    return {"_id": _id(tenant, item.statement_id), **document}


def _filter(tenant: str, query: StatementQuery, authority: str | None) -> Document:
    wanted: Document = {"_id.t": tenant, "voided": False}
    if query.agent:
        wanted["related_agents" if query.related_agents else "agents"] = query.agent
    if query.verb:
        wanted["verb"] = query.verb
    if query.activity:
        wanted["related_activities" if query.related_activities else "activities"] = (
            query.activity
        )
    if query.registration:
        wanted["registration"] = query.registration
    if authority:
        wanted["authority"] = authority
    stored: dict[str, Any] = {"$gt": query.since or 0}
    if query.until is not None:
        stored["$lte"] = query.until
    wanted["stored"] = stored
    if query.after:
        last, last_id = query.after
        beyond = "$gt" if query.ascending else "$lt"
        # The plain bound lets the index begin there; the other settles equal times.
        bound = "$gte" if query.ascending else "$lte"
        wanted["$and"] = [
            {"stored": {bound: last}},
            {
                "$or": [
                    {"stored": {beyond: last}},
                    {"_id": {beyond: _id(tenant, last_id)}},
                ]
            },
        ]
    return wanted
