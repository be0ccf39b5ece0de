"""Importing: a delivered file becomes one run of the ledger.

The recipe: read every record through the mapping; set aside what is wrong in itself,
contradictory or circular; compare what is left with the newest recorded rows; stage
what is new or different; apply. A file delivered twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from analytics.workforce.files import open_delivery
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, canonical
from analytics.workforce.model import Problem, table_of
from analytics.workforce.sifting import EVERY, Progress, Sifted, check_fields, sift
from analytics.workforce.staging import (
    LEASE_SECONDS,
    Entry,
    StagedRun,
    staged_run,
)
from lrs.access import tenant_name
from lrs.errors import BadRequest


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; ``read`` is the sum of the four that follow it.

    ``recorded`` is the run's time (microseconds since 1970, UTC), ``ignored`` the
    fields of the file that the mapping does not name, ``seconds`` how long it took.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    quarantined: list[Problem]
    recorded: int
    seconds: float
    run: str
    ignored: tuple[str, ...] = ()


def import_file(
    ledger: Ledger,
    tenant: str,
    kind: str,
    path: Path,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    *,
    lease_seconds: float = LEASE_SECONDS,
) -> ImportResult:
    """Import a file of that kind (``workforce``, ``kpi``, ``exemptions``).

    ``mapping`` absent: the file has the canonical columns. Raises BadRequest where
    the file cannot be read as a whole, and Conflict where another import of the kind
    is at work; in both cases nothing was applied.
    """
    started = monotonic()
    tenant_name(tenant)
    mapping = mapping or canonical(table_of(kind))
    if mapping.table.kind != kind:
        raise BadRequest(
            f"The mapping {mapping.name} is for {mapping.table.kind} files, "
            f"not for {kind} files."
        )
    report = progress or _silent
    with open_delivery(path) as delivery:
        ignored = check_fields(delivery, mapping)
        records = sift(delivery, mapping, report)
    with staged_run(
        ledger,
        tenant,
        kind,
        file=delivery.file,
        sha256=delivery.sha256,
        lease_seconds=lease_seconds,
    ) as run:
        run.set_aside(records.bad)
        added, changed = _compare(run, records, report)
        _stage(run, added + changed, report)
        counts = {
            "read": records.read,
            "added": len(added),
            "changed": len(changed),
            "unchanged": records.read
            - (len(records.bad) + records.skipped + len(added) + len(changed)),
            "quarantined": len(records.bad),
        }
        recorded = run.apply(counts)
    return ImportResult(
        read=counts["read"],
        added=counts["added"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        quarantined=[
            Problem(delivery.file, bad.line, bad.field, bad.reason)
            for bad in records.bad
        ],
        recorded=recorded,
        seconds=monotonic() - started,
        run=run.run,
        ignored=ignored,
    )


def _compare(
    run: StagedRun, records: Sifted, report: Progress
) -> tuple[list[Entry], list[Entry]]:
    """Return the entries of keys never seen, and those that say something new."""
    known: dict[str, bytes] = {}
    for found in run.newest(records.good):
        known.update(found)
        report("compare", len(known), len(records.good))
    added, changed = [], []
    for key, placed in records.good.items():
        if key not in known:
            added.append(placed.entry)
        elif known[key] != placed.entry.digest:
            changed.append(placed.entry)
    return added, changed


def _stage(run: StagedRun, entries: list[Entry], report: Progress) -> None:
    def watched() -> Iterator[Entry]:
        for done, entry in enumerate(entries, start=1):
            yield entry
            if done % EVERY == 0:
                report("store", done, len(entries))

    run.stage(watched())
    report("store", len(entries), len(entries))


def _silent(step: str, done: int, total: int | None) -> None:
    """Report to nobody."""
