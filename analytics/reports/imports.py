"""The runs of the workforce engine, as the reports read them: the table ``imports``.

In: records of runs, from their own truth. Out: rows with both sides of each run beside
each other; null where a run failed before it knew, or is of a release that noted less.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from analytics.lake.history import MOMENT, TEXTS
from analytics.workforce.run_records import RunRecord

_COUNTS = ("added", "changed", "unchanged", "skipped", "missed", "terminated")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

IMPORTS = pa.schema(
    {
        "run": pa.string(),
        "kind": pa.string(),
        "source": pa.string(),
        "mode": pa.string(),
        "file": pa.string(),
        "state": pa.string(),
        "why": pa.string(),
        "began": MOMENT,
        "recorded_at": MOMENT,  # of an applied run; of a failed one when it ended
        "seconds": pa.float64(),
        "source_rows": pa.int64(),
        "our_rows": pa.int64(),
        "set_aside": pa.int64(),
        **dict.fromkeys(_COUNTS, pa.int64()),
        "source_people": pa.int64(),
        "people_set_aside": pa.int64(),
        "people_only_ours": pa.int64(),
        "read_back": pa.int64(),
        "differing": pa.int64(),
        "columns": pa.list_(
            pa.struct(
                {
                    "column": pa.string(),
                    "source_rows": pa.int64(),
                    "differing": pa.int64(),
                }
            )
        ),
        "drift": TEXTS,
    }
)


def imports_table(records: Sequence[RunRecord]) -> pa.Table:
    """Return the runs as the .sql files read them."""
    return pa.Table.from_pylist([_row(item) for item in records], schema=IMPORTS)


def _row(item: RunRecord) -> dict[str, Any]:
    counts, both = item.counts, item.reconciliation
    people: Mapping[str, Any] = both.get("people", {})
    recorded = item.ended
    if item.recorded is not None:
        recorded = _EPOCH + datetime.timedelta(microseconds=item.recorded)
    taken = [counts.get(name) for name in ("added", "changed", "unchanged")]
    row = {name: getattr(item, name, None) for name in IMPORTS.names}
    return row | {
        "recorded_at": recorded,
        "source_rows": counts.get("read"),
        "our_rows": sum(map(int, filter(None, taken))) if counts else None,
        "set_aside": counts.get("quarantined"),
        **{name: counts.get(name) for name in _COUNTS},
        "source_people": people.get("source"),
        "people_set_aside": people.get("set_aside"),
        "people_only_ours": people.get("only_ours"),
        "read_back": both.get("read_back"),
        "differing": both.get("differing"),
        "columns": [
            # Of a release that did not look column by column: two, and not three.
            {"column": name, "source_rows": rows, "differing": next(iter(rest), None)}
            for name, rows, *rest in both.get("columns", ())
        ],
        "drift": list(item.drift),
    }
