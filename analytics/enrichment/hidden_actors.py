"""Hidden actors: those whose IFI the lake does not have, and how they are looked up.

What an actor is looked up by follows from its IFI and the rules of each time. The IFI
of a hidden actor stands in the Statements alone: it is read again from the first of
them, and stays in memory; the ids that it gives go through the veil as HR rows do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from analytics.enrichment.statement_facts import extract
from analytics.lake.lake import Lake
from analytics.lake.memory import in_memory
from analytics.lake.reading import create_view
from analytics.lake.tables import ACTORS
from analytics.workforce.anonymity.veil import Veil
from lrs.feed import Feed

_MEMORY = "200MB"
_HIDDEN = "SELECT actor_id, epoch_us(recorded_at) FROM actors WHERE ifi IS NULL"
_SHOW = """
UPDATE known_actors SET ifi = hidden.ifi FROM hidden
WHERE hidden.actor_id = known_actors.actor_id
"""
_LOOKUPS = """
SELECT DISTINCT lookup_id, employee_id FROM lookups
WHERE actor_id IN (SELECT actor_id FROM hidden)
"""
_VEIL = """
UPDATE lookups SET
    lookup_id = veiled.stands,
    employee_id = CASE WHEN lookups.employee_id IS NOT NULL
        THEN coalesce(veiled.owner, lookups.employee_id) END
FROM veiled
WHERE veiled.lookup_id = lookups.lookup_id
    AND lookups.actor_id IN (SELECT actor_id FROM hidden)
"""
_TEXTS = {"actor_id": pa.string(), "ifi": pa.string()}
_VEILED = {"lookup_id": pa.string(), "stands": pa.string(), "owner": pa.string()}


@dataclass(frozen=True, slots=True)
class HiddenActors:
    """The hidden actors met so far, with their IFIs, in memory."""

    veil: Veil
    met: tuple[str, ...]

    def show(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give ``known_actors`` the IFIs, for as long as the connection lives."""
        rows = [{"actor_id": one, "ifi": self.veil.ifis[one]} for one in self.met]
        connection.register("hidden", _table(rows, _TEXTS))
        connection.execute(_SHOW)

    def veil_lookups(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Put the ids in ``lookups`` of these actors behind the veil."""
        found = connection.execute(_LOOKUPS).fetchall()
        rows = [
            {
                "lookup_id": lookup,
                "stands": self.veil.veiled(lookup),
                "owner": self.veil.owner(lookup),
            }
            for lookup in {lookup for lookup, _ in found}
        ]
        connection.register("veiled", _table(rows, _VEILED))
        connection.execute(_VEIL)


def hidden_actors(lake: Lake, feed: Feed, tenant: str, veil: Veil) -> HiddenActors:
    """Return the hidden actors of the lake; who is not in memory is read again."""
    with in_memory(_MEMORY) as connection:
        create_view(connection, "actors", lake.rows(tenant, "actors"), ACTORS)
        met = connection.execute(_HIDDEN).fetchall()
    for actor, recorded in met:
        if actor not in veil.ifis:
            for _ in _read(feed, tenant, recorded, veil):
                pass
    return HiddenActors(veil, tuple(one for one, _ in met if one in veil.ifis))


def _read(feed: Feed, tenant: str, recorded: int, veil: Veil) -> Iterator[object]:
    """Extract the one Statement of that time: the veil then has its actor's IFI."""
    for batch in feed.read(tenant, recorded - 1, recorded):
        yield extract(batch, veil)


def _table(rows: list[dict[str, Any]], columns: dict[str, pa.DataType]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items())))
