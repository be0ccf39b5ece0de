"""The ``[source]`` of Workday, read: which report, by which prompts, proved by what.

In: the keys as ``workday`` lists them. Out: what the connector is made of; BadRequest
with the name of the key where one is wrong.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from analytics.workforce.connectors.connector import Setup
from analytics.workforce.connectors.rest import written
from analytics.workforce.connectors.workday_report import Columns
from analytics.workforce.mapping.paths import Path
from analytics.workforce.sources.source_table import SourceTable

_KEYS = (
    *("workday_tenant", "report", "id", "effective", "sequence", "hired", "ended"),
    *("several", "largest_report_mb", "prompts", "partition", "delta", "workers"),
)
_DELTA_KEYS = {
    *("prompt", "through", "format", "report", "parts", "overlap_minutes"),
    "people_are_whole",
}


@dataclass(frozen=True, slots=True)
class Partition:
    """The prompt by which a report is read in parts, and what lists its values."""

    prompt: str
    values: tuple[str, ...] = ()
    report: str | None = None
    column: Path | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """How changes are asked for; ``report`` None: the one of everybody.

    ``in_parts``: it is asked part by part, since the partition's prompt is required.
    """

    prompt: str
    through: str | None
    format: str
    report: str | None
    in_parts: bool
    overlap: datetime.timedelta
    people_are_whole: bool

    def asked(self, since: datetime.datetime, now: datetime.datetime) -> dict[str, str]:
        """Return the prompts that ask for what changed since a moment."""
        asked = {self.prompt: written(since, self.format)}
        if self.through:
            asked[self.through] = written(now, self.format)
        return asked


@dataclass(frozen=True, slots=True)
class Workers:
    """Where workers are counted, and which of them: all, or those employed today."""

    path: str
    query: Mapping[str, str]
    counts: str


Tables = tuple[
    str, dict[str, str], Columns, int, Partition | None, Changes | None, Workers | None
]


def read_tables(setup: Setup) -> Tables:
    """Return what a ``[source]`` says; raises BadRequest."""
    setup.only(*_KEYS)
    read = setup.read
    tenant = quote(read.text("workday_tenant"), safe="")
    columns = Columns(
        worker=Path(read.text("id", "Employee_ID")),
        effective=Path(read.text("effective", "Effective_Date")),
        sequence=Path(read.text("sequence", "Sequence")),
        hired=Path(read.text("hired", "Hire_Date")),
        ended=Path(read.text("ended", "Termination_Date")),
        several=read.texts("several", ("Manager_Employee_ID",)),
    )
    return (
        _report(read, "report", tenant),
        read.pairs("prompts"),
        columns,
        read.number("largest_report_mb", 2_048, 1, 1 << 16) << 20,
        _partition(read, tenant),
        _changes(read, tenant),
        _workers(read, tenant),
    )


def _report(read: SourceTable, key: str, tenant: str) -> str:
    owner, slash, name = read.text(key).partition("/")
    if not owner or not slash or not name or "/" in name:
        raise read.wrong(key, "is not OWNER/REPORT, as its web service URL has them")
    both = f"{quote(owner, safe='@')}/{quote(name, safe='')}"
    return f"ccx/service/customreport2/{tenant}/{both}"


def _partition(read: SourceTable, tenant: str) -> Partition | None:
    if not read.has("partition"):
        return None
    table = read.part("partition")
    table.only({"prompt", "values", "report", "column"})
    prompt = table.text("prompt")
    if table.has("report"):
        if table.has("values"):
            raise table.wrong("values", "is of no use beside report, which lists them")
        column = Path(table.text("column", prompt))
        return Partition(prompt, (), _report(table, "report", tenant), column)
    values = table.texts("values")
    if not values:
        raise table.wrong("values", "is missing: or name a report that lists them")
    return Partition(prompt, values)


def _changes(read: SourceTable, tenant: str) -> Changes | None:
    if not read.has("delta"):
        return None
    table = read.part("delta")
    table.only(_DELTA_KEYS)
    own = _report(table, "report", tenant) if table.has("report") else None
    return Changes(
        prompt=table.text("prompt"),
        through=table.maybe("through"),
        format=table.text("format", "iso"),
        report=own,
        in_parts=table.flag("parts", default=False),
        overlap=datetime.timedelta(
            minutes=table.number("overlap_minutes", 10.0, 0.0, 1e5)
        ),
        people_are_whole=table.flag("people_are_whole"),
    )


def _workers(read: SourceTable, tenant: str) -> Workers | None:
    if not read.has("workers"):
        return None
    table = read.part("workers")
    table.only({"path", "query", "counts"})
    return Workers(
        table.text("path", f"ccx/api/v1/{tenant}/workers"),
        table.pairs("query"),
        table.choice("counts", ("all", "employed"), "employed"),
    )
