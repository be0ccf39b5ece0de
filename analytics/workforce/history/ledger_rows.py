"""Reading little of the ledger: the rows of one person, or of who claims an identifier.

A person's history needs some rows, found by the index that imports compare with; of
applied runs only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from analytics.workforce.identifiers import address_keys, identifier_keys
from analytics.workforce.ledger import (
    BATCH,
    END_OF_TIME,
    Document,
    Ledger,
    Run,
)
from analytics.workforce.model import SEPARATOR, table_of
from analytics.workforce.personal import Personal

KIND = "workforce"


def span(person: str) -> Document:
    """Return what the keys of a person lie between."""
    # Nothing sorts between the separator and the character after it.
    first, following = person + SEPARATOR, person + chr(ord(SEPARATOR) + 1)
    return {"$gte": first, "$lt": following}


def person_rows(
    ledger: Ledger, tenant: str, person: str, through: int = END_OF_TIME
) -> list[dict[str, Any]]:
    """Return every row of a person recorded by then, as ``Ledger.rows`` has them."""
    recorded = {run.run: run.recorded for run in ledger.runs(tenant, KIND, 0, through)}
    blank = dict.fromkeys(column.name for column in table_of(KIND).columns)
    found = ledger.collections.rows.find(
        {"_id.t": tenant, "kind": KIND, "key": span(person)},
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
    for person in claimants(ledger, tenant, wanted):
        for row in person_rows(ledger, tenant, person):
            if row["recorded"] in recorded and not wanted.isdisjoint(
                identifier_keys(row)
            ):
                rows.append(row)
    return rows


def claimants(ledger: Ledger, tenant: str, keys: set[str]) -> list[str]:
    """Return who has ever listed one of these IFI keys (normalised)."""
    wanted = keys
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
