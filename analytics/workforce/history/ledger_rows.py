"""Reading little of the ledger: the few columns a roster needs, the rows of one person.

``Ledger.rows`` gives every column of every row as dicts. A roster of a million rows
needs a third of the columns and them as Arrow; a person's history needs some rows, by
the index that imports compare with. Both see applied runs only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from analytics.lake.tables import PEOPLE, WORKFORCE
from analytics.workforce.identifiers import address_keys, identifier_keys
from analytics.workforce.ledger import BATCH, END_OF_TIME, Ledger, Run
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


def roster_rows(
    ledger: Ledger, tenant: str, after: int = 0, through: int = END_OF_TIME
) -> pa.Table:
    """Return the rows with after < recorded <= through, of the columns of ROSTER."""
    ranges = [
        (run, first)
        for run in ledger.runs(tenant, KIND, after, through)
        for first in range(0, run.span, _RANGE)
    ]

    def read(part: tuple[Run, int]) -> pa.Table:
        return _range(ledger, tenant, *part)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return pa.concat_tables([ROSTER.empty_table(), *pool.map(read, ranges)])


def _range(ledger: Ledger, tenant: str, run: Run, first: int) -> pa.Table:
    of_run = {"t": tenant, "run": run.run}
    found = list(
        ledger.collections.rows.find(
            {
                "_id": {
                    "$gte": of_run | {"n": first},
                    "$lt": of_run | {"n": first + _RANGE},
                }
            },
            {"_id": 0, "retracted": 1, "who": 1}
            | {f"values.{name}": 1 for name in _COLUMNS},
            batch_size=_RANGE,
        )
    )
    values = Personal(ledger.collections.people, tenant).joined(found)
    made = {
        name: pa.array([row.get(name) for row in values], pa.string()).cast(
            ROSTER.field(name).type
        )
        for name in _COLUMNS
    }
    made["retracted"] = pa.array([item.get("retracted", False) for item in found])
    made["recorded_at"] = pa.array(
        [run.recorded] * len(found), ROSTER.field("recorded_at").type
    )
    return pa.table(made).select(ROSTER.names)


def person_rows(
    ledger: Ledger, tenant: str, person: str, through: int = END_OF_TIME
) -> list[dict[str, Any]]:
    """Return every row of a person recorded by then, as ``Ledger.rows`` has them."""
    recorded = {run.run: run.recorded for run in ledger.runs(tenant, KIND, 0, through)}
    blank = dict.fromkeys(column.name for column in table_of(KIND).columns)
    first = person + SEPARATOR
    found = ledger.collections.rows.find(
        {
            "_id.t": tenant,
            "kind": KIND,
            # Nothing sorts between the separator and the character after it.
            "key": {"$gte": first, "$lt": person + chr(ord(SEPARATOR) + 1)},
        },
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
