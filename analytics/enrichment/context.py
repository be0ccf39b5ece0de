"""The as-of join: Statements with the person and the workforce context of the day.

Runs context.sql (which says how) in a DuckDB of its own, in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.lake.reading import Rows, create_view
from analytics.lake.tables import FACTS, WORKFORCE

_CONTEXT = (Path(__file__).parent / "context.sql").read_text()
_MEMORY = "700MB"

# Statements whose actor an HR row of this time may concern: of a person who claims the
# actor in any version. Their latest row tells what was known before.
_EARLIER = """
CREATE TEMP TABLE earlier AS
SELECT * FROM facts
WHERE actor_id IN (
    SELECT DISTINCT unnest(identifiers) FROM workforce
    WHERE employee_id IN (
        SELECT employee_id FROM workforce
        WHERE recorded_at > make_timestamptz($after)
    )
)
QUALIFY row_number() OVER (PARTITION BY statement_id ORDER BY recorded_at DESC) = 1
"""
_WORKFORCE = """
CREATE TEMP TABLE workforce AS
SELECT * FROM hr WHERE recorded_at <= make_timestamptz($through)
"""


def contexts(
    fresh: pa.Table, facts: Rows, workforce: Rows, *, after: int, through: int
) -> pa.Table:
    """Return the fact rows that are recorded in (after, through].

    ``fresh`` are the Statements stored in that time, ``facts`` the fact rows recorded
    before, ``workforce`` the HR rows; times in microseconds.
    """
    with memory() as connection:
        connection.register("fresh", fresh)
        create_view(connection, "hr", workforce, WORKFORCE)
        create_view(connection, "facts", facts, FACTS)
        connection.execute(_WORKFORCE, {"through": through})
        connection.execute(_EARLIER, {"after": after})
        rows = connection.sql(_CONTEXT, params={"after": after}).to_arrow_table()
    return rows.select(FACTS.names).cast(FACTS)


@contextmanager
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB in memory, in UTC and bounded."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        yield connection
