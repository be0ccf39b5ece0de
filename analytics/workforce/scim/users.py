"""The users of all tenants, and every change of them, in MongoDB.

Each change takes the next number of its tenant in the transaction that writes it: who
reads a number has all below it. A user's version is the number of its last change.

- ``scim_users``   {_id: {t, id}, live, user, version, born, identified, created,
  modified} and what it is found by (``identity``). ``user`` is the resource as JSON
  text without id and meta; ``identified`` the change that last told anew who it is. A
  deleted one stays, not ``live``: whose access has ended must be known. userName and
  externalId are unique among those that live; the lists ``names``, ``externals``,
  ``numbers``, ``managers`` and ``former`` (addresses) hold all that there ever were.
  ``told`` is who it is, as written: identifiers that were taken away stay; ``held`` is
  the key of its number.
- ``scim_changes`` {_id: {t, n}, id, at, user, live}: the user as each change left it.
- ``scim_tenants`` {_id: t, changes, at}: the last number, and when it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import orjson
from pymongo import ASCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from analytics.workforce.scim import identity
from analytics.workforce.scim.refusals import Refusal, no_user

Document = dict[str, Any]
Clock = Callable[[], datetime]
T = TypeVar("T")
_DURABLE = WriteConcern(w="majority", j=True)
_LISTS = ("names", "externals", "numbers", "managers", "former")


@dataclass(frozen=True, slots=True)
class Kept:
    """A user as it is kept: ``user`` is the resource without id and meta."""

    id: str
    user: dict[str, Any]
    version: int
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Collections:
    """Where all of it stands; what is written is journaled on a majority."""

    users: Collection[Document]
    changes: Collection[Document]
    tenants: Collection[Document]

    @classmethod
    def of(cls, database: Database[Document]) -> Collections:
        """Return the collections of a database."""
        safe = database.with_options(
            write_concern=_DURABLE, read_concern=ReadConcern("majority")
        )
        return cls(safe["scim_users"], safe["scim_changes"], safe["scim_tenants"])


def index_scim(database: Database[Document]) -> None:
    """Create what is asked for beside ``_id``; safe to repeat."""
    users, living = database["scim_users"], {"live": True}
    for name in ("name", "external"):
        users.create_index(
            [("_id.t", ASCENDING), (name, ASCENDING)],
            name=f"unique_{name}",
            unique=True,
            partialFilterExpression=living | {name: {"$exists": True}},
        )
    users.create_index(
        [("_id.t", ASCENDING), ("born", ASCENDING)],
        name="listed",
        partialFilterExpression=living,
    )
    for name in ("version", "modified", "mails", "addresses", *_LISTS):
        users.create_index([("_id.t", ASCENDING), (name, ASCENDING)], name=name)
    database["scim_changes"].create_index(
        [("_id.t", ASCENDING), ("id", ASCENDING), ("_id.n", ASCENDING)], name="of_user"
    )


def _now() -> datetime:
    return datetime.now(UTC)


class Users:
    """The users of all tenants; every method is one tenant's."""

    def __init__(
        self, database: Database[Document], clock: Clock | None = None
    ) -> None:
        self._client = database.client
        self._at = Collections.of(database)
        self._clock = clock or _now

    def create(self, tenant: str, user: dict[str, Any]) -> Kept:
        """Keep a new user; raises Refusal where its userName or externalId is taken."""
        key = {"t": tenant, "id": str(uuid4())}

        def act(session: ClientSession) -> Kept:
            number, at = self._next(tenant, session)
            first = {"_id": key, "born": number, "created": at}
            return self._write({}, first, user, number, at, session)

        return self._within(act)

    def find(self, tenant: str, user: str) -> Kept | None:
        """Return a user by the id that we gave, or None."""
        found = self._at.users.find_one(
            {"_id": {"t": tenant, "id": user}, "live": True}
        )
        return _kept(found) if found else None

    def change(
        self, tenant: str, user: str, make: Callable[[Kept], dict[str, Any]]
    ) -> Kept:
        """Replace a user by what is made of it; what changes nothing is no change.

        ``make`` may be called again where somebody else was faster, and may raise.
        """

        def act(session: ClientSession) -> Kept:
            row = self._row(tenant, user, session)
            before = _kept(row)
            after = make(before)
            if after == before.user:
                return before
            number, at = self._next(tenant, session)
            return self._write(row, row, after, number, at, session)

        return self._within(act)

    def delete(self, tenant: str, user: str, check: Callable[[Kept], None]) -> None:
        """End a user: it is found no more, its names are free, its changes stay."""

        def act(session: ClientSession) -> None:
            row = self._row(tenant, user, session)
            check(_kept(row))
            number, at = self._next(tenant, session)
            last = {"live": False, "version": number, "modified": at}
            last |= {"identified": number}  # who has the names now may be another
            self._at.users.replace_one({"_id": row["_id"]}, row | last, session=session)
            self._log(row["_id"], row["user"], number, at, session, live=False)

        self._within(act)

    def count(self, tenant: str, query: Document) -> int:
        """Return how many users a query finds."""
        return self._at.users.count_documents(_living(tenant, query))

    def page(
        self,
        tenant: str,
        query: Document,
        order: tuple[str, int],
        skip: int,
        most: int,
    ) -> Iterator[Kept]:
        """Yield users in an order: a field of theirs, 1 or -1; the eldest first."""
        found = self._at.users.find(_living(tenant, query))
        sort = [order] if order[0] == "born" else [order, ("born", ASCENDING)]
        for row in found.sort(sort).skip(skip).limit(most).allow_disk_use(True):
            yield _kept(row)

    def _row(self, tenant: str, user: str, session: ClientSession) -> Document:
        wanted = {"_id": {"t": tenant, "id": user}, "live": True}
        row = self._at.users.find_one(wanted, session=session)
        if row is None:
            raise no_user()
        return row

    def _next(self, tenant: str, session: ClientSession) -> tuple[int, datetime]:
        """Return the tenant's next number, and its moment: never before the last."""
        found: Any = self._at.tenants.find_one_and_update(
            {"_id": tenant},
            {"$inc": {"changes": 1}, "$max": {"at": self._clock()}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return found["changes"], found["at"]

    def _write(
        self,
        before: Document,
        row: Document,
        user: dict[str, Any],
        number: int,
        at: datetime,
        session: ClientSession,
    ) -> Kept:
        text = orjson.dumps(user).decode()
        after = _fields(before, user)
        fixed = {name: row[name] for name in ("_id", "born", "created")}
        after |= fixed | {"live": True, "user": text, "version": number, "modified": at}
        after["identified"] = (
            number if after["told"] != before.get("told") else before["identified"]
        )
        try:
            self._at.users.replace_one(
                {"_id": row["_id"]}, after, upsert=True, session=session
            )
        except DuplicateKeyError as error:
            taken = "externalId" if "external" in _index(error) else "userName"
            detail = f"Another user of this tenant has this {taken}."
            raise Refusal(409, detail, "uniqueness") from None
        self._log(row["_id"], text, number, at, session, live=True)
        return _kept(after)

    def _log(
        self,
        key: Document,
        text: str,
        number: int,
        at: datetime,
        session: ClientSession,
        *,
        live: bool,
    ) -> None:
        one = {"_id": {"t": key["t"], "n": number}, "id": key["id"], "at": at}
        self._at.changes.insert_one(one | {"user": text, "live": live}, session=session)

    def _within(self, act: Callable[[ClientSession], T]) -> T:
        with self._client.start_session() as session:
            return session.with_transaction(
                act, read_concern=ReadConcern("snapshot"), write_concern=_DURABLE
            )


def _fields(before: Document, user: dict[str, Any]) -> Document:
    """Return what a user is found by, and all that it ever was."""
    who = identity.identity(user)
    now: Document = {"name": who.name, "active": user.get("active") is not False}
    now |= {"mails": identity.mails(user), "addresses": identity.addresses(user)}
    now |= {"external": who.external} if who.external else {}
    now |= {"number": who.number} if who.number else {}
    above = identity.manager(user) or ""
    ever = {
        "names": [who.name],
        "externals": [who.external],
        "numbers": [who.number],
        # Either may be an identifier of somebody.
        "managers": [identity.exactly(above), identity.without_case(above)],
        "former": now["addresses"],
    }
    for name, values in ever.items():
        now[name] = sorted({*before.get(name, ()), *filter(None, values)})
    now["told"] = before.get("told", {}) | identity.written(user)
    held = who.number or before.get("held")
    return now | ({"held": held} if held else {})


def _index(error: DuplicateKeyError) -> str:
    pattern = (error.details or {}).get("keyPattern") or {}
    return " ".join(pattern)


def _living(tenant: str, query: Document) -> Document:
    return {"$and": [{"_id.t": tenant, "live": True}, query]}


def _kept(row: Document) -> Kept:
    return Kept(
        row["_id"]["id"],
        orjson.loads(row["user"]),
        row["version"],
        row["created"],
        row["modified"],
    )
