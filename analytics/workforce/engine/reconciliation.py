"""Reconciliation: after a run, what the source says beside what we hold.

Rows and people are counted on both sides, columns by how many rows have them. A row
that was known is equal by its digest; of what was stored now, some is read back and its
digest drawn again. Out: a document for the run's record and its report.
"""

from __future__ import annotations

from typing import Any

from analytics.workforce.engine.entries import digest_of
from analytics.workforce.engine.seen import NOT_STAGED
from analytics.workforce.engine.sifting import Sieve
from analytics.workforce.model import SEPARATOR
from analytics.workforce.staging import StagedRun

_READ_BACK = 2_000


def reconciled(run: StagedRun, sieve: Sieve, mode: str) -> dict[str, Any]:
    """Return both sides of a run: ``source``, ``ours``, and where they differ."""
    counts, seen = sieve.counts, sieve.seen
    staged = [number for number in seen.staged if number != NOT_STAGED]
    every = max(1, len(staged) // _READ_BACK)
    looked = differing = 0
    for entry in run.read_back(staged[::every]):
        looked += 1
        if not entry.retracted:
            differing += entry.digest != digest_of(entry.values)
    taken = counts.added + counts.changed + counts.unchanged
    return {
        "rows": {
            "source": counts.read,
            "ours": taken,
            "quarantined": counts.quarantined,
            "skipped": counts.skipped,
        },
        "people": {
            "source": len({key.partition(SEPARATOR)[0] for key in seen}),
            "set_aside": len(sieve.mentioned),
            "missed_rows": counts.missed if mode == "full" else None,
        },
        "read_back": looked,
        "differing": differing,
        # A list, since a name may hold what no key in the database does.
        "columns": [[name, rows] for name, rows in sieve.filled.columns.items()],
    }
