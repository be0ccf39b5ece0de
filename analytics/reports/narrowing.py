"""Narrowing: a page that is made of the people on it alone.

A question whose rows follow each other person by person has a step that counts them
(``counted``). In: what that step said, and the part asked for. Out: whose rows these
are. What the question reads is then narrowed to those people's rows: in tables that are
sorted by person, next to nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from analytics.reports.catalogue import Query, steps
from analytics.reports.session import Asked, prepare
from analytics.reports.standings.inputs import KEPT

# The column that says whose a row is; of merged people all their rows are read.
_PERSON = {"facts": "person_id", **{name: of for name, of in KEPT.items() if of}}
_SPELL = {"workforce": "employee_id", "people": "employee_id"}
_SHARE = """
WITH placed AS (
    SELECT employee_id, rows, sum(rows) OVER (ORDER BY employee_id)::BIGINT AS through
    FROM {counted}
),
shown AS (SELECT * FROM placed WHERE through > $first AND through - rows < $end)
SELECT (SELECT coalesce(list(employee_id ORDER BY employee_id), []) FROM shown),
    (SELECT coalesce(min(through - rows), 0) FROM shown),
    (SELECT coalesce(max(through), 0) FROM placed),
    (SELECT coalesce(list(s.employee_id), []) FROM survivors AS s
        WHERE s.survivor_id IN (SELECT employee_id FROM shown))
"""


@dataclass(frozen=True, slots=True)
class Share:
    """Whose rows a part is made of.

    ``merged``: employee_ids of theirs beside their own; ``before``: how many rows of
    others stand before those of these people; ``total``: how many rows there are.
    """

    people: Sequence[str]
    merged: Sequence[str]
    before: int
    total: int

    def of(self, table: str) -> tuple[str, Sequence[str]] | None:
        """Return the column of a table that says whose a row is, and their ids."""
        if table in _SPELL:
            return _SPELL[table], [*self.people, *self.merged]
        return (_PERSON[table], self.people) if table in _PERSON else None


def counting(query: Query, asked: Asked) -> Query | None:
    """Return what counts the rows of a question, as it is asked, or None."""
    reads = (query.counted, "survivors")
    found = Query(query.name, "", "", reads, "") if query.counted else None
    if found is None:
        return None
    heeded = {name for step in steps(found) for name in step.parameters}
    others = query.takes() - heeded
    return None if any(getattr(asked, name) is not None for name in others) else found


def share(
    connection: duckdb.DuckDBPyConnection,
    counted: Query,
    asked: Asked,
    kept: Collection[str],
    first: int,
    most: int,
) -> Share:
    """Return whose rows stand from ``first`` on, in so many rows."""
    prepare(connection, counted, asked, kept)
    text = _SHARE.format(counted=counted.reads[0])
    found = connection.execute(text, {"first": first, "end": first + most}).fetchall()
    people, before, total, merged = found[0]
    return Share(people, merged, before, total)
