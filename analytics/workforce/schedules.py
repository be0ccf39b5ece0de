"""Schedules: which configured source is due, and when each was last taken.

In: the mapping files that have a ``[schedule]``. Out: those whose time has come since
they were last begun. The collection ``workforce_syncs`` has {_id: {t, name}, began,
ended, why}: when the last walk began and ended, and why it failed, if it did.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.database import Database

from analytics.workforce.mapping import Schedule, load_mapping
from lrs.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Due:
    """A source, when its next walk is to begin, and what is wrong with its mapping."""

    name: str
    at: datetime.datetime
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class LastWalk:
    """The last walk over a source; ``ended`` None while it goes on, or was killed."""

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

    def end(self, tenant: str, name: str, why: str | None = None) -> None:
        """Note that a walk has ended; ``why`` where it failed."""
        ended = {"ended": datetime.datetime.now(datetime.UTC), "why": why}
        self._walks.update_one(_id(tenant, name), {"$set": ended})

    def last(self, tenant: str, name: str) -> LastWalk | None:
        """Return the last walk over a source, or None before the first."""
        found = self._walks.find_one(_id(tenant, name))
        if found is None:
            return None
        return LastWalk(found["began"], found.get("ended"), found.get("why"))


def due(
    folder: Path, walks: Walks, tenant: str, now: datetime.datetime
) -> Iterator[Due]:
    """Yield the sources with a schedule, each with when it is next to be taken.

    One that was never taken is so at once.
    """
    for path in sorted(folder.glob("*.toml")):
        try:
            mapping = load_mapping(path)
        except BadRequest as error:
            yield Due(path.stem, now, wrong=error.message)
            continue
        if mapping.schedule is not None:
            yield Due(path.stem, _next(mapping.schedule, walks, tenant, path.stem, now))


def _next(
    schedule: Schedule, walks: Walks, tenant: str, name: str, now: datetime.datetime
) -> datetime.datetime:
    last = walks.last(tenant, name)
    return now if last is None else schedule.next_after(last.began)


def _id(tenant: str, name: str) -> dict[str, Any]:
    return {"_id": {"t": tenant, "name": name}}
