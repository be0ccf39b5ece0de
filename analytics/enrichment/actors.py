"""What the lake's tables tell a pass: who actors are, and whom it meets first."""

from __future__ import annotations

import pyarrow as pa

from analytics.enrichment.context import Knowledge, memory
from analytics.enrichment.hidden_actors import HiddenActors
from analytics.lake.pass_tables import PassTables
from analytics.lake.reading import create_view, has_rows
from analytics.lake.tables import ACTORS


def knowledge(tables: PassTables, hidden: HiddenActors | None) -> Knowledge:
    """Return what stands in the tables that tell who an actor is."""
    return Knowledge(
        workforce=tables.rows("workforce"),
        actors=tables.rows("actors"),
        decisions=tables.rows("decisions"),
        hidden=hidden,
        closure=tables.rows("org_unit_closure"),
    )


def unknown_actors(tables: PassTables, actors: pa.Table) -> pa.Table:
    """Return the rows of actors that the lake does not have."""
    known = tables.rows("actors")
    if not has_rows(known) or not actors.num_rows:
        return actors
    with memory() as connection:
        connection.register("met", actors)
        create_view(connection, "known", known, ACTORS)
        return (
            connection.sql("SELECT met.* FROM met ANTI JOIN known USING (actor_id)")
            .to_arrow_table()
            .cast(ACTORS)
        )


def after(rows: pa.Table, position: int) -> pa.Table:
    """Return the rows recorded after a position (a killed pass wrote the others)."""
    recorded = rows.column("recorded_at").cast(pa.int64()).to_pylist()
    return rows.filter(pa.array([moment > position for moment in recorded], pa.bool_()))
