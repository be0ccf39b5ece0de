"""The timeline's one document: who writes, how far each is, and consistent-through.

In the collection ``meta``, times in microseconds since 1970:

- ``through``: consistent-through; it only grows,
- ``floor``: the last stamp of all writers that rest or have ended,
- ``clock``, ``asked``: the server's time at the last change, and when somebody last
  wanted to know consistent-through (dates),
- ``writers``, by id: ``low`` (each stamp not yet committed lies above it; absent while
  the writer rests: then it stamps nothing), ``turn`` (how often it has woken),
  ``beat`` (when it last told of itself, by the server's clock), ``alive`` (false: it is
  being fenced), ``host``, ``place``, ``pid``.

One findAndModify changes a writer's row and draws consistent-through from all rows, so
that nobody can come in between: who wakes is either counted or finds a time above
which it must begin. What must outlast a failover waits for a majority: waking, and a
consistent-through that is given out. A row's ``low`` need not: it is true or absent.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from lrs.store.clock import microseconds
from lrs.store.mongo import JOURNALED, Document

_ID = "through"
_NOW: Any = "$$NOW"
_LOWS = {
    "$map": {
        "input": {"$objectToArray": {"$ifNull": ["$writers", {}]}},
        "in": "$$this.v.low",
    }
}


def _drawn(now: Any) -> Document:
    """Return consistent-through as an expression; ``now`` is the server's time."""
    least = {"$ifNull": [{"$min": _LOWS}, {"$max": [now, "$floor"]}]}
    # Not past the clock, or a batch whose stamps reach ahead would pull it along; but
    # when the clock was set back, what is written meanwhile must appear all the same.
    held = {"$min": [now, least]}
    found = {"$cond": [{"$gt": ["$through", now]}, least, held]}
    return {"$max": ["$through", found]}


@dataclass(frozen=True, slots=True)
class Row:
    """A writer as the others see it."""

    id: str
    beat: datetime.datetime
    alive: bool
    low: int | None
    place: str
    pid: int


@dataclass(frozen=True, slots=True)
class State:
    """The document at one moment; ``rows`` by id."""

    through: int
    floor: int
    clock: datetime.datetime
    asked: datetime.datetime | None
    joined: int
    rows: Mapping[str, Row]

    @property
    def set_back(self) -> bool:
        """Tell whether the server's clock is behind what was given out."""
        return self.through > microseconds(self.clock)

    @property
    def top(self) -> int:
        """Return what no stamp that was told of lies above."""
        return max(self.floor, *(row.low or 0 for row in self.rows.values()), 0)


class ThroughDocument:
    """The document; what a writer says of itself returns None where it is fenced."""

    def __init__(self, database: Database[Document]) -> None:
        self._meta = database["meta"].with_options(write_concern=JOURNALED)
        self._quick = self._meta.with_options(write_concern=WriteConcern(w=1))

    def join(self, writer: str, host: str, place: str, pid: int) -> State:
        """Add a row; the writer rests until it wakes."""
        row = {"turn": 0, "alive": True, "host": host, "place": place, "pid": pid}
        changes = {f"writers.{writer}": {**row, "beat": _NOW}}
        counted = {"joined": {"$add": [{"$ifNull": ["$joined", 0]}, 1]}}
        return self._must({**changes, **counted}, settled=True)

    def look(self, *, asked: bool) -> State:
        """Draw consistent-through; nothing is said of a writer."""
        return self._must({"asked": _NOW} if asked else {}, settled=asked)

    def beat(self, writer: str, low: int, *, asked: bool) -> State | None:
        """Raise a writer's ``low``; ``asked``: and consistent-through is wanted."""
        changes: Document = {f"writers.{writer}.low": low}
        return self._say(writer, {}, changes, asked=asked)

    def rest(self, writer: str, turn: int, last: int, *, asked: bool) -> State | None:
        """Let the others not wait for a writer until it wakes again.

        ``last`` is its last stamp. Does nothing to one that has woken since.
        """
        own = f"writers.{writer}"
        changes: Document = {
            f"{own}.low": "$$REMOVE",
            f"{own}.turn": turn,
            "floor": {"$max": ["$floor", last]},
        }
        return self._say(writer, {f"{own}.turn": {"$lte": turn}}, changes, asked=asked)

    def wake(self, writer: str, turn: int) -> State | None:
        """Count a writer again: it stamps above what the returned state has.

        ``turn`` is one more than ever before: an attempt of which nothing was heard
        does no harm when it comes late.
        """
        own = f"writers.{writer}"
        known = f"${own}.turn"
        begins = {"$max": ["$through", "$floor", 0]}
        low = {"$cond": [{"$lt": [known, turn]}, begins, f"${own}.low"]}
        changes = {f"{own}.low": low, f"{own}.turn": {"$max": [known, turn]}}
        return self._say(writer, {}, changes, asked=False, settled=True)

    def suspend(self, row: Row) -> bool:
        """Take a silent writer's word; False where it has spoken meanwhile."""
        own = f"writers.{row.id}"
        found = self._meta.update_one(
            {"_id": _ID, f"{own}.beat": row.beat}, {"$set": {f"{own}.alive": False}}
        )
        return found.matched_count == 1

    def raise_floor(self, last: int) -> None:
        """Note the last stamp of a writer that has ended."""
        self._meta.update_one({"_id": _ID}, {"$max": {"floor": last}}, upsert=True)

    def remove(self, writer: str) -> None:
        """Count a writer no more: nothing of it can be committed."""
        self._meta.update_one({"_id": _ID}, {"$unset": {f"writers.{writer}": ""}})

    def known(self) -> set[str]:
        """Return the ids of the writers."""
        return set((self._meta.find_one({"_id": _ID}) or {}).get("writers", {}))

    def take_over(self, through: int, floor: int) -> None:
        """Begin above what a former timeline has given out."""
        self._meta.update_one(
            {"_id": _ID}, {"$max": {"through": through, "floor": floor}}, upsert=True
        )

    def _say(
        self,
        writer: str,
        only: Document,
        changes: Document,
        *,
        asked: bool,
        settled: bool = False,
    ) -> State | None:
        own = f"writers.{writer}"
        said = {**changes, f"{own}.beat": _NOW}
        if asked:
            said["asked"] = _NOW
        alive = {f"{own}.alive": True}
        return self._change({**alive, **only}, said, settled=asked or settled)

    def _must(self, changes: Document, *, settled: bool) -> State:
        while (state := self._change({}, changes, settled=settled)) is None:
            self._meta.update_one({"_id": _ID}, {"$max": {"through": 0}}, upsert=True)
        return state

    def _change(
        self, only: Document, changes: Document, *, settled: bool
    ) -> State | None:
        collection = self._meta if settled else self._quick
        now = {"$multiply": [{"$toLong": _NOW}, 1000]}
        found: dict[str, Any] | None = collection.find_one_and_update(
            {"_id": _ID, **only},
            [
                {"$set": {**changes, "clock": _NOW}},
                {"$set": {"through": _drawn(now)}},
            ],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _state(found)


def _state(found: Document) -> State:
    return State(
        through=int(found["through"]),
        floor=int(found.get("floor") or 0),
        clock=found["clock"],
        asked=found.get("asked"),
        joined=int(found.get("joined", 0)),
        rows={
            name: Row(
                id=name,
                beat=row["beat"],
                alive=row["alive"],
                low=row.get("low"),
                place=row["place"],
                pid=row["pid"],
            )
            for name, row in found.get("writers", {}).items()
        },
    )
