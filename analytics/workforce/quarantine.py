"""The quarantine: what a run set aside, and what replays have made of it since.

A replay marks each record that it tries: ``tries`` has {run, outcome}, of a refused one
the new field and reason too, and of one that a steward corrected the cells that stand
for it since, so that they are not lost where it is refused once more, and the replay
that brought them (``corrected``), whose run says by whom and why. The marks are written
while the replay is at work and count from the moment its run is applied, like the rows
it staged: what a killed one has left means nothing, however many it marked. Of a record
the last one that counts is kept beside that of the replay at work.

Out: for each record its name (``3``; ``b.csv:3`` in a delivery of several files;
``3.2`` where it is the second that begins at its line), its state, and what to do:

- ``waiting``, ``refused`` (again, by a replay): nothing has come of it yet
- ``taken`` by a replay; ``overtaken``: a later run had spoken of its key; ``skipped``:
  the mended mapping does not ask for it
- ``closed``: nothing of it is kept, since it speaks of somebody anonymous
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pymongo import ASCENDING

from analytics.workforce.ledger import Document, Ledger, all_of
from analytics.workforce.rules import is_broken_rule
from analytics.workforce.staged_rows import (
    CIRCLE_OF_MANAGERS,
    CIRCLE_OF_UNITS,
    CONTRADICTS,
)

SETTLED = ("taken", "overtaken", "skipped")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_ABSENT = {"$exists": False}
_SEEN = {
    **dict.fromkeys(("line", "file", "field", "reason", "fault", "beside"), 1),
    **dict.fromkeys(("tries", "replayed"), 1),
    "kept": {"$ne": [{"$type": "$cells"}, "missing"]},
    "emptied": {"$eq": ["$values", {"$literal": {}}]},
}
_FAULT = "correct it, or deliver it again: its cells mean nothing to any mapping"
_ELDER = "correct it, or deliver it again: a former release kept too little"
_MENDED = "replay when its mapping was mended, or correct it"
_WRONG = "correct it, or deliver it again"
_UNBENT = "replay when the parent of another unit was mended, or correct it"
_UNWOUND = "replay when another manager of the circle was mended, or correct it"
_MISSING = "is missing"


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that was set aside: never a value of it.

    ``number`` is its place in the run's quarantine. ``by`` is the replay that its state
    comes from, ``at`` when that was. ``corrected_by`` and ``why`` are of the correction
    whose cells stand for it, whichever replay that was. ``kept``: what it said is;
    ``next`` says what to do, empty where there is nothing.
    """

    number: int
    record: str
    line: int
    file: str | None
    field: str
    reason: str
    state: str
    by: str | None
    at: datetime.datetime | None
    kept: bool
    next: str
    corrected_by: str | None = None
    why: str | None = None

    @property
    def open(self) -> bool:
        """Whether it waits: a correction can take it, whatever is wrong."""
        return self.state not in (*SETTLED, "closed")

    @property
    def replay(self) -> bool:
        """Whether a replay can take it."""
        return self.kept and self.state not in SETTLED


@dataclass(frozen=True, slots=True)
class _Replay:
    """An applied replay: its recorded time; of corrections, whose and why."""

    recorded: int
    by: str | None
    why: str | None


def replays_of(ledger: Ledger, tenant: str, runs: Iterable[str]) -> dict[str, int]:
    """Return the applied replays of these runs, each with its recorded time."""
    return {run: it.recorded for run, it in _replays(ledger, tenant, runs).items()}


def _replays(ledger: Ledger, tenant: str, runs: Iterable[str]) -> dict[str, _Replay]:
    asked = {"_id.t": tenant, "state": "applied", "replays": {"$in": list(runs)}}
    shown = {"recorded": 1, "by": 1, "reason": 1}
    return {
        item["_id"]["run"]: _Replay(
            item["recorded"], item.get("by"), item.get("reason")
        )
        for item in ledger.collections.runs.find(asked, shown)
    }


def last_try(item: Mapping[str, Any], replays: Mapping[str, int]) -> Document | None:
    """Return the last try of a record that counts."""
    if by := item.get("replayed"):  # of a release that did not tell outcomes apart
        return {"run": by, "outcome": "taken"}
    tries = [one for one in item.get("tries", ()) if one["run"] in replays]
    return max(tries, key=lambda one: replays[one["run"]], default=None)


def cells_of(item: Mapping[str, Any], tried: Mapping[str, Any] | None) -> str | None:
    """Return what a record says now, as JSON: as corrected, or as it came."""
    found = (tried or {}).get("cells") or item.get("cells")
    return None if found is None else str(found)


def said_now(
    ledger: Ledger, tenant: str, run: str, numbers: Iterable[int]
) -> dict[int, str | None]:
    """Return what records of a run's quarantine say now, by number."""
    replays = replays_of(ledger, tenant, [run])
    ids = [{"t": tenant, "run": run, "n": number} for number in numbers]
    found = ledger.collections.quarantine.find(
        {"_id": {"$in": ids}}, {"cells": 1, "tries": 1, "replayed": 1}
    )
    return {it["_id"]["n"]: cells_of(it, last_try(it, replays)) for it in found}


def open_in(tenant: str, run: str, replays: Iterable[str]) -> Document:
    """Return what finds the records of a run's quarantine that still wait."""
    settled = {"run": {"$in": list(replays)}, "outcome": {"$in": list(SETTLED)}}
    return {
        "_id": all_of(tenant, run),
        "replayed": _ABSENT,
        "tries": {"$not": {"$elemMatch": settled}},
        "$nor": [{"cells": _ABSENT, "fault": _ABSENT, "values": {}}],
    }


def waiting(ledger: Ledger, tenant: str, run: str) -> int:
    """Return how many of a run's records still wait."""
    asked = open_in(tenant, run, replays_of(ledger, tenant, [run]))
    return ledger.collections.quarantine.count_documents(asked)


def asides(ledger: Ledger, tenant: str, run: str) -> Iterator[Aside]:
    """Yield what a run set aside, by line."""
    replays = _replays(ledger, tenant, [run])
    recorded = {name: it.recorded for name, it in replays.items()}
    found = ledger.collections.quarantine.find({"_id": all_of(tenant, run)}, _SEEN)
    ordered = found.sort([("line", ASCENDING), ("_id", ASCENDING)])
    for _, group in groupby(
        ordered.allow_disk_use(True), key=lambda item: item["line"]
    ):
        at_line = list(group)
        several: dict[str | None, int] = {}
        for item in at_line:
            several[item.get("file")] = several.get(item.get("file"), 0) + 1
        place: dict[str | None, int] = {}
        for item in at_line:
            file = item.get("file")
            place[file] = place.get(file, 0) + 1
            name = f"{file}:{item['line']}" if file else str(item["line"])
            name += f".{place[file]}" if several[file] > 1 else ""
            yield _aside(item, name, last_try(item, recorded), replays)


def _aside(
    item: Document, name: str, tried: Document | None, replays: Mapping[str, _Replay]
) -> Aside:
    state = tried["outcome"] if tried else "waiting"
    last = {"field": item["field"], "reason": item["reason"]} | (tried or {})
    corrected = "cells" in last
    kept, settled = item["kept"] or corrected, state in SETTLED
    if not settled and item["emptied"] and not (kept or item.get("fault")):
        state = "closed"
    replay = replays.get(tried["run"]) if tried else None
    # Of a former release's mark, only its own run may be known to have corrected.
    source = replays.get(tried.get("corrected") or tried["run"]) if tried else None
    at = _EPOCH + datetime.timedelta(microseconds=replay.recorded) if replay else None
    settled = settled or state == "closed"
    return Aside(
        number=item["_id"]["n"],
        record=name,
        line=item["line"],
        file=item.get("file"),
        field=last["field"],
        reason=last["reason"],
        state=state,
        by=tried["run"] if tried else None,
        at=at,
        kept=kept,
        next="" if settled else _next(item, name, last["reason"], kept=kept),
        corrected_by=source.by if source else None,
        why=source.why if source else None,
    )


def _next(item: Document, name: str, reason: str, *, kept: bool) -> str:
    if not kept:
        return _FAULT if item.get("fault") else _ELDER
    if reason.startswith(CONTRADICTS):
        others = ", ".join(map(str, item.get("beside", ())))
        beside = f", or else the one at {others}" if others else ""
        return f"if it is the right one, replay with --record {name}{beside}"
    if reason == _MISSING or is_broken_rule(reason):
        return _WRONG  # the mapping read it as it stands
    if reason.startswith(CIRCLE_OF_MANAGERS):
        return _UNWOUND
    return _UNBENT if reason.startswith(CIRCLE_OF_UNITS) else _MENDED
