"""Purging: what a tenant's tables were before goes, files and log.

An old version of a Delta table stands in Parquet files that the newest does not name,
and in the log, whose entries hold the least and the greatest value of each column.
Vacuum removes the files at once, also those that a killed writer left unnamed; a
checkpoint then stands for the log before it. The manifest is moved on before a version
that it names goes, so whoever is killed here leaves one that can be read; only who has
a former one in hand finds its files gone, and asks again.
"""

from __future__ import annotations

from collections.abc import Iterator

from deltalake import DeltaTable

from analytics.lake.lake import Lake
from analytics.lake.pass_tables import PassTables
from analytics.lake.tables import TABLES

_NOW = "interval 0 seconds"
# Delta's own defaults: afterwards the log is kept as long as anybody's.
_USUAL = {
    "delta.logRetentionDuration": "interval 30 days",
    "delta.deletedFileRetentionDuration": "interval 1 week",
}


def has_tables(lake: Lake, tenant: str) -> bool:
    """Tell whether a tenant has any table."""
    return any(lake.open(tenant, name) is not None for name in TABLES)


def purge(lake: Lake, tenant: str) -> None:
    """Remove every version of a tenant's tables but the newest; safe to repeat.

    Nobody may write to them meanwhile (the enrichment's lease). What the newest
    manifest names is what the newest versions hold.
    """
    for table in _opened(lake, tenant):
        table.vacuum(
            retention_hours=0,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
        )
        table.alter.set_table_properties(dict.fromkeys(_USUAL, _NOW))
    PassTables(lake, tenant).publish()
    for table in _opened(lake, tenant):
        table.create_checkpoint()
        table.cleanup_metadata()
        table.alter.set_table_properties(_USUAL)
    PassTables(lake, tenant).publish()


def _opened(lake: Lake, tenant: str) -> Iterator[DeltaTable]:
    for name in TABLES:
        table = lake.open(tenant, name)
        if table is not None:
            yield table
