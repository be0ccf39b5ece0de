"""Clearing: what runs that were never applied have left is removed.

A run says so first (``clearing``), so that it cannot be applied any more; then its rows
go, some thousands at a time: a million in one command would outlast any time-out. What
is killed meanwhile goes on with the next import of the kind, or the next turn of
``lrs worker``, whichever is first.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from contextlib import suppress
from uuid import uuid4

from pymongo import DESCENDING
from pymongo.collection import Collection

from analytics.workforce.ledger import Collections, Document, Ledger, all_of
from analytics.workforce.personal import Personal
from analytics.workforce.run_lock import LEASE_SECONDS, RunLock
from analytics.workforce.source_records import SourceRecords
from lrs.errors import Conflict

_KILLED = "Its process ended before it did."
_UNFINISHED = {"$in": ["staging", "clearing"]}
_PIECE = 10_000  # rows


def clear_run(
    at: Collections,
    tenant: str,
    run: str,
    why: str,
    stay_alive: Callable[[], None] = lambda: None,
    noted: Mapping[str, bool] | None = None,
) -> bool:
    """Remove what a run staged, unless it was applied; tell whether it was not.

    ``noted`` stays in its record beside ``why``; a dry run leaves no record.
    """
    # The state decides, not what a process believes: a transaction may have been
    # committed although its answer was lost. One already abandoned may have written a
    # last chunk since.
    it = {"_id": {"t": tenant, "run": run}}
    unfinished = it | {"state": {"$ne": "applied"}}
    clearing = {"$set": {"state": "clearing"}}
    found = at.runs.find_one_and_update(unfinished, clearing)
    if found is None:
        return False
    for collection in (at.rows, at.quarantine):
        _clear(collection, tenant, run, stay_alive)
    Personal(at.people, tenant).clear(run)
    if found.get("dry"):
        at.runs.delete_one(it)
        return True
    ended = datetime.datetime.now(datetime.UTC)
    abandoned = {"state": "abandoned", "why": why, "ended": ended}
    abandoned |= noted or {}
    at.runs.update_one(it, {"$set": abandoned})
    source = found.get("source", "")
    SourceRecords(at.sources).failed(tenant, found["kind"], source, ended)
    return True


def clear_killed(
    at: Collections, tenant: str, kind: str, stay_alive: Callable[[], None]
) -> int:
    """Clear what killed imports left; return of how many. Their lock must be held."""
    unfinished = {"_id.t": tenant, "kind": kind, "state": _UNFINISHED}
    killed = [item["_id"]["run"] for item in at.runs.find(unfinished, {"_id": 1})]
    for run in killed:
        clear_run(at, tenant, run, _KILLED, stay_alive)
    return len(killed)


def clear_every_killed(ledger: Ledger, lease_seconds: float = LEASE_SECONDS) -> int:
    """Clear what killed imports of any tenant and kind left; return of how many.

    Whose lock is held is at work, and left alone.
    """
    at, cleared = ledger.collections, 0
    found = at.runs.find({"state": _UNFINISHED}, {"kind": 1})
    for tenant, kind in sorted({(it["_id"]["t"], it["kind"]) for it in found}):
        lock = RunLock(at, tenant, kind, uuid4().hex, lease_seconds)
        if not lock.take():
            continue
        try:
            with suppress(Conflict):  # another took the lock, and clears it too
                cleared += clear_killed(at, tenant, kind, lock.stay_alive)
        finally:
            lock.release()
    return cleared


def _clear(
    collection: Collection[Document],
    tenant: str,
    run: str,
    stay_alive: Callable[[], None],
) -> None:
    whole = all_of(tenant, run)
    while last := collection.find_one(
        {"_id": whole}, {"_id": 1}, sort=[("_id", DESCENDING)]
    ):
        stay_alive()
        # From the end, so that what an insert of the dead may still add is seen.
        piece = whole["$gte"] | {"n": max(last["_id"]["n"] - _PIECE + 1, 0)}
        collection.delete_many({"_id": whole | {"$gte": piece}})
