"""What names or addresses a person: kept apart from their history.

The ledger's rows say where somebody stood and when; who that is stands here, once for
each state of it, and the rows point at it. So a person can be made anonymous
(``anonymity``) and every row, and so every count, stays; of a state only keyed digests
of its identifiers are left then, as ``veiled``.

The collection ``ledger_people`` has {_id: {t, p, d}, values}: tenant, employee_id and a
digest of the values, which is what a row has as ``who``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from analytics.workforce.model import TABLES, Row, Table

Document = dict[str, Any]
Pointer = tuple[str, bytes]  # employee_id and digest
_DIGEST = 12  # octets
_ASKED = 2_000  # at once
_REMEMBERED = 300_000  # people of whom the last state written is known
_DUPLICATE = 11000


class Personal:
    """The personal values of one tenant's rows."""

    def __init__(
        self, collection: Collection[Document], tenant: str, run: str = ""
    ) -> None:
        """``run`` is the one that writes: where it is cleared, so is what it wrote."""
        self._people = collection
        self._tenant = tenant
        self._run = run
        self._written: dict[str, bytes] = {}

    def part(self, table: Table, rows: Sequence[Row]) -> list[tuple[Row, bytes | None]]:
        """Write what is personal of rows; return the rest of each, and its pointer."""
        names = personal_columns(table)
        if not names:
            return [(row, None) for row in rows]
        parted: list[tuple[Row, bytes | None]] = []
        new: dict[Pointer, Row] = {}
        for row in rows:
            own = {name: row[name] for name in names if name in row}
            if not own:
                parted.append((row, None))
                continue
            content = orjson.dumps(own, option=orjson.OPT_SORT_KEYS)
            digest = blake2b(content, digest_size=_DIGEST).digest()
            person = str(row["employee_id"])
            if self._written.get(person) != digest:
                new[person, digest] = own
            rest = {name: value for name, value in row.items() if name not in own}
            parted.append((rest, digest))
        self._write(new)
        return parted

    def _write(self, new: dict[Pointer, Row]) -> None:
        if not new:
            return
        # Written before any row points at it. A state that comes back is there already.
        try:
            self._people.insert_many(
                [
                    self._id(pointer) | {"values": own, "run": self._run}
                    for pointer, own in new.items()
                ],
                ordered=False,
            )
        except BulkWriteError as error:
            wrong = error.details["writeErrors"]
            if {item["code"] for item in wrong} != {_DUPLICATE}:
                raise
        if len(self._written) > _REMEMBERED:
            self._written.clear()
        self._written.update(new)

    def clear(self, run: str) -> None:
        """Remove what a run wrote that was not applied."""
        self._people.delete_many({"_id.t": self._tenant, "run": run})

    def joined(self, items: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Return the whole values of rows of the ledger (``values``, ``who``)."""
        pointers = [
            (item["values"]["employee_id"], item["who"])
            for item in items
            if item.get("who")
        ]
        found = self.of(pointers) if pointers else {}
        return [
            item["values"] | found.get(_pointer(item), {})
            if item.get("who")
            else item["values"]
            for item in items
        ]

    def of(self, pointers: Iterable[Pointer]) -> dict[Pointer, Row]:
        """Return the values; those of somebody made anonymous are not there."""
        wanted = list(dict.fromkeys(pointers))
        found: dict[Pointer, Row] = {}
        for start in range(0, len(wanted), _ASKED):
            ids = [self._id(it)["_id"] for it in wanted[start : start + _ASKED]]
            for item in self._people.find({"_id": {"$in": ids}}):
                place = item["_id"]
                found[place["p"], place["d"]] = item["values"]
        return found

    def _id(self, pointer: Pointer) -> dict[str, Document]:
        return {"_id": {"t": self._tenant, "p": pointer[0], "d": pointer[1]}}


def part_rows(database: Database[Document]) -> None:
    """Take apart what rows of an older release have in one; safe to repeat."""
    rows = database["ledger_rows"]
    for table in TABLES.values():
        names = personal_columns(table)
        whole = [{f"values.{name}": {"$exists": True}} for name in names]
        if not names:
            continue
        cursor = rows.find({"kind": table.kind, "$or": whole}, batch_size=_ASKED)
        while batch := list(islice(cursor, _ASKED)):
            for tenant in {item["_id"]["t"] for item in batch}:
                own = [item for item in batch if item["_id"]["t"] == tenant]
                personal = Personal(database["ledger_people"], tenant)
                parted = personal.part(table, [item["values"] for item in own])
                rows.bulk_write(
                    [
                        UpdateOne(
                            {"_id": item["_id"]},
                            {"$set": {"values": values, "who": who}},
                        )
                        for item, (values, who) in zip(own, parted, strict=True)
                    ],
                    ordered=False,
                )


@cache
def personal_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that name or address somebody."""
    return tuple(column.name for column in table.columns if column.personal)


def _pointer(item: Mapping[str, Any]) -> Pointer:
    return item["values"]["employee_id"], item["who"]
