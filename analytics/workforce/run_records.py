"""The record of every run: when, what, how many of each kind, how long, why it failed.

In: ``ledger_runs`` as staging writes it. Out: records for people, newest first; what
was set aside is found by a record's run.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pymongo import DESCENDING

from analytics.workforce.ledger import Ledger
from analytics.workforce.quarantine import waiting
from analytics.workforce.source_records import NOT_APPLIED, waiting_at_first
from lrs.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from analytics.workforce.mapping import Mapping as FieldMapping

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
STATES = {
    "staging": "at work",
    "clearing": "failed",
    "abandoned": "failed",
    "applied": "applied",
    "refused": "refused",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """How many records a replay took as a former one, ``run``, had corrected them."""

    run: str
    by: str
    reason: str
    records: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run; ``seconds`` None while it is at work, or where nobody knows."""

    run: str
    kind: str
    source: str
    mode: str
    file: str
    began: datetime.datetime | None
    seconds: float | None
    state: str  # at work | applied | refused, for what it holds | failed: was stopped
    why: str | None
    counts: Mapping[str, int]
    ended: datetime.datetime | None = None
    recorded: int | None = None  # of an applied one: microseconds
    drift: tuple[str, ...] = ()
    replays: str = ""  # the run of which this one is a replay
    by: str = ""  # who brought it in or corrected it, where that is kept
    reason: str = ""
    sha256: str = ""  # of what was delivered
    valve: bool = False  # a valve refused it
    waiting: int | None = None  # records set aside that nothing has come of
    reconciliation: Mapping[str, Any] = field(default_factory=dict)
    corrected: tuple[Carried, ...] = ()  # of a replay: what others had corrected before

    @property
    def recorded_at(self) -> datetime.datetime | None:
        """When what it brought was known: ``recorded`` as a moment."""
        if self.recorded is None:
            return None
        return _EPOCH + datetime.timedelta(microseconds=self.recorded)


def records(
    ledger: Ledger, tenant: str, kind: str | None = None, limit: int = 20
) -> Iterator[RunRecord]:
    """Yield the newest runs of a tenant, with how many records of each still wait."""
    wanted: dict[str, Any] = {"_id.t": tenant, "dry": {"$exists": False}}
    if kind is not None:
        wanted["kind"] = kind
    found = ledger.collections.runs.find(wanted)
    listed = list(found.sort("began", DESCENDING).limit(limit))
    for found_one in _records(ledger, tenant, listed):
        aside = found_one.recorded is not None and waiting_at_first(found_one.counts)
        number = waiting(ledger, tenant, found_one.run) if aside else 0
        yield replace(found_one, waiting=number)


def ended_by(
    ledger: Ledger, tenant: str, known_at: datetime.datetime | None, limit: int
) -> list[RunRecord]:
    """Return the newest runs that had ended by then (None: until now).

    One that was applied counts from its recorded time, which is the truth's; one that
    failed from when its process said so.
    """
    applied: dict[str, Any] = {"state": "applied"}
    failed: dict[str, Any] = {"state": {"$in": NOT_APPLIED}}
    if known_at is not None:
        since = known_at - _EPOCH
        applied["recorded"] = {"$lte": since // datetime.timedelta(microseconds=1)}
        failed["ended"] = {"$lte": known_at}
    wanted = {"_id.t": tenant, "$or": [applied, failed]}
    found = ledger.collections.runs.find(wanted).sort("began", DESCENDING)
    return _records(ledger, tenant, list(found.limit(limit)))


def record(ledger: Ledger, tenant: str, run: str) -> RunRecord:
    """Return one run, by its id or the beginning of it; raises NotFound."""
    ids = {"$gte": {"t": tenant, "run": run}, "$lt": {"t": tenant, "run": run + "~"}}
    found = list(ledger.collections.runs.find({"_id": ids}).limit(2))
    if len(found) != 1:
        what = "more than one" if found else "no"
        raise NotFound(f"There is {what} run whose id begins like this.")
    return _records(ledger, tenant, found)[0]


def check_mapping(run: RunRecord, mapping: FieldMapping) -> None:
    """Raise BadRequest where a mapping is not that of the run's source."""
    if mapping.table.kind != run.kind or mapping.name != run.source:
        raise BadRequest(
            f"This run was of {run.source}, {run.kind}; the mapping is "
            f"{mapping.name}, {mapping.table.kind}."
        )
    if run.replays:
        raise BadRequest(
            f"This run was a replay: what it refused waits in the run {run.replays}. "
            "Replay that one."
        )


def _records(
    ledger: Ledger, tenant: str, items: Iterable[Mapping[str, Any]]
) -> list[RunRecord]:
    """Return records; whose corrections they carry is read where it is kept, once.

    So whoever is made anonymous is taken out of one place.
    """
    runs = {one["run"] for item in items for one in item.get("corrected", ())}
    ids = [{"t": tenant, "run": run} for run in sorted(runs)]
    signed = {}
    if ids:
        shown = {"by": 1, "reason": 1}
        for item in ledger.collections.runs.find({"_id": {"$in": ids}}, shown):
            signed[item["_id"]["run"]] = item
    return [_record(item, signed) for item in items]


def _record(item: Mapping[str, Any], signed: Mapping[str, Any]) -> RunRecord:
    began, ended = item.get("began"), item.get("ended")
    seconds = (ended - began).total_seconds() if began and ended else None
    return RunRecord(
        run=item["_id"]["run"],
        kind=item["kind"],
        source=item.get("source", ""),
        mode=item.get("mode", "delta"),
        file=item.get("file", ""),
        began=began,
        seconds=seconds,
        state="refused" if item.get("refused") else STATES[item["state"]],
        why=item.get("why"),
        counts=item.get("counts", {}),
        ended=ended,
        recorded=item.get("recorded"),
        drift=tuple(item.get("drift", ())),
        replays=item.get("replays", ""),
        by=item.get("by", ""),
        reason=item.get("reason", ""),
        sha256=item.get("sha256", ""),
        valve=item.get("valve", False),
        reconciliation=item.get("reconciliation", {}),
        corrected=tuple(
            Carried(one["run"], who["by"], who.get("reason", ""), one["records"])
            for one in item.get("corrected", ())
            if (who := signed.get(one["run"], {})).get("by")
        ),
    )
