"""What a roster needs of the ledger, as Arrow: few columns of many rows, and names.

``Ledger.rows`` gives every column of every row as dicts. A roster of a million rows
needs half of the columns, and a name only once for each state of a person: rows bring
``who``, by which the names are joined. Both see applied runs only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
from bson import MaxKey

from analytics.lake.tables import WORKFORCE
from analytics.workforce.history.ledger_rows import KIND, span
from analytics.workforce.ledger import Document, Ledger, Run, chunks

Advance = Callable[[int], None]

_RANGE = 50_000  # rows in one question
_AT_ONCE = 2  # while one range is made into Arrow, the server reads the next
_BY_KEY = 5_000  # people: of more, looking through all is faster
_TOGETHER = 1_000  # people in one question
_NOT_ASKED = (
    *("identifiers", "job_level", "location_id", "location_time_zone"),
    *("cost_center_id", "fte", "regulatory_classes"),
)
ROSTER = pa.schema(
    [field for field in WORKFORCE if field.name not in _NOT_ASKED]
    + [pa.field("who", pa.binary())]
)
NAMES = pa.schema(
    {
        "employee_id": pa.string(),
        "who": pa.binary(),
        "given_name": pa.string(),
        "family_name": pa.string(),
    }
)
_COLUMNS = [
    name for name in ROSTER.names if name not in ("retracted", "recorded_at", "who")
]


def roster_rows(
    ledger: Ledger,
    tenant: str,
    runs: Collection[Run],
    *,
    people: Collection[str] | None = None,
    advance: Advance | None = None,
) -> pa.Table:
    """Return the rows of these runs, of the columns of ROSTER.

    Of these ``people`` (None: of everybody). ``advance`` is told how many rows each
    question brought.
    """
    if people is not None and len(people) <= _BY_KEY:
        asked = _of_people(tenant, people) if runs else []
    else:
        asked = _of_runs(tenant, runs, people)
    recorded = {run.run: run.recorded for run in runs}

    def read(wanted: Document) -> pa.Table:
        return _read(ledger, wanted, recorded)

    tables = [ROSTER.empty_table()]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for table in pool.map(read, asked):
            tables.append(table)
            if advance is not None:
                advance(table.num_rows)
    return pa.concat_tables(tables)


def names_of(
    ledger: Ledger, tenant: str, people: Collection[str] | None = None
) -> pa.Table:
    """Return how these people (None: everybody) were called in each of their states."""
    if people is None or len(people) > _BY_KEY:
        asked: list[Document] = [{"_id": _states(tenant, "", MaxKey())}]
    else:
        asked = [
            {"$or": [{"_id": _states(tenant, one, one)} for one in chunk]}
            for chunk in chunks(sorted(people), _TOGETHER)
        ]
    fields = {"values.given_name": 1, "values.family_name": 1}
    rows = [
        {"employee_id": item["_id"]["p"], "who": item["_id"]["d"], **item["values"]}
        for wanted in asked
        for item in ledger.collections.people.find(wanted, fields, batch_size=_RANGE)
    ]
    return pa.table(
        {name: [row.get(name) for row in rows] for name in NAMES.names}, NAMES
    )


def _states(tenant: str, first: object, last: object) -> Document:
    """Return what the ids of states of these people lie between."""
    begin: Document = {"t": tenant, "p": first, "d": b""}
    return {"$gte": begin, "$lt": begin | {"p": last, "d": MaxKey()}}


def _of_runs(
    tenant: str, runs: Iterable[Run], people: Collection[str] | None
) -> list[Document]:
    """Return the questions that look through all rows of the runs."""
    own = {} if people is None else {"values.employee_id": {"$in": sorted(people)}}
    asked = []
    for run in runs:
        of_run = {"t": tenant, "run": run.run}
        for first in range(0, run.span, _RANGE):
            ends = {"$gte": {"n": first}, "$lt": {"n": first + _RANGE}}
            asked.append({"_id": {end: of_run | n for end, n in ends.items()}} | own)
    return asked


def _of_people(tenant: str, people: Iterable[str]) -> list[Document]:
    """Return the questions that find few people by the index."""
    return [
        {
            "_id.t": tenant,
            "kind": KIND,
            # Ranges, each with bounds of its own in the index: an $in of patterns has
            # none.
            "$or": [{"key": span(person)} for person in chunk],
        }
        for chunk in chunks(sorted(people), _TOGETHER)
    ]


def _read(ledger: Ledger, wanted: Document, recorded: Mapping[str, int]) -> pa.Table:
    # As arrays: a document for each row takes twice as long to read.
    cells = [
        *(f"$values.{name}" for name in _COLUMNS),
        "$retracted",
        "$who",
        "$_id.run",
    ]
    found = ledger.collections.rows.aggregate(
        [{"$match": wanted}, {"$project": {"_id": 0, "cells": cells}}],
        batchSize=_RANGE,
    )
    rows = [item["cells"] for item in found]
    kept = [row for row in rows if row[-1] in recorded]
    if not kept:
        return ROSTER.empty_table()
    *columns, retracted, who, run = zip(*kept, strict=True)
    made: dict[str, Any] = {
        name: pa.array(column, pa.string()).cast(ROSTER.field(name).type)
        for name, column in zip(_COLUMNS, columns, strict=True)
    }
    made["retracted"] = pa.array(retracted, pa.bool_())
    made["who"] = pa.array(who, pa.binary())
    times = pa.array([recorded[one] for one in run], pa.int64())
    made["recorded_at"] = times.cast(ROSTER.field("recorded_at").type)
    return pa.table(made).select(ROSTER.names).cast(ROSTER)
