"""Leavers: whether HR knows an address, and only as that of people who have left.

Whose access to the pages ends with their employment is told by the ledger itself: from
the moment an import is applied, no enrichment between. In: an e-mail address. Out: True
where everybody whose address it is has left: from the day after the last one, at their
place, and where the hire was taken back. Who was an employee or a contractor has left
when that ends, customer or not. False where HR does not list it (an auditor's, say),
and for who is still to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from analytics.enrichment.decision_tables import DecisionRows
from analytics.enrichment.hr_tables import hr_batches
from analytics.lake.tables import WORKFORCE
from analytics.workforce.history.derivation import derived, memory
from analytics.workforce.history.ledger_rows import (
    KIND,
    GivenRows,
    claimants,
    person_rows,
)
from analytics.workforce.history.merged import Merged
from analytics.workforce.identifiers import identifier_keys
from analytics.workforce.ledger import END_OF_TIME, Ledger

_PLACES = "assignments"
_STAFF = ("employee", "contractor")
_Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Leavers:
    """Answers who has left; stateless."""

    ledger: Ledger
    decisions: DecisionRows

    def has_left(self, tenant: str, address: str) -> bool:
        """Tell whether the people of an e-mail address are all gone by now."""
        key = f"mbox mailto:{address.lower()}"
        if "\0" in address:
            return False
        held: dict[str, _Rows] = {}
        void = False  # a hire was taken back
        for one in claimants(self.ledger, tenant, {key}):
            said = person_rows(self.ledger, tenant, one)
            holding = _holding(said)
            if any(key in identifier_keys(row) for row in holding):
                held[one] = said
            void |= bool(said) and not holding
        if not held:
            return void
        with memory() as connection:
            merged = Merged(connection, self.decisions, tenant, END_OF_TIME)
        for one in merged.ids(held) - held.keys():
            held[one] = person_rows(self.ledger, tenant, one)
        rows = [row for of in held.values() for row in of]
        return _have_left(self._places(tenant, rows))

    def _places(self, tenant: str, rows: _Rows) -> _Rows:
        """Return where these people stood, from when to when, as known now."""
        made = hr_batches(GivenRows([rows]), tenant, KIND, 0, END_OF_TIME, None)
        known = pa.concat_tables([WORKFORCE.empty_table(), *made])
        now = datetime.now(UTC)
        return [
            place
            for place in derived(known, [_PLACES])[_PLACES].to_pylist()
            if place["recorded_from"] <= now < place["recorded_to"]
        ]


def _holding(rows: _Rows) -> _Rows:
    """Return the newest version of each row, of those that were not taken back."""
    newest = {row["effective_date"]: row for row in rows}  # in recorded order
    return [row for row in newest.values() if not row["retracted"]]


def _have_left(places: _Rows) -> bool:
    begun = [place for place in places if place["valid_from"] <= _today(place)]
    staff = [place for place in begun if place["worker_type"] in _STAFF]
    counted = staff or begun
    here = any(_today(place) < place["valid_to"] for place in counted)
    return bool(counted) and not here


def _today(place: dict[str, Any]) -> date:
    zone = place["location_time_zone"]
    return datetime.now(ZoneInfo(zone) if zone else UTC).date()
