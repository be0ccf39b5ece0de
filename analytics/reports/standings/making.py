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
from analytics.reports.catalogue import models
from analytics.reports.session import Asked, run_step
from analytics.reports.standings import following, people
from analytics.reports.standings.folder import Entry
from analytics.reports.standings.inputs import KEPT, UNITS, Given, Inputs
from analytics.reports.standings.writing import copy

_MEMORY = "768MB"  # of one making
# Made of everybody's rows at once, in this order.
_OF_ALL = ("superseded", "latest_facts", "told", "survivors", "hr_rows", *UNITS)
_PART = 20_000  # people whose rows are joined at once
_PEOPLE = """
SELECT count(DISTINCT employee_id) FROM all_workforce
"""
# Neighbours by number: of files that are sorted by person only a part is read.
_SOME = """
CREATE OR REPLACE TEMP TABLE touched AS
SELECT employee_id FROM (
    SELECT DISTINCT coalesce(s.survivor_id, w.employee_id) AS employee_id
    FROM all_workforce AS w LEFT JOIN survivors AS s USING (employee_id)
)
QUALIFY ntile($parts) OVER (ORDER BY employee_id) = 1 + $part
"""
_SAID = """
SELECT 1 FROM {name}
WHERE recorded_at > make_timestamptz(?) AND recorded_at <= make_timestamptz(?) LIMIT 1
"""
_UNRESOLVED = """
WITH voided AS (SELECT DISTINCT statement_id FROM voids WHERE recorded_at <= $known_at)
SELECT avg((f.person_id IS NULL)::INTEGER)
FROM latest_facts AS f
LEFT JOIN voided AS v ON v.statement_id = f.statement_id
WHERE v.statement_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class Making:
    """One making; ``former`` may be followed where the inputs can.

    ``alike``: a set of the same tables, of any day; its share of Statements that have
    no person is this one's too, where nothing was said of Statements between the two.
    """

    given: Given
    inputs: Inputs
    asked: Asked
    former: Entry | None = None
    alike: Entry | None = None

    def write(self, folder: Path) -> float | None:
        """Write the files; return the share of Statements that have no person."""
        if self.former is None or not self._follow(self.former, folder):
            self._write_all(folder)
        with in_memory(_MEMORY) as connection:
            show(connection, self.given)
            copy(connection, "FROM exemptions", folder, "exemptions")
            return self._unresolved(connection, folder)

    def _follow(self, former: Entry, folder: Path) -> bool:
        with in_memory(_MEMORY) as connection:
            show(connection, self.given)
            return following.write(connection, former, self.inputs, self.asked, folder)

    def _write_all(self, folder: Path) -> None:
        with in_memory(_MEMORY) as connection:
            show(connection, self.given)
            for name in _OF_ALL:
                run_step(connection, models()[name], self.asked)
            people.drop(connection, "hr_rows")
            found = connection.execute(_PEOPLE).fetchall()
            parts = 1 + found[0][0] // _PART
            for part in range(parts):
                connection.execute(_SOME, {"parts": parts, "part": part})
                people.make(connection, self.asked)
                for name in people.OF_PEOPLE:
                    how = f"INSERT INTO kept_{name}"
                    if not part:
                        how = f"CREATE TEMP TABLE kept_{name} AS"
                    connection.execute(f"{how} FROM {name}")
                people.reset(connection)
            for name, person in KEPT.items():
                rows = f"FROM {name}"
                if person:
                    made = f"kept_{name}" if name in people.OF_PEOPLE else name
                    rows = f"FROM {made} ORDER BY {person}"
                copy(connection, rows, folder, name)

    def _unresolved(
        self, connection: duckdb.DuckDBPyConnection, folder: Path
    ) -> float | None:
        alike = self.alike
        if alike is not None and not self._said_between(connection, alike):
            return alike.unresolved
        made = connection.read_parquet(str(folder / "superseded.parquet"))
        made.create_view("superseded")
        run_step(connection, models()["latest_facts"], self.asked)
        return unresolved(connection, self.asked)

    def _said_between(
        self, connection: duckdb.DuckDBPyConnection, other: Entry
    ) -> bool:
        """Tell whether anything was said of Statements between another set and now."""
        for name in ("facts", "voids"):
            bounds = other.inputs.bounds[name], self.inputs.bounds[name]
            after, through = sorted(bound.through for bound in bounds)
            if connection.execute(_SAID.format(name=name), [after, through]).fetchall():
                return True
        return False


def show(connection: duckdb.DuckDBPyConnection, given: Given) -> None:
    """Make the inputs readable under their names, and all of them as ``all_NAME``."""
    for name, state in given.tables.items():
        create_view(connection, f"all_{name}", state.rows, SCHEMAS[name])
        connection.execute(f"CREATE VIEW {name} AS FROM all_{name}")
    connection.register("requirements", given.requirements)
    connection.register("exemptions", given.exemptions)


def unresolved(connection: duckdb.DuckDBPyConnection, asked: Asked) -> float | None:
    """Return the share of ``latest_facts`` without a person; None without any."""
    found = connection.execute(_UNRESOLVED, {"known_at": asked.known_at}).fetchall()
    return None if found[0][0] is None else float(found[0][0])
