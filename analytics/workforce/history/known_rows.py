"""The rows that a roster needs, as known then: of the lake, the rest of the ledger.

In: a tenant, a time, and the unit asked for. Out: the views ``workforce`` and
``people`` of a connection. What the lake has is read fast enough to be read whole;
before the first pass it has nothing, and a million rows of the ledger take long, so
that there only those are read who can have been in the unit, and names only of who is
left in the end.
"""

from __future__ import annotations

from datetime import date

import duckdb

from analytics.lake.lake import Lake, position_of
from analytics.lake.reading import create_view, rows_of
from analytics.lake.tables import TABLES
from analytics.workforce.history.candidates import candidates
from analytics.workforce.history.ledger_rows import ROSTER, roster_rows
from analytics.workforce.history.merged import Merged
from analytics.workforce.ledger import Ledger

_LEFT = """
SELECT employee_id FROM hr_rows
UNION
SELECT manager_id FROM hr_rows
WHERE manager_id IS NOT NULL AND $as_of BETWEEN from_day AND to_day
"""


class KnownRows:
    """The rows of one tenant, as known at ``through`` (microseconds)."""

    def __init__(
        self, ledger: Ledger, lake: Lake, tenant: str, through: int, merged: Merged
    ) -> None:
        self._ledger = ledger
        self._tenant = tenant
        self._through = through
        self._merged = merged
        self._tables = {
            name: lake.open(tenant, name) for name in ("workforce", "people")
        }
        self._narrow = False

    def read(self, connection: duckdb.DuckDBPyConnection, unit: str | None) -> None:
        """Make ``workforce``, with all rows that bear on a unit (None: everybody's)."""
        positions = {name: position_of(table) for name, table in self._tables.items()}
        after = min(positions.values())
        people: set[str] | None = None
        if unit is not None and not any(positions.values()):
            people = candidates(self._ledger, self._tenant, unit)
        self._narrow = people is not None
        fresh = roster_rows(
            self._ledger,
            self._tenant,
            after,
            self._through,
            people=None if people is None else self._merged.ids(people),
            named=people is None,
        )
        connection.register("fresh", fresh)
        for name, table in self._tables.items():
            if name == "people" and self._narrow:
                continue
            create_view(connection, f"lake_{name}", rows_of(table), TABLES[name])
            known = [column for column in TABLES[name].names if column in ROSTER.names]
            columns = ", ".join(known)
            until = min(positions[name], self._through)
            connection.execute(f"""
                CREATE TEMP VIEW {name} AS
                SELECT {columns} FROM lake_{name}
                WHERE recorded_at <= make_timestamptz({until})
                UNION ALL
                SELECT {columns} FROM fresh
                WHERE recorded_at > make_timestamptz({positions[name]})
            """)  # noqa: S608  (names of columns and numbers of our own)

    def name(self, connection: duckdb.DuckDBPyConnection, day: date) -> None:
        """Make ``people``, of who is in ``hr_rows`` now and their managers that day."""
        if not self._narrow:
            return  # everybody's are there
        left = connection.sql(_LEFT, params={"as_of": day}).fetchall()
        people = self._merged.ids(one for (one,) in left)
        rows = roster_rows(self._ledger, self._tenant, 0, self._through, people=people)
        connection.register("people", rows)
