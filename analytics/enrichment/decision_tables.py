"""From decisions about identity to the lake's table of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import orjson
import pyarrow as pa

from analytics.lake.tables import DECISIONS


class DecisionRows(Protocol):
    """What the enrichment reads of the decisions about identity."""

    def rows(
        self, tenant: str, after: int = 0, through: int = ...
    ) -> Sequence[dict[str, Any]]:
        """Return the decisions recorded in (after, through], in that order."""
        ...

    def note_rules(self, tenant: str) -> None:
        """Record what the rules' file says, where that is new."""
        ...


class NoDecisions:
    """Nobody decided anything, and there is no file of rules."""

    def rows(
        self, tenant: str, after: int = 0, through: int = 0
    ) -> Sequence[dict[str, Any]]:
        """Return nothing."""
        return []

    def note_rules(self, tenant: str) -> None:
        """Do nothing."""


def decision_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return the rows as the lake has them."""
    columns = {name: [row.get(name) for row in rows] for name in DECISIONS.names}
    columns["recorded_at"] = [row["recorded"] for row in rows]
    columns["rules"] = [
        orjson.dumps(row["rules"]).decode() if row["rules"] else None for row in rows
    ]
    return pa.table(columns, schema=DECISIONS)
