"""Reading: a table's rows as a view of a DuckDB connection.

In: one version of a table, or rows. Of a folder DuckDB reads the Parquet files
themselves; of an object store it scans the dataset that deltalake gives, since the
extension of DuckDB that speaks to one cannot be downloaded everywhere. Out: a view with
the columns that the table has in this release: one that its files are older than is
null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable

# The addresses of Parquet files, a dataset of them, or the rows themselves.
Rows: TypeAlias = "list[str] | pa.Table | ds.Dataset"


def rows_of(table: DeltaTable | None) -> Rows:
    """Return what a version of a table is read from; an empty list for no rows."""
    files = table.file_uris() if table else []
    if table is None or not files or "://" not in files[0]:
        return files
    return table.to_pyarrow_dataset()


def has_rows(rows: Rows) -> bool:
    """Tell whether there may be any."""
    if isinstance(rows, list):
        return bool(rows)
    return not isinstance(rows, pa.Table) or rows.num_rows > 0


def create_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Rows,
    schema: pa.Schema,
    only: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Make a table's rows readable under a name.

    ``only``: a column, and the values of it whose rows are to be there.
    """
    if isinstance(rows, pa.Table):
        rows = rows if only is None else rows.filter(ds.field(only[0]).isin(only[1]))
        connection.register(name, rows)
        return
    if isinstance(rows, list) and not rows:
        connection.register(name, schema.empty_table())
        return
    if isinstance(rows, list):
        found = connection.read_parquet(rows, union_by_name=True)
    else:
        connection.register(f"dataset_of_{name}", rows)
        found = connection.table(f"dataset_of_{name}")
    wanted = connection.from_arrow(schema.empty_table())
    newer = [
        f'CAST(NULL AS {kind}) AS "{column}"'
        for column, kind in zip(wanted.columns, wanted.types, strict=True)
        if column not in found.columns
    ]
    if only is not None:
        found = found.filter(is_one_of(*only))
    found.project(", ".join(["*", *newer])).create_view(name)


def is_one_of(column: str, values: Sequence[str]) -> duckdb.Expression:
    """Return what lets through the rows with one of these values."""
    if not values:
        return duckdb.ConstantExpression(False)
    constants = [duckdb.ConstantExpression(value) for value in values]
    return duckdb.ColumnExpression(column).isin(*constants)
