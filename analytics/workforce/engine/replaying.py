"""Replaying: what a run set aside is imported again.

In: an applied run; the mapping as it was mended, the records of it that are right, or
what a steward corrected in them.
Out: another run, of the records that stand now; the others wait where they did. Of what
a later run has spoken since, the former record says nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson

from analytics.identity.decisions import Signed
from analytics.workforce.corrections.taking_back import Corrections
from analytics.workforce.engine.importing import ImportResult, import_delivery
from analytics.workforce.engine.retrying import Retry
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping
from analytics.workforce.quarantine import Aside, asides
from analytics.workforce.run_lock import LEASE_SECONDS
from analytics.workforce.run_records import RunRecord, check_mapping
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
    corrections: Corrections | None = None,
    signed: Signed | None = None,
    accepted: bool = False,
    lease_seconds: float = LEASE_SECONDS,
) -> ImportResult:
    """Import what an applied run set aside; raises BadRequest where that is nothing.

    It adds, whatever the run was, and corrects what was known then; what was taken is
    not again. ``chosen``: these records alone, by their names in the quarantine;
    ``corrections``: those that it names, as it says them, by whom and why ``signed``
    tells. Raises Conflict where one of them waits no more.
    """
    check_mapping(run, mapping)
    numbers, nothing = None, "This run set nothing aside that can be replayed."
    if corrections:
        numbers = list(corrections.cells)
    if chosen:
        picked = _picked(asides(ledger, tenant, run.run), chosen)
        numbers = [aside.number for aside in picked]
        states = (
            f"{one.record} is {one.state} (run {one.by[:12]})"
            for one in picked
            if one.by is not None
        )
        nothing = f"There is nothing to do: {', '.join(states)}."
    cells = corrections.cells if corrections else None
    retry = Retry(ledger, tenant, run, numbers, cells, signed)
    if retry.is_empty(mapping):
        raise BadRequest(nothing)
    fields = _fields(ledger, retry)
    file, sha256 = f"quarantine of {run.file}", ""
    if corrections:
        file, sha256 = f"{corrections.file} for {run.file}", corrections.sha256
    delivery = Delivery(file, sha256, fields, retry.records(), retry.again)
    terms = replace(mapping.terms, mode="delta", accepted=accepted)
    result = import_delivery(
        *(ledger, tenant, delivery, mapping, terms, progress),
        retry=retry,
        accepting="do the same with --accept.",
        lease_seconds=lease_seconds,
    )
    told = retry.told(result.quarantined)
    return replace(result, quarantined=told, overtaken=retry.overtaken)


def _fields(ledger: Ledger, retry: Retry) -> tuple[str, ...]:
    fields: dict[str, None] = {}
    for item in ledger.collections.quarantine.find(retry.wanted(), {"cells": 1}):
        fields.update(dict.fromkeys(orjson.loads(item.get("cells") or "{}")))
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
                f"The record {aside.record} cannot be replayed as it is: "
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
