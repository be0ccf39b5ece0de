"""A report as a file: JSON, CSV, Parquet or XLSX, the same rows in each.

``holds_for`` is what every report says of itself: its day and time, how old the data
are, the share of Statements of nobody known, what was asked, and the release.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from datetime import datetime

import orjson

from analytics.moments import moment_text
from analytics.reports.result import ReportResult
from analytics.spreadsheets import csv_text

_MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS = tuple(_MEDIA_TYPES)


def media_type(wanted: str) -> str:
    """Return the Content-Type of a format."""
    return _MEDIA_TYPES[wanted]


def code_version() -> str:
    """Return the release that made the file."""
    return importlib.metadata.version("workforce-lrs")


def file_of(result: ReportResult, wanted: str) -> bytes:
    """Return the report's rows in one of the formats."""
    return _WRITERS[wanted](result)


def holds_for(result: ReportResult) -> list[tuple[str, object]]:
    """Return what the rows hold for, as labels and values."""
    meta = result.meta
    through = meta.enriched_through
    lines: list[tuple[str, object]] = [
        ("As of (end of the day)", meta.as_of),
        ("Known at (UTC)", meta.known_at),
        ("Statements through (UTC)", through),
    ]
    lines += [(f"HR source {name} (UTC)", at) for name, at in sorted(_ages(result))]
    if meta.former_manager_days:
        days = meta.former_manager_days
        lines.append(("Days under the former manager", days))
    lines.append(("Unresolved share of Statements", meta.unresolved_share))
    lines += [(f"Asked: {name}", value) for name, value in sorted(meta.asked.items())]
    lines.append(("Rows here", len(result.rows)))
    lines.append(("Rows in all", result.total))
    lines.append(("Code version", code_version()))
    return lines


def told(result: ReportResult) -> str:
    """Return the same in a line for people."""
    meta = result.meta
    share = meta.unresolved_share
    parts = [f"as of {meta.as_of}, known at {moment_text(meta.known_at)}"]
    if meta.enriched_through is not None:
        parts.append(f"Statements through {moment_text(meta.enriched_through)}")
    for name, at in sorted(_ages(result)):
        parts.append(f"HR data of {name} from {moment_text(at)}")
    if meta.former_manager_days:
        parts.append(f"under former managers for {meta.former_manager_days} days")
    unknown = "unknown" if share is None else f"{share:.2%}"
    parts.append(f"Statements of unknown people: {unknown}")
    if result.total is not None and result.total != len(result.rows):
        parts.append(f"{len(result.rows)} of {result.total} rows")
    if result.after is not None:
        parts.append(f"the next page: --after {result.after}")
    return "; ".join(parts)


def _ages(result: ReportResult) -> list[tuple[str, datetime]]:
    return list(result.meta.sources.items())


def _json(result: ReportResult) -> bytes:
    return orjson.dumps(result.rows, option=orjson.OPT_UTC_Z)


def _csv(result: ReportResult) -> bytes:
    return csv_text(result.columns, result.rows).encode()


def _parquet(result: ReportResult) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # The query's own types, which a report without rows has too.
    schema = result.extra.get("schema")
    table = pa.Table.from_pylist(result.rows, schema=schema)
    said = {name: str(value) for name, value in holds_for(result) if value is not None}
    table = table.replace_schema_metadata(said)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _xlsx(result: ReportResult) -> bytes:
    from analytics.workbooks import workbook

    return workbook(
        result.columns, result.rows, holds_for(result), result.meta.known_at
    )


_WRITERS: dict[str, Callable[[ReportResult], bytes]] = {
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
