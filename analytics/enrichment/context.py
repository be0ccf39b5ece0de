"""The as-of join: Statements with the person and the workforce context of the day.

Runs identity.sql, touched.sql, unit_paths.sql and context.sql (which say how) in a
DuckDB of its own, in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.enrichment.hidden_actors import HiddenActors
from analytics.identity.in_force import rules_tables
from analytics.lake.history import HISTORY
from analytics.lake.memory import in_memory
from analytics.lake.reading import Rows, create_view, has_rows
from analytics.lake.tables import ACTORS, DECISIONS, FACTS, STATEMENT_COLUMNS, WORKFORCE

_HERE = Path(__file__).parent
_IDENTITY = (_HERE / "identity.sql").read_text()
_TOUCHED = (_HERE / "touched.sql").read_text()
_PATHS = (_HERE / "unit_paths.sql").read_text()
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
    (
        actor_id IN (FROM touched)
        OR sent_id IN (FROM changed_ids)
        OR statement_id IN (FROM of_changed_units)
    )
    AND ($parts = 1 OR hash(statement_id) % $parts = $part)
"""
_OF_CHANGED_UNITS = """
CREATE TEMP TABLE of_changed_units AS
SELECT DISTINCT statement_id
FROM facts JOIN changed_units ON unit_id = org_unit_id AND local_date >= from_day
"""
# What is there is not looked at for what is new, unless that says something of it.
_ANY_NEWS = """
SELECT EXISTS (FROM touched) OR EXISTS (FROM changed_ids) OR EXISTS (FROM changed_units)
"""
_NO_EARLIER = "CREATE OR REPLACE TEMP TABLE earlier AS SELECT * FROM facts LIMIT 0"
_EARLIER = f"""
CREATE OR REPLACE TEMP TABLE earlier AS
SELECT * {_TOUCHED_FACTS}
QUALIFY row_number() OVER (PARTITION BY statement_id ORDER BY recorded_at DESC) = 1
"""
_COUNT = f"SELECT count(*) {_TOUCHED_FACTS}"
_SET = "SET VARIABLE {name} = make_timestamptz($moment)"
_KNOWN_ACTORS = "CREATE TEMP TABLE known_actors AS SELECT actor_id, ifi FROM actors"
_OF_FRESH = " WHERE actor_id IN (SELECT actor_id FROM fresh)"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What tells who an actor is: HR rows, actors met, and decisions."""

    workforce: Rows
    actors: Rows = field(default_factory=ACTORS.empty_table)
    decisions: Rows = field(default_factory=DECISIONS.empty_table)
    hidden: HiddenActors | None = None
    # The history's table of the units above each unit.
    closure: Rows = field(default_factory=HISTORY["org_unit_closure"].empty_table)


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
        for name, moment in (("after", after), ("through", through)):
            connection.execute(_SET.format(name=name), {"moment": moment})
        connection.execute(_TOUCHED)
        create_view(connection, "closure", known.closure, HISTORY["org_unit_closure"])
        connection.execute(_PATHS)
        rows = []
        for _ in _parts(connection):
            rows.append(connection.sql(_CONTEXT).to_arrow_table())
            connection.register("fresh", no_statements())  # the first part had them
    return pa.concat_tables(rows).select(FACTS.names).cast(FACTS)


def _parts(connection: duckdb.DuckDBPyConnection) -> Iterator[int]:
    """Make ``earlier`` in parts of a bounded size; yield the number of each."""
    (news,) = connection.execute(_ANY_NEWS).fetchall()
    if not news[0]:
        connection.execute(_NO_EARLIER)
        yield 0
        return
    connection.execute(_OF_CHANGED_UNITS)
    found = connection.execute(_COUNT, {"parts": 1, "part": 0}).fetchone()
    parts = 1 + (found[0] if found else 0) // _PART
    for part in range(parts):
        connection.execute(_EARLIER, {"parts": parts, "part": part})
        yield part


def no_statements() -> pa.Table:
    """Return what ``contexts`` takes where no Statement is new."""
    return pa.schema(list(STATEMENT_COLUMNS.items())).empty_table()


def memory() -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Return a DuckDB in memory, bounded, for a part of a pass."""
    return in_memory(_MEMORY)
