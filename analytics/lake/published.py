"""What is published: the tables at the versions that one manifest names.

Who reads several tables, or one of them twice, opens this once and reads from it to the
end: whatever passes commit meanwhile, it sees the tables as they stood together. Where
a lake has no manifest yet (a former release made it), the newest versions are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deltalake import DeltaTable

from analytics.lake.lake import Lake, TableState, position_of, state_of
from analytics.lake.manifest import Manifest, read_manifest
from analytics.lake.reading import Rows, rows_of


@dataclass(frozen=True, slots=True)
class Published:
    """One tenant's tables as they belong together; for one call and one thread."""

    lake: Lake
    tenant: str
    manifest: Manifest | None
    _opened: dict[str, DeltaTable | None] = field(default_factory=dict)

    def rows(self, table: str) -> Rows:
        """Return what ``create_view`` reads the table from."""
        return rows_of(self.table(table))

    def position(self, table: str) -> int:
        """Return up to where the truth stands in the table; 0 for nowhere."""
        return position_of(self.table(table))

    def state(self, table: str) -> TableState:
        """Return what the table is, for who keeps what was made from it."""
        return state_of(self.table(table))

    def table(self, table: str) -> DeltaTable | None:
        """Return the version of a table that is published; None where none is."""
        if table not in self._opened:
            self._opened[table] = self._named(table)
        return self._opened[table]

    def _named(self, table: str) -> DeltaTable | None:
        if self.manifest is None:
            return self.lake.open(self.tenant, table)
        version = self.manifest.versions.get(table)
        if version is None:
            return None
        return self.lake.open(self.tenant, table, version)


def published(lake: Lake, tenant: str) -> Published:
    """Return the tables as the newest manifest names them."""
    return Published(lake, tenant, read_manifest(lake, tenant))
