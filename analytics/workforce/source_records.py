"""The record of every source: its last runs, and what is set aside and waits.

The collection ``ledger_sources`` has, for each tenant, kind and source,
{_id: {t, kind, source}, run, began, recorded, mode, counts, open, since, failed,
confirmed}. It is the fold of ``ledger_runs``, kept beside it so that nobody who asks
how fresh things are reads thousands of runs; what an applied run changes stands in that
run's transaction.

``open`` are the records set aside and not replayed since the last full delivery, which
speaks of everybody anew; ``since`` is the recorded time of that one.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

Document = dict[str, Any]
_KEPT = ("began", "recorded", "counts", "open", "since")
NOT_APPLIED = ["abandoned", "refused"]  # states of runs that came to their end
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_OF_RUNS = dict.fromkeys(
    (
        *("kind", "source", "began", "recorded", "mode", "counts", "ended"),
        *("replays", "settled"),
    ),
    1,
)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as its runs left it.

    ``recorded`` (microseconds) and ``counts`` are of the last delivery applied, which
    no replay is; ``failed`` is when the last run ended that was not applied;
    ``confirmed`` when a system that was asked last said that nothing has changed.
    """

    tenant: str
    kind: str
    source: str
    began: datetime.datetime | None
    recorded: int | None
    counts: Mapping[str, int]
    open: int
    failed: datetime.datetime | None
    confirmed: datetime.datetime | None = None

    @property
    def fresh_at(self) -> datetime.datetime | None:
        """Return when it was last known to be as its system has it."""
        if self.recorded is None:
            return None
        applied = _EPOCH + datetime.timedelta(microseconds=self.recorded)
        return max(applied, self.confirmed) if self.confirmed else applied


class SourceRecords:
    """The records of the sources of all tenants."""

    def __init__(self, collection: Collection[Document]) -> None:
        self._at = collection

    def applied(
        self, tenant: str, run: Mapping[str, Any], session: ClientSession | None = None
    ) -> None:
        """Note an applied run, in its transaction."""
        one = _one(tenant, run["kind"], run.get("source", ""))
        former = self._at.find_one(one, session=session) or {}
        changed = {"$set": after(former, run)}
        self._at.update_one(one, changed, upsert=True, session=session)

    def failed(
        self, tenant: str, kind: str, source: str, ended: datetime.datetime
    ) -> None:
        """Note that a run was not applied."""
        noted = {"$max": {"failed": ended}}
        self._at.update_one(_one(tenant, kind, source), noted, upsert=True)

    def confirmed(
        self, tenant: str, kind: str, source: str, asked: datetime.datetime
    ) -> None:
        """Note that nothing had changed when a system was asked."""
        known = _one(tenant, kind, source) | {"recorded": {"$exists": True}}
        self._at.update_one(known, {"$max": {"confirmed": asked}})

    def last(self, tenant: str, kind: str, source: str) -> int:
        """Return the recorded time of the last delivery applied; 0 before the first."""
        found = self._at.find_one(_one(tenant, kind, source)) or {}
        return int(found.get("recorded") or 0)

    def settled(
        self,
        tenant: str,
        kind: str,
        source: str,
        recorded: int,
        number: int,
        session: ClientSession | None = None,
    ) -> None:
        """Note that so many records which a run set aside wait no more."""
        counted = _one(tenant, kind, source) | {"since": {"$lte": recorded}}
        changed = {"$inc": {"open": -number}}
        self._at.update_one(counted, changed, session=session)

    def all(self) -> list[SourceRecord]:
        """Return the records of all sources of all tenants."""
        return [
            SourceRecord(
                tenant=found["_id"]["t"],
                kind=found["_id"]["kind"],
                source=found["_id"]["source"],
                began=found.get("began"),
                recorded=found.get("recorded"),
                counts=found.get("counts", {}),
                open=found.get("open", 0),
                failed=found.get("failed"),
                confirmed=found.get("confirmed"),
            )
            for found in self._at.find()
        ]


def ages(records: SourceRecords, tenant: str) -> dict[str, datetime.datetime]:
    """Return how fresh each source of people is, by name: see ``fresh_at``."""
    return {
        item.source: item.fresh_at
        for item in records.all()
        if (item.tenant, item.kind) == (tenant, "workforce")
        and item.fresh_at is not None
    }


def after(former: Mapping[str, Any], run: Mapping[str, Any]) -> Document:
    """Return what a source's record says after one more applied run."""
    if run.get("replays") and "since" in former:
        # No delivery: the source gets no younger, and what is refused waits already.
        return {name: former.get(name) for name in _KEPT}
    aside = waiting_at_first(run["counts"])
    full = run.get("mode") == "full" or "since" not in former
    return {
        "began": run.get("began"),
        "recorded": run["recorded"],
        "counts": dict(run["counts"]),
        "open": aside if full else former["open"] + aside,
        "since": run["recorded"] if full else former["since"],
    }


def waiting_at_first(counts: Mapping[str, int]) -> int:
    """Return how many records a run's quarantine has: whole ones, or links of them."""
    return counts.get("quarantined", 0) + counts.get("links_set_aside", 0)


def sum_sources(database: Database[Document]) -> None:
    """Make the records from the runs, for a database of before; safe to repeat."""
    again = {
        (item["_id"]["t"], item["_id"]["run"]): item["number"]
        for item in database["quarantine"].aggregate(
            [
                {"$match": {"replayed": {"$exists": True}}},  # of an older release
                {"$group": {"_id": {"t": "$_id.t", "run": "$_id.run"}, "number": _SUM}},
            ]
        )
    }
    recorded: dict[str, int] = {}
    made: dict[tuple[str, str, str], Document] = {}
    runs = database["ledger_runs"]
    for run in runs.find({"state": "applied"}, _OF_RUNS).sort("recorded", ASCENDING):
        tenant = run["_id"]["t"]
        key = tenant, run["kind"], run.get("source", "")
        made[key] = after(made.get(key, {}), run)
        made[key]["open"] -= again.get((tenant, run["_id"]["run"]), 0)
        recorded[run["_id"]["run"]] = run["recorded"]
        if recorded.get(run.get("replays", ""), -1) >= made[key]["since"]:
            made[key]["open"] -= run.get("settled", 0)
    for key, record in made.items():
        database["ledger_sources"].replace_one(_one(*key), record, upsert=True)
    records = SourceRecords(database["ledger_sources"])
    for run in runs.find({"state": {"$in": NOT_APPLIED}}, _OF_RUNS):
        if ended := run.get("ended"):
            tenant = run["_id"]["t"]
            records.failed(tenant, run["kind"], run.get("source", ""), ended)


_SUM = {"$sum": 1}


def _one(tenant: str, kind: str, source: str) -> Document:
    return {"_id": {"t": tenant, "kind": kind, "source": source}}
