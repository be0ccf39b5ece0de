"""Standings that follow former ones: only whom something was said of is made anew.

The models run over the rows of those people alone (touched.sql says who they are) and
over everybody's units; all other rows are copied. So it costs what these people cost.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from analytics.reports.catalogue import models
from analytics.reports.session import Asked, moment, run_step
from analytics.reports.standings import people
from analytics.reports.standings.folder import Entry
from analytics.reports.standings.inputs import KEPT, TABLES, UNITS, Inputs
from analytics.reports.standings.people import OF_PEOPLE
from analytics.reports.standings.writing import copy

_TOUCHED, TOLD = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("touched.sql", "told.sql")
)
_MOST = 0.5  # share of the people: of more, all are made anew
_MOVED = """
SELECT DISTINCT unit_id FROM (
    (SELECT unit_id, ancestor_id, from_day, to_day FROM unit_closure
    EXCEPT SELECT unit_id, ancestor_id, from_day, to_day FROM former_unit_closure)
    UNION ALL
    (SELECT unit_id, ancestor_id, from_day, to_day FROM former_unit_closure
    EXCEPT SELECT unit_id, ancestor_id, from_day, to_day FROM unit_closure)
)
WHERE ancestor_id IN (SELECT unnest(org_units) FROM requirements)
"""
_MERGED = """
SELECT * FROM {former} WHERE {person} NOT IN (SELECT employee_id FROM touched)
UNION ALL BY NAME
(SELECT * FROM {name} ORDER BY {person})
"""


_AGAIN = """
SELECT statement_id, max(recorded_at) AS recorded_at FROM (
    FROM former_superseded
    UNION ALL
    SELECT statement_id, recorded_at FROM all_facts
    WHERE recorded_at > getvariable('facts_after')
        AND recorded_at <= getvariable('facts_through') AND recorded_at > stored
)
GROUP BY statement_id
"""


def write(
    connection: duckdb.DuckDBPyConnection,
    former: Entry,
    inputs: Inputs,
    asked: Asked,
    folder: Path,
) -> bool:
    """Write what follows from a former set; tell whether that was worth it."""
    if former.inputs.requirements != inputs.requirements:
        return False
    _show_former(connection, former, inputs)
    said_again = _said_since(connection, "facts", " AND recorded_at > stored")
    rows = _AGAIN if said_again else "FROM former_superseded"
    connection.execute(f"CREATE TEMP TABLE superseded AS {rows}")
    units_may_differ = _said_since(connection, "workforce")
    merges_may_differ = _said_since(connection, "decisions")
    if units_may_differ or merges_may_differ:
        run_step(connection, models()["hr_rows"], asked)
    else:
        connection.execute("CREATE TEMP TABLE hr_rows AS FROM all_workforce LIMIT 0")
    if units_may_differ:
        for name in UNITS:
            run_step(connection, models()[name], asked)
        connection.execute(f"CREATE TEMP TABLE moved AS {_MOVED}")
    else:
        for name in UNITS:
            connection.execute(f"CREATE VIEW {name} AS FROM former_{name}")
        connection.execute("CREATE TEMP TABLE moved (unit_id VARCHAR)")
    connection.execute(f"CREATE TEMP TABLE touched AS {_TOUCHED}")
    many = _count(connection, "touched")
    if many > _MOST * _count(connection, "former_names"):
        return False
    people.drop(connection, "hr_rows")
    if many:
        people.make(connection, asked)
    if said_again:
        copy(connection, "FROM superseded", folder, "superseded")
    else:
        _link(former, "superseded", folder)
    for name in UNITS:
        if units_may_differ:
            copy(connection, f"FROM {name}", folder, name)
        else:
            _link(former, name, folder)
    if _said_since(connection, "facts"):
        copy(connection, TOLD, folder, "told")
    else:
        _link(former, "told", folder)
    for name in OF_PEOPLE:
        if many:
            rows = _MERGED.format(name=name, former=f"former_{name}", person=KEPT[name])
            copy(connection, rows, folder, name)
        else:
            _link(former, name, folder)
    return True


def _show_former(
    connection: duckdb.DuckDBPyConnection, former: Entry, inputs: Inputs
) -> None:
    """Make the former set readable, and what bounds that which was said since."""
    connection.execute("SET VARIABLE as_of = $1", [inputs.as_of])
    for name in TABLES:
        bounds = (former.inputs.bounds[name].through, inputs.bounds[name].through)
        for which, bound in zip(("after", "through"), bounds, strict=True):
            connection.execute(
                f"SET VARIABLE {name}_{which} = make_timestamptz({bound:d})"
            )
    for name in (*KEPT, "exemptions"):
        connection.read_parquet(former.file(name)).create_view(f"former_{name}")
    survivors = models()["survivors"].sql
    sides = (("former_survivors", former.inputs), ("survivors", inputs))
    for table, side in sides:
        known_at = {"known_at": moment(side.bounds["decisions"].through)}
        connection.execute(f"CREATE TEMP TABLE {table} AS {survivors}", known_at)


def _said_since(
    connection: duckdb.DuckDBPyConnection, table: str, of: str = ""
) -> bool:
    return bool(
        connection.execute(
            f"SELECT 1 FROM {table} "  # noqa: S608 (a name of ours)
            f"WHERE recorded_at > getvariable('{table}_after') "
            f"AND recorded_at <= getvariable('{table}_through'){of} LIMIT 1"
        ).fetchall()
    )


def _link(former: Entry, name: str, folder: Path) -> None:
    os.link(former.file(name), folder / f"{name}.parquet")


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {name}").fetchall()  # noqa: S608
    return int(found[0][0])
