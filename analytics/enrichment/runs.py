"""What is known of the last enrichment of each tenant: how far, when, with what.

A pass that finds nothing new commits nothing to the tables; this record is then the
only thing that moves. It is never ahead of the tables: it is written after them, and
a reader takes it only where the facts table still has the position it names.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database


@dataclass(frozen=True, slots=True)
class LastRun:
    """``through``: the truth up to there is in the tables (microseconds).

    ``position`` is the facts table's own, ``finished`` when the pass ended.
    """

    through: int
    position: int
    finished: datetime.datetime


class MongoRuns:
    """The record of each tenant in the collection ``enrichment``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._runs = database["enrichment"]

    def put(self, tenant: str, through: int, position: int) -> None:
        """Note that a pass has ended; one that others overtook sets nothing back."""
        self._runs.update_one(
            {"_id": tenant},
            {
                "$max": {"through": through, "position": position},
                "$set": {"finished": datetime.datetime.now(datetime.UTC)},
            },
            upsert=True,
        )

    def get(self, tenant: str) -> LastRun | None:
        """Return the last pass of the tenant, or None before the first."""
        found = self._runs.find_one({"_id": tenant})
        return None if found is None else _last(found)

    def all(self) -> dict[str, LastRun]:
        """Return the last pass of every tenant."""
        return {found["_id"]: _last(found) for found in self._runs.find()}


def _last(found: dict[str, Any]) -> LastRun:
    return LastRun(found["through"], found["position"], found["finished"])
