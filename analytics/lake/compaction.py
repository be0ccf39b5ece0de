"""Compaction: many small files of an append-only table become one, sorted.

Every pass that finds something new adds a file to a table, and each file costs whoever
reads it. The files of a table follow each other by ``recorded_at``; where more than
``FEW`` of about one size stand at its end, one commit puts one file of a size above
in their place. So each row is written anew at most once for each size, whatever the
table holds. The rows stay the same, and so does the position; who reads the former
version goes on, since its files stay until they are vacuumed.

The file is sorted as those before it were (``ORDER``), over more rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from analytics.lake.memory import in_memory
from analytics.lake.pass_tables import PassTables
from analytics.lake.reading import Rows, create_view
from analytics.lake.tables import ORDER, TABLES

FEW = 10  # files of one size
# Rows: a file below the first is of the least size; one of the last stays as it is.
_SIZES = (10_000, 100_000, 1_000_000)
_MEMORY = "500MB"
_BATCH = 65_536  # rows


def compact(
    tables: PassTables, *, few: int = FEW, still: Callable[[], None] = lambda: None
) -> list[str]:
    """Compact each table that has more small files than a few; return which.

    ``still`` raises where nothing may be committed any more. Raises LakeConflict where
    another writer was faster.
    """
    done = []
    for name in ORDER:
        opened = tables.opened(name)
        since = None if opened is None else crowded_since(opened, few)
        if since is None:
            continue
        with in_memory(_MEMORY) as connection:
            rows = _sorted(connection, name, tables.rows(name), since)
            still()
            tables.replace(name, rows, since=since)
        done.append(name)
    return done


def crowded_since(table: DeltaTable, few: int = FEW) -> datetime | None:
    """Return from which recorded time on the files are many and small, or None."""
    actions = pa.table(table.get_add_actions(flatten=True))
    if actions.num_rows <= few or "min.recorded_at" not in actions.column_names:
        return None
    columns = ("min.recorded_at", "max.recorded_at", "num_records")
    listed = [tuple(row.values()) for row in actions.select(columns).to_pylist()]
    # Of a file without rows nothing is known, and nothing has to be done with it.
    files = sorted(file for file in listed if None not in file)
    for least, most in zip((0, *_SIZES), _SIZES, strict=False):
        end = len(files)
        while end and files[end - 1][2] < most:
            end -= 1
        # Statistics are cut to milliseconds: a border within one is none.
        while 0 < end < len(files) and files[end][0] <= files[end - 1][1]:
            end += 1
        if sum(count >= least for *_, count in files[end:]) > few:
            first: datetime = files[end][0]
            return first.astimezone(UTC)
    return None


def _sorted(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Rows, since: datetime
) -> Iterator[pa.Table]:
    schema = TABLES[name]
    create_view(connection, name, rows, schema)
    found = connection.sql(
        f"SELECT * FROM {name} WHERE recorded_at >= $since "  # noqa: S608
        f"ORDER BY {', '.join(ORDER[name])}",
        params={"since": since},
    )
    for batch in found.to_arrow_reader(_BATCH):
        yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
