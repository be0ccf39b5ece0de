"""How a report leaves the command line: rows to standard output, the rest to stderr.

What is for a program (csv, json, parquet) is the rows and nothing else; what the rows
hold for is told to people on standard error.
"""

from __future__ import annotations

import sys

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analytics.reports.result import ReportResult
from lrs.errors import BadRequest

FORMATS = ("table", "csv", "json", "parquet")
_WIDTH = 240  # characters, where the output is no terminal
console = Console(stderr=True, highlight=False, soft_wrap=True)


def write(result: ReportResult, wanted: str) -> None:
    """Write a report's rows to standard output; what they hold for to stderr."""
    meta = result.meta
    share = meta.unresolved_share
    unknown = "unknown" if share is None else f"{share:.2%}"
    console.print(
        f"as of {meta.as_of}, known at {meta.known_at:%Y-%m-%dT%H:%M:%SZ}; "
        f"Statements of unknown people: {unknown}",
        style="dim",
    )
    if wanted == "json":
        out = orjson.dumps(result.rows, option=orjson.OPT_UTC_Z)
        sys.stdout.buffer.write(out + b"\n")
    elif wanted == "csv":
        from analytics.spreadsheets import csv_text

        sys.stdout.write(csv_text(result.columns, result.rows))
    elif wanted == "parquet":
        _write_parquet(result)
    else:
        table = Table(*result.columns, header_style="bold")
        for row in result.rows:
            # As text: a name may hold what rich would take for markup.
            table.add_row(*(Text(_cell(row[name])) for name in result.columns))
        width = None if sys.stdout.isatty() else _WIDTH
        Console(soft_wrap=False, width=width).print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _write_parquet(result: ReportResult) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise BadRequest("Parquet is not for a terminal: send it to a file with >.")
    # The query's own types, which a report without rows has too.
    schema = result.extra.get("schema")
    table = pa.Table.from_pylist(result.rows, schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    sys.stdout.buffer.write(sink.getvalue().to_pybytes())
