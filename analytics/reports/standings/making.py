"""Making standings: from the tables alone, or from former ones and what was said since.

In: the inputs themselves, their names (Inputs), and perhaps a former set. Out: Parquet
files in a folder, one for each of KEPT and one for the exemptions, to tell later which
have changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from analytics.lake.memory import in_memory
from analytics.lake.reading import create_view
from analytics.lake.tables import TABLES as SCHEMAS
from analytics.reports.catalogue import Query, models, steps
from analytics.reports.session import Asked, run_step
from analytics.reports.standings import following
from analytics.reports.standings.folder import Entry
from analytics.reports.standings.inputs import KEPT, MAKING, Given, Inputs

_MEMORY = "640MB"  # of one making, which happens once
_COPY = "COPY ({rows}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
_ROWS = "FROM {name}"
_SORTED = "FROM {name} ORDER BY employee_id"
# Of Statements, the newest row of each: few have a second one (see known_facts.sql).
_UNRESOLVED = """
WITH later AS (
    SELECT statement_id, max(recorded_at) AS recorded_at FROM facts
    WHERE recorded_at > stored AND recorded_at <= $known_at
    GROUP BY statement_id
),
voided AS (SELECT DISTINCT statement_id FROM voids WHERE recorded_at <= $known_at)
SELECT avg((f.person_id IS NULL)::INTEGER)
FROM facts AS f
WHERE f.recorded_at <= $known_at
    AND f.statement_id NOT IN (FROM voided)
    AND NOT EXISTS (
        SELECT 1 FROM later AS l
        WHERE l.statement_id = f.statement_id AND l.recorded_at > f.recorded_at
    )
"""


@dataclass(frozen=True, slots=True)
class Making:
    """One making; ``former`` may be followed where the inputs can."""

    given: Given
    inputs: Inputs
    asked: Asked
    former: Entry | None = None

    def write(self, folder: Path) -> float | None:
        """Write the files; return the share of Statements that have no person."""
        if self.former is None or not self._follow(self.former, folder):
            self._write_all(folder)
        with in_memory(_MEMORY) as connection:
            show(connection, self.given)
            copy(connection, "FROM exemptions", folder / "exemptions.parquet")
            return self._unresolved(connection)

    def _follow(self, former: Entry, folder: Path) -> bool:
        with in_memory(_MEMORY) as connection:
            show(connection, self.given)
            return following.write(
                connection, former, self.inputs, self.asked, folder
            )

    def _write_all(self, folder: Path) -> None:
        with in_memory(_MEMORY) as connection:
            show(connection, self.given)
            self._write_by(connection, folder)

    def _write_by(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        for step in steps(MAKING):
            run_step(connection, step, self.asked)
            for name in done_with(step):
                connection.execute(f"DROP TABLE {name}")
        for name, person in KEPT.items():
            rows = (_SORTED if person else _ROWS).format(name=name)
            copy(connection, rows, folder / f"{name}.parquet")

    def _unresolved(self, connection: duckdb.DuckDBPyConnection) -> float | None:
        former = self.former
        if former is not None and all(
            former.inputs.bounds[name] == self.inputs.bounds[name]
            for name in ("facts", "voids")
        ):
            return former.unresolved
        return unresolved(connection, self.asked)


def show(connection: duckdb.DuckDBPyConnection, given: Given) -> None:
    """Make the inputs readable under their names."""
    for name, state in given.tables.items():
        create_view(connection, f"all_{name}", list(state.files), SCHEMAS[name])
        connection.execute(f"CREATE VIEW {name} AS FROM all_{name}")
    connection.register("requirements", given.requirements)
    connection.register("exemptions", given.exemptions)


def unresolved(connection: duckdb.DuckDBPyConnection, asked: Asked) -> float | None:
    """Return the share of Statements whose person is not known; None without any."""
    found = connection.execute(_UNRESOLVED, {"known_at": asked.known_at}).fetchall()
    return None if found[0][0] is None else float(found[0][0])


def copy(connection: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    """Write the rows of a query to a Parquet file."""
    quoted = str(path).replace("'", "''")
    connection.execute(_COPY.format(rows=rows, path=quoted))


def done_with(step: Query) -> list[str]:
    """Return the tables that no later step reads and nobody keeps."""
    order = steps(MAKING)
    here = order.index(step)
    read = {name for later in order[here + 1 :] for name in later.reads}
    return [
        name
        for name in step.reads
        if name in models()
        and not models()[name].is_view
        and name not in read
        and name not in KEPT
    ]
