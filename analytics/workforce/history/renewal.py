"""Renewing the history: only those of whom something new was recorded are derived anew.

A correction changes no history but its person's, and no holder but those of the
identifiers that person ever listed; all other rows are taken over from the former
tables. Units are derived whole: they are few. Gives what ``derive`` gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa

from analytics.lake.history import HISTORY
from analytics.lake.reading import Rows, create_view
from analytics.lake.tables import WORKFORCE
from analytics.workforce.history.derivation import (
    OF_PEOPLE,
    OF_UNITS,
    batches,
    create,
    memory,
    queries,
)

_CHANGED = """
CREATE TEMP TABLE changed AS
SELECT DISTINCT employee_id FROM everything
WHERE recorded_at > make_timestamptz($after)
"""
_AFFECTED = """
CREATE TEMP TABLE affected AS
SELECT DISTINCT unnest(identifiers) AS identifier
FROM everything SEMI JOIN changed USING (employee_id)
"""
_SHARING = """
CREATE TEMP TABLE recorded AS
SELECT * FROM everything SEMI JOIN (
    SELECT employee_id FROM (
        SELECT employee_id, unnest(identifiers) AS identifier FROM everything
    ) SEMI JOIN affected USING (identifier)
) AS one USING (employee_id)
"""
_MANAGED = """
CREATE TEMP TABLE managed AS
SELECT * FROM newly_managed
UNION ALL BY NAME
SELECT employee_id, manager_id, valid_from, valid_to, recorded_from, recorded_to
FROM former_manager_edges ANTI JOIN changed USING (employee_id)
"""


def renew(
    recorded: Rows, former: Mapping[str, Rows], after: int
) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """Yield every table with its batches, to be read before the next.

    ``recorded``: the rows of the lake's table ``workforce``; ``former``: every table of
    the history as of the position ``after`` (microseconds).
    """
    with memory() as connection:
        create_view(connection, "everything", recorded, WORKFORCE)
        for name, rows in former.items():
            create_view(connection, f"former_{name}", rows, HISTORY[name])
        connection.execute(_CHANGED, {"after": after})
        yield from _people(connection)
        connection.execute("CREATE TEMP VIEW recorded AS SELECT * FROM everything")
        for step in OF_UNITS:
            name, _, file = step.partition("=")
            create(connection, name, file or name)
        for name in ("org_units", "org_unit_closure"):
            yield name, batches(connection, name, queries()[name].sql)
        connection.execute("DROP VIEW recorded")
        connection.execute(_AFFECTED)
        connection.execute(_SHARING)
        create(connection, "listed")
        name = "person_identifiers"
        yield name, batches(connection, name, _joined(name, "affected", "identifier"))


def _people(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    connection.execute(
        "CREATE TEMP TABLE recorded AS "
        "SELECT * FROM everything SEMI JOIN changed USING (employee_id)"
    )
    for step in OF_PEOPLE:
        create(connection, "newly_managed" if step == "managed" else step, step)
    connection.execute(_MANAGED)
    for name in ("employment_spells", "assignments", "leave_spells"):
        yield name, batches(connection, name, _joined(name, "changed", "employee_id"))
    # Whether managers form a circle is a question to all of them.
    name = "manager_edges"
    yield name, batches(connection, name, queries()[name].sql)
    for step in (*OF_PEOPLE, "newly_managed", "recorded"):
        connection.execute(f"DROP TABLE {step}")


def _joined(name: str, renewed: str, key: str) -> str:
    columns = ", ".join(HISTORY[name].names)
    return f"""
        SELECT {columns} FROM former_{name} ANTI JOIN {renewed} USING ({key})
        UNION ALL BY NAME
        SELECT {columns} FROM ({queries()[name].sql}
        ) SEMI JOIN {renewed} USING ({key})
    """  # noqa: S608  (names of our own)
