"""Forgetting: what identity providers told of people who become anonymous goes.

In: the people's numbers and addresses. Out: how many users went, each with all of its
changes. A user is theirs by its number, or another identifier that a mapping may take
for one; without any number by an address. Whom the provider still has, it creates anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymongo.database import Database

from analytics.workforce.ledger import chunks
from analytics.workforce.scim.identity import exactly, without_case
from analytics.workforce.scim.users import Collections

_CHUNK = 500


def forget(
    database: Database[dict[str, Any]],
    tenant: str,
    numbers: Iterable[str],
    addresses: Iterable[str],
    *,
    write: bool,
) -> int:
    """Remove the users of some people; safe to repeat. Without ``write`` only count."""
    at = Collections.of(database)
    by: list[dict[str, Any]] = []
    for some in chunks(iter(sorted(numbers)), _CHUNK):
        by.append({"numbers": {"$in": [without_case(one) for one in some]}})
        by.append({"externals": {"$in": [exactly(one) for one in some]}})
        by.append({"_id": {"$in": [{"t": tenant, "id": one} for one in some]}})
    for some in chunks(iter(sorted(addresses)), _CHUNK):
        by.append({"former": {"$in": some}, "numbers": []})
    ids = {
        row["_id"]["id"]
        for wanted in by
        for row in at.users.find({"_id.t": tenant, **wanted}, {"_id": 1})
    }
    if write:
        for few in chunks(iter(sorted(ids)), _CHUNK):
            # The user last: as long as it is there, this is done again.
            at.changes.delete_many({"_id.t": tenant, "id": {"$in": few}})
            keys = [{"t": tenant, "id": one} for one in few]
            at.users.delete_many({"_id": {"$in": keys}})
    return len(ids)
