"""Upkeep: what a pass does for its tables when everything new stands in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics.lake.compaction import FEW, compact
from analytics.lake.pass_tables import PassTables
from analytics.lake.vacuuming import is_due, vacuum


@dataclass(frozen=True, slots=True)
class Upkeep:
    """``keep``: how long old versions stay; ``few``: how many small files may stand."""

    keep: timedelta = timedelta(days=7)
    few: int = FEW

    def after_pass(self, tables: PassTables, *, still: Callable[[], None]) -> None:
        """Compact and vacuum where it is time; what reports see stays the same.

        ``still`` raises where nothing may be committed any more. Killed anywhere, the
        next pass goes on. Raises LakeConflict where another writer was faster.
        """
        if compact(tables, few=self.few, still=still):
            still()
            tables.publish()
        if is_due(tables, datetime.now(UTC)):
            vacuum(tables, self.keep, still=still)
