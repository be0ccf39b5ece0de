"""Vacuuming: files and log of old versions go, when they have been old long enough.

A file goes that no version has named for the time kept, nor does one that a manifest
names which was the newest at any time since: whoever has begun to read may end. The
log before that time is put together to a checkpoint. Once a day is enough; when it was
done last stands beside the manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from analytics.lake.manifest import NAME, Manifest, manifest_of
from analytics.lake.pass_tables import PassTables
from analytics.lake.tables import TABLES, properties

EVERY = timedelta(days=1)
_LOG = "delta.logRetentionDuration"
_US = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_due(tables: PassTables, now: datetime) -> bool:
    """Tell whether a day has passed since the last vacuum."""
    return now - (_EPOCH + tables.vacuumed() * _US) >= EVERY


def vacuum(
    tables: PassTables,
    keep: timedelta,
    *,
    now: datetime | None = None,
    still: Callable[[], None] = lambda: None,
) -> int:
    """Remove what has been old for longer than ``keep``; return how many files went.

    ``still`` raises where nothing may be changed any more. The manifest is written
    anew, since a vacuum is a version too.
    """
    now = now or datetime.now(UTC)
    named = _named_since(tables, now - keep)
    removed = 0
    for name in (*TABLES, NAME):
        table = tables.lake.open(tables.tenant, name)
        if table is None:
            continue
        still()
        versions = {one.versions[name] for one in named if name in one.versions}
        removed += len(
            table.vacuum(
                retention_hours=int(keep / timedelta(hours=1)),
                dry_run=False,
                enforce_retention_duration=False,
                full=True,  # what a killed writer left, too
                keep_versions=sorted(versions) or None,
            )
        )
        _settle(table, properties(name) | {_LOG: f"interval {keep.days} days"})
    PassTables(tables.lake, tables.tenant).publish(vacuumed=(now - _EPOCH) // _US)
    return removed


def _named_since(tables: PassTables, begin: datetime) -> list[Manifest]:
    """Return the newest manifest and the one that was the newest at ``begin``.

    Those between name versions that were the newest at some time since: the files of
    these were given up later than ``begin``.
    """
    newest = tables.lake.open(tables.tenant, NAME)
    if newest is None:
        return []
    found = [manifest_of(newest)]
    try:
        newest.load_as_version(begin)
        found.append(manifest_of(newest))
    except DeltaError:  # there was none yet
        newest.load_as_version(0)
        found.append(manifest_of(newest))
    return [one for one in found if one is not None]


def _settle(table: DeltaTable, wanted: dict[str, str]) -> None:
    """Set the properties, also of a table that a former release made; cut the log."""
    if not wanted.items() <= table.metadata().configuration.items():
        table.alter.set_table_properties(wanted)
    table.create_checkpoint()
    table.cleanup_metadata()
