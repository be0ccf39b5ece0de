"""Reconciliation: after a run, what the source says beside what we hold.

Rows and people are counted on both sides, columns by how many rows have them. A row
that was known is equal by its digest; of what was stored now, a sample is read back and
held column by column against what the source said. Out: a document for the run's record
and its report.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from analytics.workforce.engine.sifting import Sieve
from analytics.workforce.model import SEPARATOR, Row
from analytics.workforce.staged_rows import Entry
from analytics.workforce.staging import StagedRun

_MOST = 4_000  # rows in the sample


class Sample:
    """Some of the rows that a run staged, at even distances: at most so many."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}  # by their number in the run
        self._number = 0
        self._every = 1

    def staged(self, entries: Iterable[Entry]) -> None:
        """Take note of entries, in the order in which they were staged."""
        for number, entry in enumerate(entries, start=self._number):
            self._number = number + 1
            if number % self._every == 0 and not entry.retracted:
                self.rows[number] = entry.values
        while len(self.rows) > _MOST:
            self._every *= 2
            self.rows = {n: row for n, row in self.rows.items() if n % self._every == 0}


def reconciled(
    run: StagedRun, sieve: Sieve, sample: Sample, mode: str, missing: int | None
) -> dict[str, Any]:
    """Return both sides of a run: ``source``, ``ours``, and where they differ.

    ``missing`` are the people that a full delivery lacks, None where nobody knows.
    """
    counts = sieve.counts
    looked, differing, by_column = _read_back(run, sample)
    taken = counts.added + counts.changed + counts.unchanged
    return {
        "rows": {
            "source": counts.read,
            "ours": taken,
            "quarantined": counts.quarantined,
            "skipped": counts.skipped,
        },
        "people": {
            "source": len({key.partition(SEPARATOR)[0] for key in sieve.seen}),
            "set_aside": len(sieve.mentioned),
            "missed_rows": counts.missed if mode == "full" else None,
            "only_ours": missing,
        },
        "read_back": looked,
        "differing": differing,
        # A list, since a name may hold what no key in the database does. Each has how
        # many rows of the source have the column, and how many read back differ in it.
        "columns": [
            [name, rows, by_column.get(name, 0)]
            for name, rows in sieve.filled.columns.items()
        ],
    }


def _read_back(run: StagedRun, sample: Sample) -> tuple[int, int, dict[str, int]]:
    """Return how many rows were looked at, how many differ, and in which columns."""
    looked = differing = 0
    by_column: dict[str, int] = {}
    # Those that were taken back are not there any more.
    for number, ours in run.read_back(sample.rows):
        looked += 1
        theirs = sample.rows[number]
        if _plain(theirs) == _plain(ours):
            continue
        differing += 1
        for name in {*theirs, *ours}:
            if _plain(theirs.get(name)) != _plain(ours.get(name)):
                by_column[name] = by_column.get(name, 0) + 1
    return looked, differing, by_column


def _plain(value: object) -> bytes:
    """Return a value as text: what the database gives back may be of another type."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
