"""Terms: how the runs of a mapping go, beside what its fields mean.

What a delivery is (``[delivery]``), when it is refused whole (``[valves]``), when it is
fetched (``[schedule]``), how it is read (``[format]``) and whence (``[source]``). The
last two are read and checked by who reads and fetches.
"""

from __future__ import annotations

from collections.abc import Mapping as Mappable
from dataclasses import dataclass, field
from typing import Any, Literal

from analytics.workforce.mapping.schedule import Schedule


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """What a delivery says by what it leaves out.

    A ``delta`` says nothing by it. In a ``full`` one, a person who is missing is kept,
    terminated from the day of the delivery on, or retracted; a row (of a person who is
    there) that is missing is kept or retracted.
    """

    mode: Literal["delta", "full"] = "delta"
    missing_person: Literal["keep", "terminate", "retract"] = "keep"
    missing_row: Literal["keep", "retract"] = "keep"


@dataclass(frozen=True, slots=True)
class Valves:
    """When a run is refused whole. Shares are 0 to 1; 1 never refuses.

    ``max_terminated_share``: of the people employed before it, those whom it ends.
    ``max_fill_rate_drop``: what the share of rows with a column may fall by;
    ``fill_rate_drops`` has the columns with a limit of their own. Under ``min_people``
    employed people shares say nothing, and neither is looked at.
    """

    max_terminated_share: float = 0.10
    max_fill_rate_drop: float = 0.20
    fill_rate_drops: Mappable[str, float] = field(default_factory=dict)
    min_people: int = 20

    def fill_rate_drop(self, column: str) -> float:
        """Return what the fill rate of a column may fall by."""
        return self.fill_rate_drops.get(column, self.max_fill_rate_drop)


@dataclass(frozen=True, slots=True)
class Terms:
    """The tables of a mapping file beside its fields."""

    delivery: DeliveryTerms = DeliveryTerms()
    valves: Valves = field(default_factory=Valves)
    schedule: Schedule | None = None
    format: Mappable[str, Any] = field(default_factory=dict)
    source: Mappable[str, Any] | None = None
