"""Deriving the history: the ledger's rows through the .sql files, table by table.

The rules of a day (which row is in force, who is employed, which unit stands below
which) are those of the reports, and the same files: analytics/reports/models hr_rows,
employed and unit_edges. There they answer for one known_at; here they read every
person and every unit once for each moment at which something new was recorded of
them, and what they answer is put together over the moments where it stays the same.

Goes in: the lake's ``workforce`` rows. Comes out: the tables of analytics.lake.history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.lake.history import HISTORY
from analytics.lake.memory import in_memory
from analytics.lake.reading import Rows, create_view
from analytics.lake.tables import WORKFORCE
from analytics.reports.catalogue import Query, folder, models

HERE = Path(__file__).parent
_MEMORY = "1GB"
_BATCH = 65_536  # rows in one batch of a table
_EVER = datetime(9999, 12, 31, tzinfo=UTC)

# What is made before the tables, in order; ``name=file`` gives a step another name: a
# model of the reports finds there what it reads.
OF_PEOPLE = (
    *("moments", "workforce", "hr_rows", "employed"),
    *("spells", "placed", "unbroken", "managed"),
)
OF_UNITS = (
    *("versions", "unit_said", "unit_known", "unit_moments"),
    *("hr_rows=hr_of_units", "unit_edges", "unit_states"),
)
_PARTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        OF_PEOPLE,
        ("employment_spells", "assignments", "leave_spells", "manager_edges"),
    ),
    (OF_UNITS, ("org_units", "org_unit_closure")),
    (("listed",), ("person_identifiers",)),
)


@cache
def queries() -> dict[str, Query]:
    """Return every .sql file of the history by name, with the models they share."""
    found = dict(models())
    for query in (*folder(HERE), *folder(HERE / "steps")):
        found[query.name] = query
    return found


def derive(
    recorded: Rows, tables: Collection[str] = HISTORY
) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """Yield the tables asked for, each with its batches, to be read before the next.

    ``recorded``: the rows of the lake's table ``workforce``.
    """
    with memory() as connection:
        create_view(connection, "recorded", recorded, WORKFORCE)
        for steps, made in _PARTS:
            wanted = [name for name in made if name in tables]
            if not wanted:
                continue
            for step in steps:
                name, _, file = step.partition("=")
                create(connection, name, file or name)
            for name in wanted:
                yield name, batches(connection, name, queries()[name].sql)
            for step in steps:
                connection.execute(f"DROP TABLE {step.partition('=')[0]}")


def derived(recorded: Rows, tables: Collection[str] = HISTORY) -> dict[str, pa.Table]:
    """Return the tables asked for, whole."""
    return {
        name: pa.concat_tables([HISTORY[name].empty_table(), *made])
        for name, made in derive(recorded, tables)
    }


@contextmanager
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB in memory, bounded, for rows in any order."""
    with in_memory(_MEMORY) as connection:
        connection.execute("SET preserve_insertion_order = false")
        yield connection


def create(
    connection: duckdb.DuckDBPyConnection, name: str, file: str | None = None
) -> None:
    """Run one step, everything known; its rows are the temporary table ``name``."""
    query = queries()[file or name]
    given = {"known_at": _EVER} if "known_at" in query.parameters else {}
    connection.execute(f"CREATE TEMP TABLE {name} AS {query.sql}", given)


def batches(
    connection: duckdb.DuckDBPyConnection, name: str, sql: str
) -> Iterator[pa.Table]:
    """Yield the rows of a query as batches of the table of that name."""
    schema = HISTORY[name]
    for batch in connection.sql(sql).to_arrow_reader(_BATCH):
        yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
