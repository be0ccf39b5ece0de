"""The tables as one pass sees them: each opened once, moved on by its own commits.

Opening a table reads its log, which grows with every commit; a pass asks for positions
and files some forty times. Between two of its own commits nobody else's may be between:
where another run has committed to a table since it was opened, the next commit here is
refused (LakeConflict), since it is checked against the version that was opened.

For one pass and one thread; who reads at any moment asks the ``Lake``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
from deltalake import DeltaTable

from analytics.lake.lake import Lake, position_of, was_derived_otherwise


@dataclass(frozen=True, slots=True)
class PassTables:
    """The tables of one tenant in ``lake``, for the time of one pass."""

    lake: Lake
    tenant: str
    _known: dict[str, DeltaTable | None] = field(default_factory=dict)

    def position(self, table: str) -> int:
        """Return up to where the truth stands in the table; 0 for nowhere."""
        return position_of(self._opened(table))

    def is_outdated(self, table: str) -> bool:
        """Tell whether a former release derived the table's rows in another way."""
        return was_derived_otherwise(self._opened(table))

    def files(self, table: str) -> list[str]:
        """Return the addresses of the Parquet files."""
        opened = self._opened(table)
        return opened.file_uris() if opened else []

    def append(self, table: str, rows: pa.Table, *, before: int, position: int) -> None:
        """Append rows and move the position from ``before``; raises LakeConflict."""
        self._known[table] = self.lake.append(
            self.tenant,
            table,
            rows,
            before=before,
            position=position,
            opened=self._opened(table),
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
            opened=self._opened(table),
        )

    def _opened(self, table: str) -> DeltaTable | None:
        if table not in self._known:
            self._known[table] = self.lake.open(self.tenant, table)
        return self._known[table]
