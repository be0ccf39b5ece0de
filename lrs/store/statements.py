"""Statements at rest: the exact text beside the terms that it is found by.

What a document holds stands in lrs.store.statement_documents. A Statement that voids
or refers to one that has not come yet leaves a stub under that one's ``_id`` (no
``statement``), so that the two collide whatever their order and both transactions
cannot pass each other unseen.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence, Set
from itertools import islice

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from lrs.group_commit import Batch, TakenIds
from lrs.preparation import NewStatement
from lrs.recording import Existing
from lrs.retrieval import LARGEST_PAGE, Row, StatementQuery
from lrs.store import terms
from lrs.store.attachments import MongoAttachments
from lrs.store.marks import Fenced, is_of_mark
from lrs.store.mongo import Document
from lrs.store.references import References, in_parts
from lrs.store.statement_documents import documents, key

_DUPLICATE = 11000
# Without the id: to read a UUID takes longer than all the rest.
_PAGE = {"_id": 0, "statement": 1, "stored": 1, "attachments": 1}
_ONE = {**_PAGE, "authority": 1, "voided": 1}


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

    def document(self, batch: Batch) -> Document:
        """Return the document of a batch of one; raises TooLarge."""
        return next(documents(batch))

    def insert(self, session: ClientSession, batches: Sequence[Batch]) -> None:
        """Insert the Statements of batches inside the caller's transaction.

        Raises TakenIds when an id is in use (the transaction is then lost), Fenced when
        the mark is, TooLarge for a Statement that one document of MongoDB cannot hold.
        """
        new = [
            document
            for batch in batches
            for document, item in zip(documents(batch), batch.statements, strict=True)
            if not item.stub
        ]
        try:
            if new:
                self._statements.insert_many(new, session=session)
        except BulkWriteError as error:
            raise _told(error) from None
        for batch in batches:
            if not batch.plain:
                self._connect(session, batch)

    def _connect(self, session: ClientSession, batch: Batch) -> None:
        """Write what Statements do to others: fill their places, void, refer."""
        tenant, statements = batch.tenant, batch.statements
        held = [
            (item, document)
            for item, document in zip(statements, documents(batch), strict=True)
            if item.stub
        ]
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
        filled = [uuid.UUID(item.statement_id) for item, _ in held]
        self._references.connect(session, tenant, targets, filled)

    def _fill(
        self,
        session: ClientSession,
        tenant: str,
        statements: Sequence[tuple[NewStatement, Document]],
    ) -> None:
        """Put Statements, each as its document, in the places held for them."""
        places = {item.statement_id.lower(): (item, made) for item, made in statements}
        voided: dict[str, bool] = {}
        for some in in_parts(list(places)):
            wanted = {"_id": {"$in": [key(tenant, one) for one in some]}, "stub": True}
            for row in self._statements.find(wanted, {"voided": 1}, session=session):
                voided[str(row["_id"]["s"])] = row["voided"]
        if len(voided) < len(places):
            raise TakenIds  # others came there first
        filling = []
        for name, (item, document) in places.items():
            place = {"_id": document.pop("_id")}
            document["voided"] = voided[name] and not item.keys.voiding
            filling.append(UpdateOne(place, {"$set": document, "$unset": {"stub": 1}}))
        try:
            if filling:
                self._statements.bulk_write(filling, ordered=False, session=session)
        except BulkWriteError as error:
            raise _told(error) from None

    def _void(
        self, session: ClientSession, tenant: str, targets: Set[str | None]
    ) -> None:
        """Mark these as voided; a voiding Statement never is (2.3.2)."""
        voiding = [
            UpdateOne(
                {"_id": key(tenant, target)},
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
            {"_id": {"$in": [key(tenant, item) for item in ids]}},
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
        # Asked for by nothing but its id, which is a path of its own in MongoDB.
        found = self._statements.find_one({"_id": key(tenant, statement_id)}, _ONE)
        if found is None or "stored" not in found or found["voided"] is not voided:
            return None
        return found

    def signatures(self, tenant: str, statement_id: str) -> Document | None:
        """Return ``authority`` and ``signatures`` of a Statement, voided or not."""
        return self._statements.find_one(
            {"_id": key(tenant, statement_id), "stored": {"$exists": True}},
            {"authority": 1, "signatures": 1},
        )

    def page(
        self, tenant: str, query: StatementQuery, authority: str | None
    ) -> list[Row]:
        """Return up to limit + 1 (stored, text, hashes), in the order asked for.

        With more than LARGEST_PAGE characters it ends early, one row later.
        """
        # All of a page at one moment: read bit by bit, it would show a Statement
        # beside the one that has voided it meanwhile.
        passed = query.after[1] if query.after else 0
        most = query.limit + 1 + passed
        with self._statements.database.client.start_session(snapshot=True) as session:
            found = self._statements.find(
                {
                    **terms.question(tenant, query, authority),
                    "voided": False,
                    "stored": _stored(query),
                },
                _PAGE,
                session=session,
                sort=[("stored", 1 if query.ascending else -1)],
                limit=most,
                batch_size=most,
            )
            return _rows(islice(found, passed, None) if passed else found)


def _rows(found: Iterable[Document]) -> list[Row]:
    """Return the rows until they have too many characters."""
    rows: list[Row] = []
    characters = 0
    for row in found:
        text = row["statement"]
        rows.append((row["stored"], text, row.get("attachments", ())))
        characters += len(text)
        if characters > LARGEST_PAGE and len(rows) > 1:
            break
    return rows


def _told(error: BulkWriteError) -> Exception:
    """Return what a failed write in a transaction means: TakenIds, Fenced, or that."""
    wrong: list[Document] = error.details["writeErrors"]
    if {item["code"] for item in wrong} != {_DUPLICATE}:
        return error
    return Fenced() if any(map(is_of_mark, wrong)) else TakenIds()


def _stored(query: StatementQuery) -> Document:
    """Return the bounds of ``stored``: those asked for, and where the page goes on."""
    since, until = query.since or 0, query.until
    least, most = "$gt", "$lte"
    if query.after is not None:
        last, passed = query.after
        if query.ascending and last > since:
            least, since = "$gte" if passed else "$gt", last
        elif not query.ascending and (until is None or last <= until):
            most, until = "$lte" if passed else "$lt", last
    return {least: since} if until is None else {least: since, most: until}
