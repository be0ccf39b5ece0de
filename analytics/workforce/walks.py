"""Walks: when each configured source was last taken, and what failed.

The collection ``workforce_syncs`` has {_id: {t, name}, began, ended, why, refused,
of, after}: the last walk over a source, why that failed, and why the newest
delivery was refused, where it was (``refused``). That stays, however often nothing new
is found, until another one ``of`` the source is applied, be it by hand: until its last
applied run is a later one than when it was refused (``after``).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from analytics.workforce.source_records import SourceRecords
from lrs.errors import LrsError


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
        self._sources = SourceRecords(database["ledger_sources"])

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
        of: tuple[str, str] | None = None,
        after: int | None = None,
    ) -> None:
        """Note that a walk has ended; ``why`` where it failed.

        ``taken``: a delivery was applied; ``refused``: why the last one was not, which
        is ``of`` a kind and a source, whose last applied run was recorded at ``after``.
        """
        ended: dict[str, Any] = {"ended": datetime.datetime.now(datetime.UTC)}
        ended["why"] = why
        if taken or refused:
            ended |= {"refused": refused, "of": of, "after": after}
        self._walks.update_one(_id(tenant, name), {"$set": ended})

    @contextmanager
    def over(self, tenant: str, name: str) -> Iterator[dict[str, Any]]:
        """Note a walk from its beginning to its end; what is yielded goes to ``end``.

        One that is interrupted, or whose database is away, has no end.
        """
        self.begin(tenant, name)
        ended: dict[str, Any] = {}
        try:
            yield ended
        except LrsError as error:
            self.end(tenant, name, error.message)
            raise
        self.end(tenant, name, **ended)

    def last(self, tenant: str, name: str) -> LastWalk | None:
        """Return the last walk over a source, or None before the first."""
        found = self._walks.find_one(_id(tenant, name))
        return None if found is None else _walk(found, self._applied())

    def all(self) -> dict[tuple[str, str], LastWalk]:
        """Return the last walk over every source, by tenant and name."""
        applied = self._applied()
        return {
            (found["_id"]["t"], found["_id"]["name"]): _walk(found, applied)
            for found in self._walks.find()
        }

    def _applied(self) -> dict[tuple[str, ...], int]:
        """Return when the last run of each source was recorded."""
        return {
            (record.tenant, record.kind, record.source): record.recorded or 0
            for record in self._sources.all()
        }


def _walk(found: dict[str, Any], applied: dict[tuple[str, ...], int]) -> LastWalk:
    refused, after = found.get("refused"), found.get("after")
    of = (found["_id"]["t"], *(found.get("of") or ()))
    if after is not None and applied.get(of, 0) > after:
        refused = None  # something of it was applied since
    return LastWalk(found["began"], found.get("ended"), found.get("why") or refused)


def _id(tenant: str, name: str) -> dict[str, Any]:
    return {"_id": {"t": tenant, "name": name}}
