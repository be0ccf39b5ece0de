"""Who is one person with whom: the decisions about identity, as known at a time.

In: decisions recorded by then. Out: the reports' table ``survivors`` in a connection,
and for any employee_ids those of the same people.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from analytics.enrichment.decision_tables import DecisionRows, decision_table
from analytics.workforce.history.derivation import create


class Merged:
    """The people of several employee_ids."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        decisions: DecisionRows,
        tenant: str,
        through: int,
    ) -> None:
        """Make the table ``survivors`` as known at ``through`` (microseconds)."""
        rows = decisions.rows(tenant, 0, through)
        connection.register("decisions", decision_table(rows))
        create(connection, "survivors")
        found = connection.sql("SELECT employee_id, survivor_id FROM survivors")
        self._survivors: dict[str, str] = dict(found.fetchall())
        self._ids: dict[str, set[str]] = {}
        for one, survivor in self._survivors.items():
            self._ids.setdefault(survivor, {survivor}).add(one)

    def survivor(self, employee_id: str) -> str:
        """Return who this is: themselves, or whom they were merged into."""
        return self._survivors.get(employee_id, employee_id)

    def ids(self, people: Iterable[str]) -> set[str]:
        """Return all employee_ids of the people who have one of these."""
        found: set[str] = set()
        for one in people:
            survivor = self.survivor(one)
            found |= self._ids.get(survivor, {survivor})
        return found
