"""Changes as records of an HR source: everybody's, or of those whom a change concerns.

In: the number of a change up to which all was taken. Out: for each user all changes,
in order, each a record: the user as it was, and under ``lrs`` what SCIM does not say:

- ``person``: who it is now (id, userName, externalId, employeeNumber): what is learnt
  late holds for all that came before;
- ``firstSeen``: when the first user of this employeeNumber came; ``changed``, when this
  change did; ``deleted``, where it ended the user; ``number``, the change's own;
- ``manager``: who that is now, where the tenant has the user;
- ``rescinded`` ``row``: under a number that turned out to be another's, or wrong, the
  person has no history any more. It gives way to any other record of that day.

Besides who changed, a change concerns those who name a manager that is told anew, and
those who share an employeeNumber.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson
from pymongo import ASCENDING
from pymongo.database import Database

from analytics.workforce.ledger import chunks
from analytics.workforce.scim.identity import (
    exactly,
    manager,
    without_case,
    written,
)
from analytics.workforce.scim.users import Collections

Document = dict[str, Any]
_BATCH = 500  # users
_ASKED = 2_000  # values in one query
_WHO = dict.fromkeys(
    (
        *("live", "born", "created", "told", "held"),
        *("name", "external", "names", "externals", "numbers"),
    ),
    1,
)


class Changes:
    """The changes of one tenant's users."""

    def __init__(self, database: Database[Document], tenant: str) -> None:
        self._at = Collections.of(database)
        self._tenant = tenant

    def last(self) -> int:
        """Return the number of the last change; 0 before the first."""
        found = self._at.tenants.find_one({"_id": self._tenant})
        return int(found["changes"]) if found else 0

    def records(self, after: int, through: int) -> Iterator[Document]:
        """Yield the records of whom the changes in (after, through] concern.

        ``after`` 0: of everybody. Memory stays flat in the number of users, but for
        the ids of those who are concerned.
        """
        ids = self._everybody() if not after else sorted(self._concerned(after))
        for batch in chunks(iter(ids), _BATCH):
            yield from self._of(batch, through)

    def _everybody(self) -> Iterator[str]:
        for row in self._users({}, {"_id": 1}).sort("born", ASCENDING):
            yield row["_id"]["id"]

    def _concerned(self, after: int) -> set[str]:
        ids: set[str] = set()
        told: set[str] = set()
        fields = {"identified": 1, "names": 1, "externals": 1, "numbers": 1}
        numbers: set[str] = set()
        for row in self._users({"version": {"$gt": after}}, fields):
            ids.add(row["_id"]["id"])
            numbers.update(row["numbers"])
            if row["identified"] > after:
                told.add(row["_id"]["id"])
                told.update(row["names"], row["externals"], row["numbers"])
        for row in self._with("managers", told, {"numbers": 1}):
            ids.add(row["_id"]["id"])
            numbers.update(row["numbers"])
        known: set[str] = set()
        while fresh := numbers - known:
            # Whoever had a number of theirs speaks again, or would be spoken over.
            known |= fresh
            for row in self._with("numbers", fresh, {"numbers": 1}):
                ids.add(row["_id"]["id"])
                numbers.update(row["numbers"])
        return ids

    def _of(self, ids: list[str], through: int) -> Iterator[Document]:
        keys = [{"t": self._tenant, "id": one} for one in ids]
        rows = {
            row["_id"]["id"]: row for row in self._users({"_id": {"$in": keys}}, _WHO)
        }
        wanted = {"_id.t": self._tenant, "id": {"$in": ids}}
        found = self._at.changes.find(wanted | {"_id.n": {"$lte": through}})
        listed = list(found.sort([("id", ASCENDING), ("_id.n", ASCENDING)]))
        for one in listed:
            one["user"] = orjson.loads(one["user"])
        managers = self._managers({manager(one["user"]) for one in listed} - {None})
        seen = self._first_seen(rows.values())
        for user, of in groupby(listed, key=lambda one: str(one["id"])):
            row = rows[user]
            first = seen.get(row.get("held"), row["created"])
            yield from _records(row, list(of), first, managers)

    def _first_seen(self, rows: Iterable[Document]) -> dict[str | None, datetime]:
        """Return when the first user of each number came."""
        seen: dict[str | None, datetime] = {}
        numbers = {row["held"] for row in rows if row.get("held")}
        for row in self._with("numbers", numbers, {"held": 1, "created": 1}):
            if (number := row.get("held")) in numbers:
                known = seen.get(number, row["created"])
                seen[number] = min(known, row["created"])
        return seen

    def _managers(self, values: set[Any]) -> dict[str, dict[str, str]]:
        """Return who each value names: a user's id, or another identifier."""
        candidates: dict[str, list[Document]] = {value: [] for value in values}
        keys = {
            key for value in values for key in (exactly(value), without_case(value))
        }
        found: dict[str, Document] = {}
        ids = [{"t": self._tenant, "id": value} for value in values]
        for some in chunks(iter(ids), _ASKED):
            for row in self._users({"_id": {"$in": some}}, _WHO):
                found[row["_id"]["id"]] = row
        for name in ("names", "externals", "numbers"):
            for row in self._with(name, keys, _WHO):
                found[row["_id"]["id"]] = row
        by: dict[str, list[Document]] = {}
        for row in found.values():
            known = {*row["names"], *row["externals"], *row["numbers"]}
            for key in {row["_id"]["id"], *known}:
                by.setdefault(key, []).append(row)
        for value, some in candidates.items():
            for key in {exactly(value), without_case(value)}:
                some += by.get(key, ())
        return {
            value: _shown(min(some, key=lambda row: _rank(value, row)))
            for value, some in candidates.items()
            if some
        }

    def _users(self, wanted: Document, fields: Document) -> Any:
        return self._at.users.find({"_id.t": self._tenant, **wanted}, fields)

    def _with(
        self, name: str, values: Iterable[str], fields: Document
    ) -> Iterator[Document]:
        for some in chunks(iter(sorted(values)), _ASKED):
            yield from self._users({name: {"$in": some}}, fields | {"_id": 1})


def _rank(value: str, row: Document) -> tuple[int, bool, int]:
    """Return how well a user fits a value; the least fits best."""
    kinds = (
        row["_id"]["id"] == value,
        row.get("external") == exactly(value),
        row.get("held") == without_case(value),
        row["name"] == without_case(value),
    )
    kind = kinds.index(True) if True in kinds else len(kinds)
    return kind, not row["live"], -row["born"]


def _shown(row: Document) -> dict[str, str]:
    return {"id": row["_id"]["id"], **row["told"]}


def _records(
    row: Document,
    changes: list[Document],
    first: datetime,
    managers: dict[str, dict[str, str]],
) -> Iterator[Document]:
    for one in changes:
        told = {"person": _shown(row), "firstSeen": _moment(first)}
        told |= {"changed": _moment(one["at"]), "number": one["_id"]["n"]}
        told |= {"rescinded": "no"}
        if not one["live"]:
            told["deleted"] = _moment(one["at"])
        above = manager(one["user"])
        if above in managers:
            told["manager"] = managers[above]
        yield {**one["user"], "id": row["_id"]["id"], "lrs": told}
    for former, last in _former(row["told"], changes):
        person = {"id": row["_id"]["id"], **former}
        for one in changes[: last + 1]:
            told = {"person": person, "changed": _moment(one["at"])}
            yield {"lrs": {**told, "number": 0, "rescinded": "row"}}


def _former(
    now: dict[str, str], changes: list[Document]
) -> list[tuple[dict[str, str], int]]:
    """Return who somebody was taken for, each with the last change of that time."""
    found: list[tuple[dict[str, str], int]] = []
    known: dict[str, str] = {}
    for at, one in enumerate(changes):
        known = known | written(one["user"])
        whole = now | known
        found = [item for item in found if item[0] != whole]
        if whole != now:
            found.append((whole, at))
    return found


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
