"""The lake: Delta tables, one folder a tenant, each with its position.

A table's position (microseconds on the timeline) says up to where the truth has been
read into it. It stands in the same Delta commit as the rows, as an application
transaction, so that rows and position appear together or not at all; two writers that
start from the same position cannot both commit. Beside it stands by which way of
deriving (``DERIVATION``) the rows were made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from deltalake import (
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from analytics.lake.manifest import MANIFEST, NAME
from analytics.lake.reading import Rows, rows_of
from analytics.lake.tables import DERIVATION, ORDER, TABLES, properties
from lrs.errors import Conflict

_APPLICATION = "workforce-lrs-enrichment"
_DERIVATION = "workforce-lrs-derivation"
_GENERATION = "workforce-lrs-generation"
_VACUUMED = "workforce-lrs-vacuumed"
# Rows that a reader takes or leaves together, by the least and greatest of each column.
_WRITER = WriterProperties(max_row_group_size=32_768)
SCHEMAS = {**TABLES, NAME: MANIFEST}


class LakeConflict(Conflict):
    """Another writer has moved this table on; read its position again."""


@dataclass(frozen=True, slots=True)
class TableState:
    """One version of a table: what is in it, and what that is read from.

    Of the same ``table`` and ``generation`` (the version that last replaced all of it)
    the rows recorded up to a moment before ``position`` are always the same.
    """

    table: str
    generation: int
    position: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Lake:
    """The tables under ``url``: a folder or an object store's address."""

    url: str

    def path(self, tenant: str, table: str) -> str:
        """Return where a table of a tenant stands."""
        return f"{self.url.rstrip('/')}/{tenant}/{table}"

    def open(
        self, tenant: str, table: str, version: int | None = None
    ) -> DeltaTable | None:
        """Return a version of a table, the newest unless said; None where none is."""
        try:
            return DeltaTable(self.path(tenant, table), version=version)
        except TableNotFoundError:
            return None

    def position(self, tenant: str, table: str) -> int:
        """Return up to where the truth stands in the table; 0 for nowhere."""
        return position_of(self.open(tenant, table))

    def is_outdated(self, tenant: str, table: str) -> bool:
        """Tell whether a former release derived the table's rows in another way."""
        return was_derived_otherwise(self.open(tenant, table))

    def rows(self, tenant: str, table: str) -> Rows:
        """Return what the newest version is read from (``create_view``)."""
        return rows_of(self.open(tenant, table))

    def append(
        self,
        tenant: str,
        table: str,
        rows: pa.Table,
        *,
        before: int,
        position: int,
        opened: DeltaTable | None = None,
    ) -> DeltaTable:
        """Append rows and move the position from ``before``; raises LakeConflict.

        ``opened``: the version to go on from, where the caller has it; it is moved on.
        Returns the version written.
        """
        opened = opened or self._opened(tenant, table)
        if position_of(opened) != before:
            raise LakeConflict(f"The table {table} has been moved on by another run.")
        self._write(table, opened, _in_order(table, rows), "append", position)
        return opened

    def overwrite(
        self,
        tenant: str,
        table: str,
        batches: Iterable[pa.Table],
        *,
        position: int,
        opened: DeltaTable | None = None,
        vacuumed: int | None = None,
    ) -> DeltaTable:
        """Replace a table's content in one commit; readers see old or new, whole.

        ``opened`` and what is returned are those of ``append``; ``vacuumed`` is noted
        beside the position.
        """
        opened = opened or self._opened(tenant, table)
        stream = _stream(table, batches)
        self._write(table, opened, stream, "overwrite", position, vacuumed=vacuumed)
        return opened

    def replace(
        self,
        table: str,
        batches: Iterable[pa.Table],
        *,
        since: datetime,
        opened: DeltaTable,
    ) -> None:
        """Replace the rows recorded from ``since`` on in one commit.

        Everything else stays, the position too. ``opened`` is moved on.
        """
        stream, position = _stream(table, batches), position_of(opened)
        self._write(table, opened, stream, "overwrite", position, since=since)

    def _opened(self, tenant: str, table: str) -> DeltaTable:
        """Return the newest version; an empty one is made where there is none.

        What is written is checked against the version returned. Written to a mere
        path, a first commit would be checked against whatever stands there by then.
        """
        opened = self.open(tenant, table)
        if opened is not None:
            return opened
        path = self.path(tenant, table)
        with contextlib.suppress(DeltaError):  # another was faster
            DeltaTable.create(
                path, SCHEMAS[table], mode="ignore", configuration=properties(table)
            )
        return DeltaTable(path)

    def _write(
        self,
        table: str,
        opened: DeltaTable,
        rows: pa.Table | pa.RecordBatchReader,
        mode: str,
        position: int,
        *,
        since: datetime | None = None,
        vacuumed: int | None = None,
    ) -> None:
        noted = [Transaction(_APPLICATION, position)]
        if since is None:
            noted.append(Transaction(_DERIVATION, DERIVATION))
        if vacuumed is not None:
            noted.append(Transaction(_VACUUMED, vacuumed))
        if mode == "overwrite" and since is None:
            noted.append(Transaction(_GENERATION, opened.version() + 1))
        try:
            write_deltalake(
                opened,
                rows,
                mode=mode,  # type: ignore[call-overload]
                # Columns that this release has and the table does not yet.
                schema_mode="merge",
                commit_properties=CommitProperties(app_transactions=noted),
                predicate=since and f"recorded_at >= '{since:%Y-%m-%dT%H:%M:%S.%fZ}'",
                writer_properties=_WRITER,
            )
        except CommitFailedError:
            raise LakeConflict(
                f"The table {table} was written by another run at the same time."
            ) from None


def _stream(table: str, batches: Iterable[pa.Table]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(
        SCHEMAS[table],
        (batch for rows in batches for batch in _in_order(table, rows).to_batches()),
    )


def _in_order(table: str, rows: pa.Table) -> pa.Table:
    if table not in ORDER:
        return rows
    return rows.sort_by([(column, "ascending") for column in ORDER[table]])


def vacuumed_at(manifest: DeltaTable | None) -> int:
    """Return when the tables of a manifest were vacuumed last; 0 for never."""
    return (manifest.transaction_version(_VACUUMED) or 0) if manifest else 0


def position_of(table: DeltaTable | None) -> int:
    """Return the position in an opened table; 0 where there is none."""
    if table is None:
        return 0
    return table.transaction_version(_APPLICATION) or 0


def state_of(table: DeltaTable | None) -> TableState:
    """Return what an opened table is; without one, an empty one."""
    if table is None:
        return TableState("", 0, 0, [])
    generation = table.transaction_version(_GENERATION) or 0
    return TableState(
        str(table.metadata().id), generation, position_of(table), rows_of(table)
    )


def was_derived_otherwise(table: DeltaTable | None) -> bool:
    """Tell whether a former release derived the rows of an opened table."""
    if table is None or not position_of(table):
        return False
    return (table.transaction_version(_DERIVATION) or 1) < DERIVATION
