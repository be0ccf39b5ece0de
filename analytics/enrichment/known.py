"""What the lake's tables tell a pass: who actors are, and whom it meets first."""

from __future__ import annotations

import pyarrow as pa

from analytics.enrichment.context import Knowledge, memory
from analytics.lake.pass_tables import PassTables
from analytics.lake.reading import create_view
from analytics.lake.tables import ACTORS, DECISIONS, WORKFORCE


def knowledge(tables: PassTables) -> Knowledge:
    """Return what stands in the tables that tell who an actor is."""
    return Knowledge(
        workforce=tables.files("workforce") or WORKFORCE.empty_table(),
        actors=tables.files("actors") or ACTORS.empty_table(),
        decisions=tables.files("decisions") or DECISIONS.empty_table(),
    )


def unknown_actors(tables: PassTables, actors: pa.Table) -> pa.Table:
    """Return those of the actors who were never met before."""
    files = tables.files("actors")
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
