"""Known links: what the ledger has of which unit stands below which.

The collection ``ledger_unit_pairs`` has {_id: {t, unit, parent}}: every pair that a row
of the tenant ever named, and one pair of empty names once it is whole. It may have more
(of an import that was killed), never less, so that who finds no circle in it need not
look at a million rows. The rows themselves are the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bson import MaxKey
from pymongo.errors import BulkWriteError

from analytics.workforce.former import Former, Managed
from analytics.workforce.ledger import Document, Ledger
from analytics.workforce.unit_tree import Link, Pair

_DUPLICATE = 11000
_WHOLE = ("", "")  # no unit is called so


class LedgerLinks:
    """The links of one tenant's units."""

    def __init__(self, ledger: Ledger, tenant: str, former: Former) -> None:
        self._at = ledger.collections.unit_pairs
        self._rows = ledger.collections.rows
        self._tenant, self._former = tenant, former
        self._known: set[Pair] | None = None

    def pairs(self) -> set[Pair]:
        """Return every unit and parent that were ever named together."""
        if self._known is None:
            self._known = self._read()
            if _WHOLE not in self._known and self._former.runs:
                self.note(self._of_rows())  # of a release without them
        return self._known - {_WHOLE}

    def of_units(
        self, units: Iterable[str], gone: Callable[[Managed], bool]
    ) -> dict[str, tuple[Link, int]]:
        """Return the links of units that hold; see ``Former.links_above``."""
        return self._former.links_above(units, gone)

    def note(self, pairs: Iterable[Pair]) -> None:
        """Keep pairs, before the rows that name them can be seen."""
        known = self._known if self._known is not None else self._read()
        for new in (set(pairs) - known, {_WHOLE} - known):
            self._insert(new)
            known |= new
        self._known = known

    def _insert(self, pairs: Iterable[Pair]) -> None:
        documents = [{"_id": self._id(unit, parent)} for unit, parent in sorted(pairs)]
        try:
            if documents:
                self._at.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            wrong = error.details.get("writeErrors", ())
            if any(one.get("code") != _DUPLICATE for one in wrong):
                raise

    def _read(self) -> set[Pair]:
        begin = self._id("", "")
        whole = {"$gte": begin, "$lt": begin | {"unit": MaxKey()}}
        return {
            (item["_id"]["unit"], item["_id"]["parent"])
            for item in self._at.find({"_id": whole})
        }

    def _of_rows(self) -> set[Pair]:
        named: Document = {"_id.t": self._tenant, "kind": "workforce"}
        named["values.org_parent_id"] = {"$type": "string"}
        pair = {"unit": "$values.org_unit_id", "parent": "$values.org_parent_id"}
        found = self._rows.aggregate([{"$match": named}, {"$group": {"_id": pair}}])
        return {(item["_id"]["unit"], item["_id"]["parent"]) for item in found}

    def _id(self, unit: str, parent: str) -> Document:
        return {"t": self._tenant, "unit": unit, "parent": parent}
