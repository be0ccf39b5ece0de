"""How a report leaves the command line: rows to standard output, the rest to stderr.

What is for a program (csv, json, parquet) is the rows and nothing else; what the rows
hold for is told to people on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analytics.reports.result import ReportResult
from lrs.errors import BadRequest

FORMATS = ("table", "csv", "json", "parquet")
_WIDTH = 240  # characters, where the output is no terminal
_RULE = 3  # characters between two columns of a table
_GAP = "   "  # between two names with their values
_INDENT = 2
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
        width = None if sys.stdout.isatty() else _WIDTH
        _print(Console(soft_wrap=False, width=width), result)


def _print(out: Console, result: ReportResult) -> None:
    """Print a table; where not even its headings have room, row below row."""
    if sum(map(len, result.columns)) + _RULE * len(result.columns) < out.width:
        _print_table(out, result)
        return
    for row in result.rows:
        for n, line in enumerate(_lines(row, result.columns, out.width - _INDENT)):
            out.print(Padding(line, (0, 0, 0, _INDENT if n else 0)))
        out.print()


def _print_table(out: Console, result: ReportResult) -> None:
    table = Table(*result.columns, header_style="bold")
    for row in result.rows:
        # As text: a name may hold what rich would take for markup.
        table.add_row(*(Text(_cell(row[name])) for name in result.columns))
    out.print(table)


def _lines(row: Mapping[str, object], columns: Sequence[str], width: int) -> list[Text]:
    """Return a row as names and values, as many in a line as there is room for."""
    lines = [Text()]
    for name in columns:
        if (said := _cell(row[name])) == "":
            continue
        pair = Text.assemble((name, "bold"), f" {said}")
        if lines[-1] and len(lines[-1]) + len(_GAP) + len(pair) > width:
            lines.append(Text())
        lines[-1].append_text(Text(_GAP) if lines[-1] else Text()).append_text(pair)
    return lines


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(f"{name} {_cell(part)}" for name, part in value.items())
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
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
