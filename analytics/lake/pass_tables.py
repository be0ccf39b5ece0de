"""The tables as one pass sees them: each opened once, moved on by its own commits.

Opening a table reads its log, which grows with every commit; a pass asks for positions
and files some forty times. Between two of its own commits nobody else's may be between:
where another run has committed to a table since it was opened, the next commit here is
refused (LakeConflict), since it is checked against the version that was opened.

For one pass and one thread; who reads at any moment asks the ``Lake``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
from deltalake import DeltaTable

from analytics.lake.lake import (
    Lake,
    position_of,
    vacuumed_at,
    was_derived_otherwise,
)
from analytics.lake.manifest import NAME, manifest_of, manifest_rows
from analytics.lake.reading import Rows, rows_of
from analytics.lake.tables import TABLES


@dataclass(frozen=True, slots=True)
class PassTables:
    """The tables of one tenant in ``lake``, for the time of one pass."""

    lake: Lake
    tenant: str
    _known: dict[str, DeltaTable | None] = field(default_factory=dict)

    def position(self, table: str) -> int:
        """Return up to where the truth stands in the table; 0 for nowhere."""
        return position_of(self.opened(table))

    def is_outdated(self, table: str) -> bool:
        """Tell whether a former release derived the table's rows in another way."""
        return was_derived_otherwise(self.opened(table))

    def replace(
        self, table: str, batches: Iterable[pa.Table], *, since: datetime
    ) -> None:
        """Replace the rows recorded from ``since`` on; raises LakeConflict."""
        opened = self.opened(table)
        if opened is not None:
            self.lake.replace(table, batches, since=since, opened=opened)

    def rows(self, table: str) -> Rows:
        """Return what the table is read from (``create_view``)."""
        return rows_of(self.opened(table))

    def publish(self, *, vacuumed: int | None = None) -> bool:
        """Let reports read the tables as they stand here; raises LakeConflict.

        Commits a manifest where the newest names other versions, or where it is to say
        that old versions were ``vacuumed`` (microseconds); tells whether.
        """
        opened = {table: self.opened(table) for table in TABLES}
        positions = {
            name: (table.version(), position_of(table))
            for name, table in opened.items()
            if table is not None
        }
        former = manifest_of(self.opened(NAME))
        versions = {name: version for name, (version, _) in positions.items()}
        same = former is not None and former.versions == versions
        if same and vacuumed is None:
            return False
        self._known[NAME] = self.lake.overwrite(
            self.tenant,
            NAME,
            [manifest_rows(positions)],
            position=max((position for _, position in positions.values()), default=0),
            opened=self.opened(NAME),
            vacuumed=vacuumed,
        )
        return True

    def begin(self) -> None:
        """Let nobody read what a first pass has not ended: name what stands now."""
        if manifest_of(self.opened(NAME)) is None:
            # The first vacuum is due a day from now: nothing is old yet.
            self.publish(vacuumed=time.time_ns() // 1000)

    def vacuumed(self) -> int:
        """Return when old versions were vacuumed last (microseconds); 0 for never."""
        return vacuumed_at(self.opened(NAME))

    def append(self, table: str, rows: pa.Table, *, before: int, position: int) -> None:
        """Append rows and move the position from ``before``; raises LakeConflict."""
        self._known[table] = self.lake.append(
            self.tenant,
            table,
            rows,
            before=before,
            position=position,
            opened=self.opened(table),
        )

    def overwrite(
        self, table: str, batches: Iterable[pa.Table], *, position: int
    ) -> None:
        """Replace a table's content in one commit; raises LakeConflict."""
        self._known[table] = self.lake.overwrite(
            self.tenant,
            table,
            batches,
            position=position,
            opened=self.opened(table),
        )

    def opened(self, table: str) -> DeltaTable | None:
        """Return the table's version here, or None where there is none yet."""
        if NAME not in self._known:
            # First of all: whoever publishes after this was opened is not set back.
            self._known[NAME] = self.lake.open(self.tenant, NAME)
        if table not in self._known:
            self._known[table] = self.lake.open(self.tenant, table)
        return self._known[table]
