"""How a report leaves the command line: rows to standard output, the rest to stderr.

What is for a program (csv, json, parquet, xlsx) is the rows and nothing else; what the
rows hold for is told to people on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analytics.moments import moment_text
from analytics.report_files import file_of, told
from analytics.reports.result import ReportResult
from lrs.errors import BadRequest

FORMATS = ("table", "csv", "json", "parquet", "xlsx")
_BINARY = {"parquet": "Parquet", "xlsx": "XLSX"}
_WIDTH = 240  # characters, where the output is no terminal
_RULE = 3  # characters between two columns of a table
_GAP = "   "  # between two names with their values
_INDENT = 2
console = Console(stderr=True, highlight=False, soft_wrap=True)


def write(result: ReportResult, wanted: str) -> None:
    """Write a report's rows to standard output; what they hold for to stderr."""
    console.print(told(result), style="dim", markup=False)
    if wanted in _BINARY and sys.stdout.isatty():
        raise BadRequest(
            f"{_BINARY[wanted]} is not for a terminal: send it to a file with >."
        )
    if wanted != "table":
        end = b"\n" if wanted == "json" else b""
        sys.stdout.buffer.write(file_of(result, wanted) + end)
        return
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
        return moment_text(value)
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
