"""The manifest: which versions of a tenant's tables belong together.

A Delta table of its own beside them, one row a table, replaced in one commit as the
last step of a pass, a rebuild or a compaction. It stands in the lake, so that it moves
with it, every engine can read it, and it is as atomic as any commit there, on a folder
and on an object store. Who is killed before that commit leaves the former manifest:
reports go on with the former versions, and the next pass names the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import DeltaTable

from analytics.lake.history import MOMENT

if TYPE_CHECKING:
    from analytics.lake.lake import Lake

NAME = "manifest"
MANIFEST = pa.schema(
    {
        "table": pa.string(),
        "version": pa.int64(),  # of the Delta table
        "position": MOMENT,  # up to where the truth stands in that version
        "written_at": MOMENT,
    }
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The versions that belong together, by table; a table not named is empty."""

    versions: dict[str, int]


def manifest_of(opened: DeltaTable | None) -> Manifest | None:
    """Return what an opened version of the manifest says; None where there is none."""
    if opened is None or opened.version() == 0:  # made, and nothing said yet
        return None
    rows = opened.to_pyarrow_table().to_pylist()
    return Manifest({row["table"]: row["version"] for row in rows})


def read_manifest(lake: Lake, tenant: str) -> Manifest | None:
    """Return the newest manifest; None before the first pass that wrote one."""
    return manifest_of(lake.open(tenant, NAME))


def manifest_rows(positions: dict[str, tuple[int, int]]) -> pa.Table:
    """Return the rows that name each table's version and position."""
    now = datetime.now(UTC)
    named = sorted(positions.items())
    return pa.table(
        {
            "table": [name for name, _ in named],
            "version": [version for _, (version, _) in named],
            "position": [position for _, (_, position) in named],
            "written_at": [now] * len(named),
        },
        schema=MANIFEST,
    )
