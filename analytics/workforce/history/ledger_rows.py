"""Reading little of the ledger: the few columns a roster needs, the rows of one person.

``Ledger.rows`` gives every column of every row as dicts. A roster of a million rows
needs a third of the columns and them as Arrow; a person's history needs some rows, by
the index that imports compare with. Both see applied runs only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from analytics.lake.tables import PEOPLE, WORKFORCE
from analytics.workforce.identifiers import address_keys, identifier_keys
from analytics.workforce.ledger import (
    BATCH,
    END_OF_TIME,
    Document,
    Ledger,
    Run,
    chunks,
)
from analytics.workforce.model import SEPARATOR, table_of
from analytics.workforce.personal import Personal

KIND = "workforce"
_RANGE = 50_000  # rows in one question
_AT_ONCE = 2  # while one range is made into Arrow, the server reads the next
_NOT_ASKED = (
    *("identifiers", "job_level", "location_id", "location_time_zone"),
    *("cost_center_id", "fte", "regulatory_classes"),
)
ROSTER = pa.schema(
    [field for field in WORKFORCE if field.name not in _NOT_ASKED]
    + [field for field in PEOPLE if field.name not in WORKFORCE.names]
)
_COLUMNS = [name for name in ROSTER.names if name not in ("recorded_at", "retracted")]
_PERSONAL = [name for name in PEOPLE.names if name not in WORKFORCE.names]
_BY_KEY = 5_000  # people: of more, looking through all rows is faster
_TOGETHER = 1_000  # people in one question


def roster_rows(
    ledger: Ledger,
    tenant: str,
    after: int = 0,
    through: int = END_OF_TIME,
    *,
    people: Collection[str] | None = None,
    named: bool = True,
) -> pa.Table:
    """Return the rows with after < recorded <= through, of the columns of ROSTER.

    Of these ``people`` (None: of everybody); names and addresses are null where they
    are not asked for (``named``): to join them takes as long as all the rest.
    """
    runs = ledger.runs(tenant, KIND, after, through)
    if people is not None and len(people) <= _BY_KEY:
        asked = _of_people(tenant, runs, people)
    else:
        asked = _of_runs(tenant, runs, people)

    def read(wanted: Document) -> pa.Table:
        return _read(ledger, tenant, runs, wanted, named=named)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return pa.concat_tables([ROSTER.empty_table(), *pool.map(read, asked)])


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


def _of_people(
    tenant: str, runs: Iterable[Run], people: Collection[str]
) -> list[Document]:
    """Return the questions that find few people by the index."""
    ordered = sorted(people) if runs else []
    return [
        {
            "_id.t": tenant,
            "kind": KIND,
            # Ranges, each with bounds of its own in the index: an $in of patterns has
            # none.
            "$or": [{"key": _span(person)} for person in chunk],
        }
        for chunk in chunks(ordered, _TOGETHER)
    ]


def _span(person: str) -> Document:
    """Return what the keys of a person lie between."""
    # Nothing sorts between the separator and the character after it.
    first, following = person + SEPARATOR, person + chr(ord(SEPARATOR) + 1)
    return {"$gte": first, "$lt": following}


def _read(
    ledger: Ledger, tenant: str, runs: Iterable[Run], wanted: Document, *, named: bool
) -> pa.Table:
    recorded = {run.run: run.recorded for run in runs}
    asked = [name for name in _COLUMNS if named or name not in _PERSONAL]
    fields = {"_id.run": 1, "retracted": 1} | ({"who": 1} if named else {})
    fields |= {f"values.{name}": 1 for name in asked}
    cursor = ledger.collections.rows.find(wanted, fields, batch_size=_RANGE)
    found = [item for item in cursor if item["_id"]["run"] in recorded]
    if named:
        values = Personal(ledger.collections.people, tenant).joined(found)
    else:
        values = [item["values"] for item in found]
    made = {
        name: pa.array([row.get(name) for row in values], pa.string()).cast(
            ROSTER.field(name).type
        )
        for name in _COLUMNS
    }
    made["retracted"] = pa.array([item.get("retracted", False) for item in found])
    made["recorded_at"] = pa.array(
        [recorded[item["_id"]["run"]] for item in found],
        ROSTER.field("recorded_at").type,
    )
    return pa.table(made).select(ROSTER.names)


def person_rows(
    ledger: Ledger, tenant: str, person: str, through: int = END_OF_TIME
) -> list[dict[str, Any]]:
    """Return every row of a person recorded by then, as ``Ledger.rows`` has them."""
    recorded = {run.run: run.recorded for run in ledger.runs(tenant, KIND, 0, through)}
    blank = dict.fromkeys(column.name for column in table_of(KIND).columns)
    found = ledger.collections.rows.find(
        {"_id.t": tenant, "kind": KIND, "key": _span(person)},
        {"values": 1, "who": 1, "retracted": 1},
    )
    applied = [item for item in found if item["_id"]["run"] in recorded]
    whole = Personal(ledger.collections.people, tenant).joined(applied)
    rows = [
        blank
        | values
        | {"retracted": item.get("retracted", False)}
        | {"recorded": recorded[item["_id"]["run"]]}
        for item, values in zip(applied, whole, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["recorded"], row["effective_date"]))


def rows_that_claim(
    ledger: Ledger, tenant: str, runs: Iterable[Run], keys: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the rows of these runs that list one of these IFI keys, whosever.

    The server looks through all people and sends those that may fit. An address cannot
    be looked for by its hash: where a hash stands alone in ``keys``, every person is
    looked at here.
    """
    wanted = set(keys)
    recorded = {run.recorded for run in runs}
    rows = []
    for person in _claimants(ledger, tenant, wanted):
        for row in person_rows(ledger, tenant, person):
            if row["recorded"] in recorded and not wanted.isdisjoint(
                identifier_keys(row)
            ):
                rows.append(row)
    return rows


def _claimants(ledger: Ledger, tenant: str, wanted: set[str]) -> list[str]:
    """Return who has ever listed one of these IFI keys."""
    addresses = [key.removeprefix("mbox mailto:") for key in wanted]
    addresses = [item for item in addresses if "@" in item and " " not in item]
    known = {key for address in addresses for key in address_keys(address)}
    asked: dict[str, Any] = {"_id.t": tenant}
    if not any(key.startswith("mbox_sha1sum ") for key in wanted - known):
        written = [
            re.compile(f"^{re.escape(item)}$", re.IGNORECASE) for item in addresses
        ]
        asked["$or"] = [
            {"values.email": {"$in": written}},
            {"values.identities": {"$in": sorted(wanted)}},
        ]
    found = ledger.collections.people.find(asked, batch_size=BATCH)
    return sorted(
        {
            item["_id"]["p"]
            for item in found
            if not wanted.isdisjoint(identifier_keys(item["values"]))
        }
    )


class GivenRows:
    """Rows in hand, as a source that can be read like the ledger."""

    def __init__(self, batches: Iterable[list[dict[str, Any]]]) -> None:
        self._batches = batches

    def rows(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield what was given, whatever is asked for."""
        yield from self._batches

    def count(
        self, tenant: str, kind: str, after: int = 0, through: int = END_OF_TIME
    ) -> int:
        """Return how many rows there are."""
        return sum(map(len, self._batches))
