"""Keeping: the tenants' keys, what hides anonymous people, and the record of it.

- ``anonymity_keys``   {_id: {t}, key, revision}: 32 random octets, made with the first
  anonymous person; ``revision`` grows with each further one
- ``anonymous_people`` {_id: {t, s}, number, employee, ids, group, by, reason, employed,
  began, ended}: the surrogate ``s``, digests under the key, who decided it, when and
  why; ``group`` is the same for the numbers of one person, ``ended`` is there once
  nothing leads to the person any more
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo.collection import Collection
from pymongo.database import Database

from analytics.workforce.anonymity.veil import Hiding, Veil
from analytics.workforce.ledger import DURABLE, Document

if TYPE_CHECKING:
    from analytics.identity.decisions import Signed

_KEY_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Anonymized:
    """One line of the record; ``ended`` None where it was broken off."""

    surrogate: str
    by: str
    reason: str
    employed: bool
    began: datetime.datetime
    ended: datetime.datetime | None


class Veils:
    """The veil of each tenant, in one database."""

    def __init__(self, database: Database[Document]) -> None:
        safe = database.with_options(write_concern=DURABLE)
        self.keys: Collection[Document] = safe["anonymity_keys"]
        self.people: Collection[Document] = safe["anonymous_people"]
        self._made: dict[str, tuple[int, Veil]] = {}

    def of(self, tenant: str, *, fresh: bool = False) -> Veil | None:
        """Return the tenant's veil; None where nobody is anonymous.

        ``fresh``: also with people of whom nothing is removed yet.
        """
        kept = self.keys.find_one({"_id": {"t": tenant}})
        if kept is None or not (kept["revision"] or fresh):
            return None
        revision, veil = self._made.get(tenant, (-1, None))
        if fresh or veil is None or revision != kept["revision"]:
            veil = Veil(kept["key"], map(_hiding, self.people.find({"_id.t": tenant})))
            self._made[tenant] = kept["revision"], veil
        return veil

    def key(self, tenant: str) -> bytes:
        """Return the tenant's key; made where there is none yet."""
        made = {"key": secrets.token_bytes(_KEY_OCTETS), "revision": 0}
        of = {"_id": {"t": tenant}}
        self.keys.update_one(of, {"$setOnInsert": made}, upsert=True)
        kept = self.keys.find_one(of)
        if kept is None:
            raise LookupError(tenant)
        return bytes(kept["key"])

    def hide(
        self,
        tenant: str,
        people: Iterable[Hiding],
        groups: Mapping[str, str],
        signed: Signed,
        *,
        employed: bool,
    ) -> None:
        """Keep what hides these people: from here on nothing brings them back.

        ``groups`` gives the same text for the surrogates of one person.
        """
        now = datetime.datetime.now(datetime.UTC)
        noted: dict[str, Any] = {"by": signed.by.strip(), "began": now}
        noted |= {"reason": signed.reason.strip(), "employed": employed}
        documents: list[dict[str, Any]] = [
            {"_id": {"t": tenant, "s": one.surrogate}, "number": one.number}
            | {"employee": list(one.employee), "ids": list(one.ids)}
            | {"group": groups[one.surrogate]}
            | noted
            for one in people
        ]
        if documents:
            self.people.insert_many(documents)
        # After them: who sees the new revision must find them. Whoever was killed in
        # between left them without one.
        self.keys.update_one({"_id": {"t": tenant}}, {"$inc": {"revision": 1}})

    def unfinished(self, tenant: str) -> list[str]:
        """Return the surrogates of those that something may still lead to."""
        found = self.people.find({"_id.t": tenant, "ended": None}, {"_id": 1})
        return [item["_id"]["s"] for item in found]

    def finish(self, tenant: str, surrogates: Iterable[str]) -> None:
        """Note that nothing leads to these people any more."""
        ids = [{"t": tenant, "s": one} for one in surrogates]
        groups = self.people.distinct("group", {"_id": {"$in": ids}})
        now = datetime.datetime.now(datetime.UTC)
        self.people.update_many(
            {"_id.t": tenant, "group": {"$in": groups}, "ended": None},
            {"$set": {"ended": now}},
        )

    def record(self, tenant: str) -> list[Anonymized]:
        """Return who was made anonymous, the newest first."""
        found = self.people.find({"_id.t": tenant}).sort("began", -1)
        return [
            Anonymized(
                item["_id"]["s"],
                item["by"],
                item["reason"],
                item["employed"],
                item["began"],
                item.get("ended"),
            )
            for item in found
        ]


def _hiding(item: Document) -> Hiding:
    return Hiding(
        item["_id"]["s"], item["number"], tuple(item["employee"]), tuple(item["ids"])
    )
