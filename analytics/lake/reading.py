"""Reading: a table's Parquet files as a view of a DuckDB connection.

In: the addresses of the files of one version, or rows. Out: a view with the columns
that the table has in this release: one that its files are older than is null.
"""

from __future__ import annotations

from typing import TypeAlias

import duckdb
import pyarrow as pa

Rows: TypeAlias = (
    "list[str] | pa.Table"  # the addresses of Parquet files, or the rows themselves
)


def create_view(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Rows, schema: pa.Schema
) -> None:
    """Make a table's rows readable under a name."""
    if not isinstance(rows, list):
        connection.register(name, rows)
        return
    if not rows:
        connection.register(name, schema.empty_table())
        return
    files = connection.read_parquet(rows, union_by_name=True)
    wanted = connection.from_arrow(schema.empty_table())
    newer = [
        f'CAST(NULL AS {kind}) AS "{column}"'
        for column, kind in zip(wanted.columns, wanted.types, strict=True)
        if column not in files.columns
    ]
    files.project(", ".join(["*", *newer])).create_view(name)
