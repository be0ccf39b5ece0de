"""The rows that a roster needs, as known then: of the lake, the rest of the ledger.

In: a tenant, a time, and the unit asked for. Out: the views ``workforce`` and
``people`` of a connection. What the lake has is read fast enough to be read whole;
before the first pass it has nothing, and a million rows of the ledger take long, so
that there only those are read who can have been in the unit. Names are read in the end,
of who is left.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from analytics.lake.lake import position_of
from analytics.lake.published import Published
from analytics.lake.reading import create_view, rows_of
from analytics.lake.tables import TABLES
from analytics.workforce.history.candidates import candidates
from analytics.workforce.history.ledger_rows import KIND
from analytics.workforce.history.merged import Merged
from analytics.workforce.history.roster_rows import (
    ROSTER,
    Advance,
    names_of,
    roster_rows,
)
from analytics.workforce.ledger import Ledger

_LEFT = """
SELECT employee_id FROM hr_rows
UNION
SELECT manager_id FROM hr_rows
WHERE manager_id IS NOT NULL AND $as_of BETWEEN from_day AND to_day
"""
_FRESH = """
CREATE TEMP VIEW fresh_people AS
SELECT f.employee_id, f.effective_date, f.recorded_at, f.retracted,
    n.given_name, n.family_name
FROM called AS f
LEFT JOIN fresh_names AS n USING (employee_id, who)
"""
_OF_PEOPLE = [
    *("employee_id", "effective_date", "recorded_at", "retracted"),
    *("given_name", "family_name"),
]


class KnownRows:
    """The rows of one tenant, as known at ``through`` (microseconds)."""

    def __init__(
        self,
        ledger: Ledger,
        tables: Published,
        tenant: str,
        through: int,
        merged: Merged,
    ) -> None:
        self._ledger = ledger
        self._tenant = tenant
        self._through = through
        self._merged = merged
        self._tables = {name: tables.table(name) for name in ("workforce", "people")}
        self._positions = {
            name: position_of(table) for name, table in self._tables.items()
        }
        after = min(self._positions.values())
        self._runs = ledger.runs(tenant, KIND, after, through)
        self._fresh = ROSTER.empty_table()
        self._read: set[str] | None = None  # of whom rows were read; None: everybody's

    def fresh(self) -> int:
        """Return how many rows the lake does not have."""
        return sum(run.rows for run in self._runs)

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        unit: str | None,
        advance: Advance | None = None,
    ) -> None:
        """Make ``workforce``, with all rows that bear on a unit (None: everybody's)."""
        people: set[str] | None = None
        if unit is not None and not any(self._positions.values()):
            people = candidates(self._ledger, self._tenant, unit)
        self._read = None if people is None else self._merged.ids(people)
        self._fresh = roster_rows(
            self._ledger, self._tenant, self._runs, people=self._read, advance=advance
        )
        connection.register("fresh", self._fresh)
        columns = [name for name in ROSTER.names if name != "who"]
        self._view(connection, "workforce", "fresh", columns)

    def name(self, connection: duckdb.DuckDBPyConnection, day: date) -> None:
        """Make ``people``, of who is in ``hr_rows`` now and their managers that day.

        What the lake has of everybody else is there too.
        """
        left: set[str] = set()
        if self._runs:
            found = connection.sql(_LEFT, params={"as_of": day}).fetchall()
            left = self._merged.ids(one for (one,) in found)
        called = self._fresh
        if self._read is not None:  # managers need not have been in the unit
            others = left - self._read
            rows = roster_rows(self._ledger, self._tenant, self._runs, people=others)
            called = pa.concat_tables([called, rows])
        connection.register("called", called)
        names = names_of(self._ledger, self._tenant, left)
        connection.register("fresh_names", names)
        connection.execute(_FRESH)
        self._view(connection, "people", "fresh_people", _OF_PEOPLE)

    def _view(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        fresh: str,
        columns: list[str],
    ) -> None:
        """Put together what the lake has of a table and what is fresh."""
        table, position = self._tables[name], self._positions[name]
        create_view(connection, f"lake_{name}", rows_of(table), TABLES[name])
        listed = ", ".join(columns)
        until = min(position, self._through)
        connection.execute(f"""
            CREATE TEMP VIEW {name} AS
            SELECT {listed} FROM lake_{name}
            WHERE recorded_at <= make_timestamptz({until})
            UNION ALL
            SELECT {listed} FROM {fresh}
            WHERE recorded_at > make_timestamptz({position})
        """)  # noqa: S608  (names of columns and numbers of our own)
