"""The models over the rows of some people: as many as the table ``touched`` names.

Whoever stands there is told from their own rows and from everybody's units; so
standings are made in parts that fit into the memory, and made anew for a few.
"""

from __future__ import annotations

import duckdb

from analytics.reports.catalogue import models, steps
from analytics.reports.session import Asked, run_step
from analytics.reports.standings.inputs import KEPT, MAKING, UNITS

# Made for everybody before.
MADE = (*UNITS, "superseded", "survivors", "told")
OF_PEOPLE = tuple(name for name, of in KEPT.items() if of and name not in MADE)
_KIN = """
SELECT employee_id FROM touched
UNION
SELECT s.employee_id FROM survivors AS s JOIN touched AS t
    ON t.employee_id = s.survivor_id
"""
# Which of them no longer counts says ``superseded``, which was made of all.
_FEW_FACTS = """
SELECT * FROM all_facts WHERE person_id IN (SELECT employee_id FROM touched)
"""


def make(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """Run the models; afterwards the tables OF_PEOPLE have the rows of these people."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE kin AS {_KIN}")
    for name in ("workforce", "people"):
        connection.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM all_{name} "  # noqa: S608
            "WHERE employee_id IN (SELECT employee_id FROM kin)"
        )
    connection.execute(f"CREATE OR REPLACE VIEW facts AS {_FEW_FACTS}")
    order = steps(MAKING, MADE)
    for number, step in enumerate(order):
        run_step(connection, step, asked)
        later = {name for other in order[number + 1 :] for name in other.reads}
        for name in sorted({*step.reads} - later - {*MADE, *KEPT}):
            drop(connection, name)


def drop(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Remove a step's table; views and the lake's tables stay."""
    if name in models() and not models()[name].is_view:
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def reset(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what ``make`` has left, so that it can run again."""
    for step in steps(MAKING, MADE):
        kind = "VIEW" if step.is_view else "TABLE"
        connection.execute(f"DROP {kind} IF EXISTS {step.name}")
