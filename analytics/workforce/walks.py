"""Walks: when each configured source was last taken, and what failed.

The collection ``workforce_syncs`` has {_id: {t, name}, began, ended, why, refused}: the
last walk over a source, why that failed, and why the newest delivery was refused, where
it was (``refused``): that stays until another one is taken, however often nothing new
is found.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database


@dataclass(frozen=True, slots=True)
class LastWalk:
    """The last walk over a source; ``ended`` None while it goes on, or was killed.

    ``why`` it failed, or else why the newest delivery is not in.
    """

    began: datetime.datetime
    ended: datetime.datetime | None
    why: str | None


class Walks:
    """The record of when each source was taken."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._walks = database["workforce_syncs"]

    def begin(self, tenant: str, name: str) -> None:
        """Note that a walk begins."""
        now = datetime.datetime.now(datetime.UTC)
        self._walks.update_one(
            _id(tenant, name),
            {"$set": {"began": now}, "$unset": {"ended": "", "why": ""}},
            upsert=True,
        )

    def end(
        self,
        tenant: str,
        name: str,
        why: str | None = None,
        *,
        taken: bool = False,
        refused: str | None = None,
    ) -> None:
        """Note that a walk has ended; ``why`` where it failed.

        ``taken``: a delivery was applied; ``refused``: why the last one was not.
        """
        ended: dict[str, Any] = {"ended": datetime.datetime.now(datetime.UTC)}
        ended["why"] = why
        if taken or refused:
            ended["refused"] = refused
        self._walks.update_one(_id(tenant, name), {"$set": ended})

    def last(self, tenant: str, name: str) -> LastWalk | None:
        """Return the last walk over a source, or None before the first."""
        found = self._walks.find_one(_id(tenant, name))
        return None if found is None else _walk(found)

    def all(self) -> dict[tuple[str, str], LastWalk]:
        """Return the last walk over every source, by tenant and name."""
        return {
            (found["_id"]["t"], found["_id"]["name"]): _walk(found)
            for found in self._walks.find()
        }


def _walk(found: dict[str, Any]) -> LastWalk:
    why = found.get("why") or found.get("refused")
    return LastWalk(found["began"], found.get("ended"), why)


def _id(tenant: str, name: str) -> dict[str, Any]:
    return {"_id": {"t": tenant, "name": name}}
