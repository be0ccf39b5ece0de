"""The as-of join: Statements with the person and the workforce context of the day.

Runs identity.sql, touched.sql and context.sql (which say how) in a DuckDB of its own,
in memory.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.enrichment.hidden_actors import HiddenActors
from analytics.identity.in_force import rules_tables
from analytics.lake.memory import in_memory
from analytics.lake.reading import Rows, create_view, has_rows
from analytics.lake.tables import ACTORS, DECISIONS, FACTS, STATEMENT_COLUMNS, WORKFORCE

_HERE = Path(__file__).parent
_IDENTITY = (_HERE / "identity.sql").read_text()
_TOUCHED = (_HERE / "touched.sql").read_text()
_CONTEXT = (_HERE / "context.sql").read_text()
_MEMORY = "700MB"

_SO_FAR = """
CREATE TEMP TABLE {name} AS
SELECT * FROM all_{name} WHERE recorded_at <= make_timestamptz($through)
"""
_RULES = """
SELECT epoch_us(recorded_at), rules FROM decisions
WHERE kind = 'rules' ORDER BY decision
"""
# At most so many Statements are joined at once: it bounds the memory.
_PART = 100_000
_TOUCHED_FACTS = """
FROM facts WHERE
    (actor_id IN (FROM touched) OR sent_id IN (FROM changed_ids))
    AND ($parts = 1 OR hash(statement_id) % $parts = $part)
"""
_EARLIER = f"""
CREATE OR REPLACE TEMP TABLE earlier AS
SELECT * {_TOUCHED_FACTS}
QUALIFY row_number() OVER (PARTITION BY statement_id ORDER BY recorded_at DESC) = 1
"""
_COUNT = f"SELECT count(*) {_TOUCHED_FACTS}"
_AFTER = "SET VARIABLE after = make_timestamptz($after)"
_KNOWN_ACTORS = "CREATE TEMP TABLE known_actors AS SELECT actor_id, ifi FROM actors"
_OF_FRESH = " WHERE actor_id IN (SELECT actor_id FROM fresh)"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What tells who an actor is: HR rows, actors met, and decisions."""

    workforce: Rows
    actors: Rows = field(default_factory=ACTORS.empty_table)
    decisions: Rows = field(default_factory=DECISIONS.empty_table)
    hidden: HiddenActors | None = None


def contexts(
    fresh: pa.Table, facts: Rows, known: Knowledge, *, after: int, through: int
) -> pa.Table:
    """Return the fact rows that are recorded in (after, through].

    ``fresh`` are the Statements stored in that time, ``facts`` the fact rows recorded
    before that may need another; times in microseconds.
    """
    with memory() as connection:
        connection.register("fresh", fresh)
        create_view(connection, "facts", facts, FACTS)
        create_view(connection, "actors", known.actors, ACTORS)
        create_view(connection, "all_workforce", known.workforce, WORKFORCE)
        create_view(connection, "all_decisions", known.decisions, DECISIONS)
        for name in ("workforce", "decisions"):
            connection.execute(_SO_FAR.format(name=name), {"through": through})
        rules = connection.execute(_RULES).fetchall()
        for name, table in rules_tables(rules).items():
            connection.register(name, table)
        # What was stored before may be anybody's; what is new, only its own actors'.
        connection.execute(_KNOWN_ACTORS + ("" if has_rows(facts) else _OF_FRESH))
        if known.hidden:
            known.hidden.show(connection)
        connection.execute(_IDENTITY)
        if known.hidden:
            known.hidden.veil_lookups(connection)
        connection.execute(_AFTER, {"after": after})
        connection.execute(_TOUCHED)
        found = connection.execute(_COUNT, {"parts": 1, "part": 0}).fetchone()
        parts = 1 + (found[0] if found else 0) // _PART
        rows = []
        for part in range(parts):
            connection.execute(_EARLIER, {"parts": parts, "part": part})
            rows.append(connection.sql(_CONTEXT).to_arrow_table())
            connection.register("fresh", no_statements())  # the first part had them
    return pa.concat_tables(rows).select(FACTS.names).cast(FACTS)


def no_statements() -> pa.Table:
    """Return what ``contexts`` takes where no Statement is new."""
    return pa.schema(list(STATEMENT_COLUMNS.items())).empty_table()


def memory() -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Return a DuckDB in memory, bounded, for a part of a pass."""
    return in_memory(_MEMORY)
