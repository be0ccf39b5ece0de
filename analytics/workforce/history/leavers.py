"""Leavers: whether HR knows an address, and only as that of people who have left.

Whose access to the pages ends with their employment is told by the ledger itself: from
the moment an import is applied, no enrichment between. In: an e-mail address. Out: True
from the day after the last day of everybody who ever listed it; False where somebody of
them is employed, or was not yet, and where HR does not list it (an auditor's, say).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

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
from analytics.workforce.ledger import END_OF_TIME, Ledger

_SPELLS = "employment_spells"


@dataclass(frozen=True, slots=True)
class Leavers:
    """Answers who has left; stateless."""

    ledger: Ledger
    decisions: DecisionRows

    def has_left(self, tenant: str, address: str) -> bool:
        """Tell whether the people of an e-mail address are all gone, today (UTC)."""
        listed = claimants(self.ledger, tenant, {f"mbox mailto:{address.lower()}"})
        if not listed:
            return False
        with memory() as connection:
            merged = Merged(connection, self.decisions, tenant, END_OF_TIME)
        rows = [
            row
            for one in sorted(merged.ids(listed))
            for row in person_rows(self.ledger, tenant, one)
        ]
        if not rows:  # they were staged by an import that was never applied
            return False
        made = hr_batches(GivenRows([rows]), tenant, KIND, 0, END_OF_TIME, None)
        known = pa.concat_tables([WORKFORCE.empty_table(), *made])
        now = datetime.now(UTC)
        spells = [
            spell
            for spell in derived(known, [_SPELLS])[_SPELLS].to_pylist()
            if spell["recorded_from"] <= now < spell["recorded_to"]
            and spell["valid_from"] <= now.date()
        ]
        here = any(now.date() < spell["valid_to"] for spell in spells)
        return bool(spells) and not here
