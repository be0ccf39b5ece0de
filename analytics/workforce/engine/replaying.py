"""Replaying: what a run set aside is imported again.

In: an applied run; the mapping as it was mended, or the records of it that are right.
Out: another run, of the records that stand now; the others wait where they did. Of what
a later run has spoken since, the former record says nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson

from analytics.workforce.engine.importing import ImportResult, import_delivery
from analytics.workforce.engine.retrying import Retry
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping
from analytics.workforce.quarantine import Aside, asides
from analytics.workforce.run_lock import LEASE_SECONDS
from analytics.workforce.run_records import RunRecord
from analytics.workforce.sources.records import Delivery
from lrs.errors import BadRequest

_TOLD = 20  # names in one message


def replay(
    ledger: Ledger,
    tenant: str,
    run: RunRecord,
    mapping: Mapping,
    progress: Progress | None = None,
    *,
    chosen: Sequence[str] = (),
    accepted: bool = False,
    lease_seconds: float = LEASE_SECONDS,
) -> ImportResult:
    """Import what an applied run set aside; raises BadRequest where that is nothing.

    It adds, whatever the run was, and corrects what was known then; what was taken is
    not again. ``chosen``: these records alone, by their names in the quarantine.
    """
    if run.replays:
        raise BadRequest(
            f"This run was a replay: what it refused waits in the run {run.replays}. "
            "Replay that one."
        )
    if mapping.table.kind != run.kind or mapping.name != run.source:
        raise BadRequest(
            f"This run was of {run.source}, {run.kind}; the mapping is "
            f"{mapping.name}, {mapping.table.kind}."
        )
    numbers, nothing = None, "This run set nothing aside that can be replayed."
    if chosen:
        picked = _picked(asides(ledger, tenant, run.run), chosen)
        numbers = [aside.number for aside in picked]
        states = (
            f"{one.record} is {one.state} (run {one.by[:12]})"
            for one in picked
            if one.by is not None
        )
        nothing = f"There is nothing to do: {', '.join(states)}."
    retry = Retry(ledger, tenant, run, numbers)
    if retry.is_empty(mapping):
        raise BadRequest(nothing)
    fields = _fields(ledger, retry)
    delivery = Delivery(
        *(f"quarantine of {run.file}", "", fields, retry.records(), retry.again)
    )
    terms = replace(mapping.terms, mode="delta", accepted=accepted)
    result = import_delivery(
        *(ledger, tenant, delivery, mapping, terms, progress),
        retry=retry,
        lease_seconds=lease_seconds,
    )
    told = retry.told(result.quarantined)
    return replace(result, quarantined=told, overtaken=retry.overtaken)


def _fields(ledger: Ledger, retry: Retry) -> tuple[str, ...]:
    fields: dict[str, None] = {}
    for item in ledger.collections.quarantine.find(retry.wanted(), {"cells": 1}):
        fields.update(dict.fromkeys(orjson.loads(item["cells"])))
    return tuple(fields)


def _picked(known: Iterable[Aside], chosen: Sequence[str]) -> list[Aside]:
    """Return records by their names; raises BadRequest."""
    wanted = dict.fromkeys(chosen)
    found: dict[str, Aside] = {}
    alike: dict[str, list[str]] = {}
    for aside in known:
        if aside.record not in wanted:
            if (line := str(aside.line)) in wanted:
                alike.setdefault(line, []).append(aside.record)
        elif not aside.kept:
            raise BadRequest(
                f"The record {aside.record} cannot be replayed: "
                f"{aside.next or 'nothing of it is kept'}."
            )
        else:
            found[aside.record] = aside
    for name in wanted:
        if name in alike and name not in found:
            names = ", ".join(alike[name][:_TOLD])
            raise BadRequest(f"There are several records at {name}: {names}.")
        if name not in found:
            raise BadRequest(f"This run set no record {name[:100]} aside.")
    return list(found.values())
