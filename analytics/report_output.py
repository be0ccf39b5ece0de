"""How a report leaves the command line: rows to standard output, the rest to stderr.

What is for a program (csv, json, parquet, xlsx) is the rows and nothing else; what the
rows hold for is told to people on standard error.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from analytics.report_files import file_of, told
from analytics.reports.result import ReportResult
from lrs.errors import BadRequest

FORMATS = ("table", "csv", "json", "parquet", "xlsx")
_BINARY = {"parquet": "Parquet", "xlsx": "XLSX"}
_WIDTH = 240  # characters, where the output is no terminal
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
