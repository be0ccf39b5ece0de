"""Cursors: up to where a source that is asked has been taken.

The collection ``ledger_cursors`` has {_id: {t, source}, cursor, at, full_at, version}:
what the source's next delta begins with, when that was noted, when everybody was last
taken, and the mapping's version then. It moves when a delivery was applied, and not
before: a process that is killed in between asks for the same changes again, which
changes nothing.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

NAME = "ledger_cursors"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a source stands.

    ``cursor`` is the connector's own text, ``at`` when it was noted, ``full_at`` when
    everybody was last taken (None: never), ``version`` the mapping's at that time.
    """

    cursor: str
    at: datetime.datetime
    full_at: datetime.datetime | None = None
    version: str = ""


class Cursors:
    """The cursors of all tenants' sources."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        self._at = collection.with_options(
            write_concern=WriteConcern(w="majority", j=True)
        )

    @property
    def database(self) -> Database[dict[str, Any]]:
        """Return the database that they stand in."""
        return self._at.database

    def get(self, tenant: str, source: str) -> Cursor | None:
        """Return where a source stands; None before its first delivery."""
        found = self._at.find_one(_one(tenant, source))
        if found is None:
            return None
        return Cursor(
            found["cursor"], found["at"], found.get("full_at"), found.get("version", "")
        )

    def set(self, tenant: str, source: str, cursor: Cursor) -> None:
        """Note where a source stands; safe to repeat."""
        self._at.replace_one(
            _one(tenant, source),
            _one(tenant, source)
            | {"cursor": cursor.cursor, "at": cursor.at}
            | {"full_at": cursor.full_at, "version": cursor.version},
            upsert=True,
        )

    def forget(self, tenant: str, source: str) -> None:
        """Let the next sync begin anew, with everybody."""
        self._at.delete_one(_one(tenant, source))


def cursors_of(database: Database[dict[str, Any]]) -> Cursors:
    """Return the cursors of a database."""
    return Cursors(database[NAME])


def _one(tenant: str, source: str) -> dict[str, Any]:
    return {"_id": {"t": tenant, "source": source}}
