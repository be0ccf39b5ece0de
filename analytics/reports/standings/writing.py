"""Writing rows of a DuckDB connection to Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb

_COPY = "COPY ({rows}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"


def copy(
    connection: duckdb.DuckDBPyConnection, rows: str, folder: Path, name: str
) -> None:
    """Write the rows of a query to ``name.parquet`` in a folder."""
    path = str(folder / f"{name}.parquet").replace("'", "''")
    connection.execute(_COPY.format(rows=rows, path=path))
