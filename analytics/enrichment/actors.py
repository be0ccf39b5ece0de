"""Actors that the lake has not met yet, and rows that no killed pass has written."""

from __future__ import annotations

import pyarrow as pa

from analytics.enrichment.context import memory
from analytics.lake.lake import Lake
from analytics.lake.reading import create_view
from analytics.lake.tables import ACTORS


def unknown_actors(lake: Lake, tenant: str, actors: pa.Table) -> pa.Table:
    """Return the rows of actors that the lake does not have."""
    files = lake.files(tenant, "actors")
    if not files or not actors.num_rows:
        return actors
    with memory() as connection:
        connection.register("met", actors)
        create_view(connection, "known", files, ACTORS)
        return (
            connection.sql("SELECT met.* FROM met ANTI JOIN known USING (actor_id)")
            .to_arrow_table()
            .cast(ACTORS)
        )


def after(rows: pa.Table, position: int) -> pa.Table:
    """Return the rows recorded after a position (a killed pass wrote the others)."""
    recorded = rows.column("recorded_at").cast(pa.int64()).to_pylist()
    return rows.filter(pa.array([moment > position for moment in recorded], pa.bool_()))
