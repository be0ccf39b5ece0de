"""Reading: a table's rows as a view of a DuckDB connection.

In: one version of a table, or rows. Of a folder DuckDB reads the Parquet files
themselves; of an object store it scans the dataset that deltalake gives, since the
extension of DuckDB that speaks to one cannot be downloaded everywhere. Out: a view with
the columns that the table has in this release: one that its files are older than is
null.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
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
        source = f"read_parquet({_listed(rows)}, union_by_name = true)"
    else:
        source = f"dataset_of_{name}"
        connection.register(source, rows)
    there = {row[0] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()}
    newer = [
        f'CAST(NULL AS {kind}) AS "{column}"'
        for column, kind in _kinds(schema)
        if column not in there
    ]
    columns, where = ", ".join(["*", *newer]), "" if only is None else is_one_of(*only)
    connection.execute(
        f"CREATE VIEW {name} AS SELECT {columns} FROM {source}{where}"  # noqa: S608
    )


def create_parquet_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    file: str,
    only: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Make the rows of one Parquet file readable under a name; ``only``: as above."""
    where = "" if only is None else is_one_of(*only)
    connection.execute(
        f"CREATE VIEW {name} AS FROM read_parquet({literal(file)}){where}"
    )


def is_one_of(column: str, values: Sequence[str]) -> str:
    """Return the condition that lets through the rows with one of these values."""
    if not values:
        return " WHERE false"
    return f" WHERE {column} IN ({', '.join(map(literal, values))})"


def literal(value: str) -> str:
    """Return a text as it is written in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, values))}]"


@cache
def _kinds(schema: pa.Schema) -> list[tuple[str, str]]:
    """Return the columns with the kind that each one has in DuckDB."""
    with duckdb.connect() as connection:
        wanted = connection.from_arrow(schema.empty_table())
        kinds = [str(kind) for kind in wanted.types]
        return list(zip(wanted.columns, kinds, strict=True))
