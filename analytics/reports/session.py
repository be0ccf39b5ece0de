"""One report call's DuckDB session: the tables as known, the steps, the question.

Everything stands in memory for one call; the tables are the lake's, at the versions
that one manifest names, read in place. Exemptions and requirements come from their own
truth at every call, so that a change acts without another enrichment pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from analytics.lake.history import MOMENT
from analytics.lake.memory import in_memory
from analytics.lake.published import Published
from analytics.lake.reading import create_parquet_view, create_view, literal
from analytics.lake.tables import TABLES
from analytics.reports.catalogue import PARAMETER, Query, sources, steps
from analytics.reports.imports import imports_table
from analytics.requirements import Requirement
from analytics.workforce.run_records import RunRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MEMORY = "768MB"  # of one report call
_EMPLOYED = ("employee", "contractor")
_WORD = re.compile(r"[a-z_0-9]+")
_FOREVER = date(9999, 12, 31)
# Of a model that is kept the Parquet file; of several days, each day's.
Files: TypeAlias = "str | Mapping[date, str]"
NOTHING: Mapping[str, Files] = MappingProxyType({})

_SUPERSEDED = """
CREATE TEMP TABLE superseded AS
FROM all_superseded WHERE statement_id IN (SELECT statement_id FROM facts)
"""

# Of which table or model only a part is read: the column, and the values in that part.
Part: TypeAlias = Callable[[str], tuple[str, Sequence[str]] | None]


def everybody(_: str) -> None:
    """Return that all rows are read."""


REQUIREMENTS = pa.schema(
    {
        "code": pa.string(),
        "title": pa.string(),
        "version": pa.int32(),
        "version_from": pa.date32(),
        "effective_from": pa.date32(),
        "effective_to": pa.date32(),
        "activities": pa.list_(pa.string()),
        "all_of": pa.bool_(),
        "ways": pa.list_(pa.list_(pa.list_(pa.string()))),
        "items": pa.list_(pa.string()),
        "satisfied_by": pa.string(),
        "min_score": pa.float64(),
        "basis": pa.string(),
        "calendar_basis": pa.date32(),
        "initial_days": pa.int32(),
        "validity_days": pa.int32(),
        "recurrence": pa.string(),
        "early_renewal_days": pa.int32(),
        "grace_days": pa.int32(),
        "return_grace_days": pa.int32(),
        "look_back_days": pa.int32(),
        "leave_policy": pa.string(),
        "carry_gap_days": pa.int32(),
        "min_tenure_days": pa.int32(),
        "org_units": pa.list_(pa.string()),
        "job_codes": pa.list_(pa.string()),
        "locations": pa.list_(pa.string()),
        "worker_types": pa.list_(pa.string()),
        "regulatory_classes": pa.list_(pa.string()),
        "retention_years": pa.string(),
        "retention_from": pa.string(),
        "retention_basis": pa.string(),
    }
)
EXEMPTIONS = pa.schema(
    {
        "employee_id": pa.string(),
        "requirement": pa.string(),
        "from_day": pa.date32(),
        "to_day": pa.date32(),
        "reason": pa.string(),
        "approver": pa.string(),
        "recorded_at": MOMENT,
        "recorded_by": pa.string(),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters that every .sql file may use."""

    as_of: date
    known_at: datetime
    unit: str | None = None
    scope_unit: str | None = None
    person: str | None = None
    requirement: str | None = None
    status: str | None = None
    location: str | None = None
    job: str | None = None
    manager: str | None = None
    worker_type: str | None = None
    days: int = 90
    months: int = 12
    since: date | None = None  # of a report asked month by month: the point before
    points: tuple[date, ...] = ()  # and all of them, with that before the first
    activity: str | None = None
    metric: str | None = None
    former_manager_days: int = 0  # a setting, the same for every call


@contextmanager
def session(
    tables: Published,
    query: Query,
    *,
    requirements: Sequence[Requirement] = (),
    exemptions: Sequence[Mapping[str, Any]] = (),
    imports: Sequence[RunRecord] = (),
    kept: Mapping[str, Files] = NOTHING,
    only: Part = everybody,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection in which the query's tables can be read.

    ``kept``: Parquet files of models that need no making, by name.
    """
    with in_memory(_MEMORY) as connection:
        for name in sorted(sources(query, kept)):
            if name == "requirements":
                connection.register(name, requirements_table(requirements))
            elif name == "exemptions":
                connection.register(name, exemptions_table(exemptions))
            elif name == "imports":
                connection.register(name, imports_table(imports))
            else:
                rows, part = tables.rows(name), only(name)
                where = name if part is None else f"all_{name}"
                create_view(connection, where, rows, TABLES[name], part)
                if part is not None:  # few, and read more than once
                    columns = ", ".join(_named(query, kept) & {*TABLES[name].names})
                    rows = f"SELECT {columns} FROM {where}"  # noqa: S608 (ours)
                    connection.execute(f"CREATE TEMP TABLE {name} AS {rows}")
        read = {*query.reads}.union(*(step.reads for step in steps(query, kept)))
        for name in sorted(read & kept.keys()):
            _show_kept(connection, name, kept[name], only)
        yield connection


def _show_kept(
    connection: duckdb.DuckDBPyConnection, name: str, files: Files, only: Part
) -> None:
    if not isinstance(files, str):
        connection.execute(f"CREATE VIEW {name} AS {_of_days(files)}")
    elif name == "superseded" and only("facts") is not None:
        # Of everybody's Statements, and read more than once: those of these people.
        create_parquet_view(connection, f"all_{name}", files)
        connection.execute(_SUPERSEDED)
    else:
        create_parquet_view(connection, name, files, only(name))


def _of_days(files: Mapping[date, str]) -> str:
    """Return what reads the rows of several files, each with its ``day``."""
    # The file is the same for all rows of a vector: it costs next to nothing.
    whens = (f"WHEN {literal(file)} THEN DATE '{day}'" for day, file in files.items())
    listed = ", ".join(map(literal, files.values()))
    rows = f"read_parquet([{listed}], filename = true)"
    day = f"CASE filename {' '.join(whens)} END AS day"
    return f"SELECT {day}, * EXCLUDE (filename) FROM {rows}"  # noqa: S608 (ours)


def _named(query: Query, kept: Collection[str]) -> set[str]:
    """Return every word in the text of a query and its steps: columns among them."""
    texts = [query.sql, *(step.sql for step in steps(query, kept))]
    return set(_WORD.findall("\n".join(texts)))


def answer(
    connection: duckdb.DuckDBPyConnection,
    query: Query,
    asked: Asked,
    kept: Collection[str] = (),
) -> pa.Table:
    """Run the steps but those that are kept, then the question; return its rows."""
    prepare(connection, query, asked, kept)
    return connection.sql(query.sql, params=bound(query, asked)).to_arrow_table()


def prepare(
    connection: duckdb.DuckDBPyConnection,
    query: Query,
    asked: Asked,
    kept: Collection[str] = (),
) -> None:
    """Run the steps that a query reads but those that are kept."""
    for step in steps(query, kept):
        run_step(connection, step, asked)


def run_step(connection: duckdb.DuckDBPyConnection, step: Query, asked: Asked) -> None:
    """Make a step's rows readable under its name."""
    if step.is_macro:
        connection.execute(step.sql)
    elif step.is_view:
        # A view takes no parameters, but what it is read with.
        for name, value in bound(step, asked).items():
            connection.execute(f"SET VARIABLE asked_{name} = $1", [value])
        text = PARAMETER.sub(r"getvariable('asked_\1')", step.sql)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {step.name} AS {text}")
    else:
        connection.execute(
            f"CREATE TEMP TABLE {step.name} AS {step.sql}",
            bound(step, asked),
        )


def bound(query: Query, asked: Asked) -> dict[str, Any]:
    """Return the parameters that this query names."""
    return {name: getattr(asked, name) for name in query.parameters}


def requirements_table(requirements: Sequence[Requirement]) -> pa.Table:
    """Return the requirements as the .sql files read them."""
    rows = []
    for item in requirements:
        audience = item.audience
        rows.append(
            {name: getattr(item, name, None) for name in REQUIREMENTS.names}
            | {
                "activities": list(item.activities),
                "ways": [[list(part) for part in way] for way in item.ways],
                "items": list(item.items),
                "recurrence": item.recurs,
                "org_units": list(audience["org_unit"]),
                "job_codes": list(audience["job_code"]),
                "locations": list(audience["location"]),
                "worker_types": list(audience["worker_type"] or _EMPLOYED),
                "regulatory_classes": list(audience["regulatory_class"]),
            }
        )
    return pa.Table.from_pylist(rows, schema=REQUIREMENTS)


def exemptions_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return the newest version of each exemption (rows in recorded order)."""
    newest = {
        (row["employee_id"], row["requirement"], row["from"]): row for row in rows
    }
    made = [
        {
            "employee_id": row["employee_id"],
            "requirement": row["requirement"],
            "from_day": date.fromisoformat(row["from"]),
            "to_day": date.fromisoformat(row["to"]) if row["to"] else _FOREVER,
            "reason": row.get("reason"),
            "approver": row.get("approver"),
            "recorded_at": moment(row["recorded"]) if row.get("recorded") else None,
            "recorded_by": row.get("by"),
        }
        for row in newest.values()
        if not row.get("retracted")
    ]
    return pa.Table.from_pylist(made, schema=EXEMPTIONS)


def moment(microseconds: int) -> datetime:
    """Return a position of the timeline as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds(when: datetime) -> int:
    """Return a datetime as microseconds since 1970."""
    return (when - EPOCH) // timedelta(microseconds=1)
