"""The terms of a delivery: what it claims to hold, and what would be too much.

A ``delta`` adds and corrects. A ``full`` delivery has everybody: whoever it lacks has
left (``terminate``), was never there (``retract``), or is not spoken of (``keep``). The
valves stop a delivery whole that would end too many employments, or that all but
empties a column: far more often that is a broken extract than the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

Mode = Literal["delta", "full"]
Missing = Literal["keep", "terminate", "retract"]
MissingRow = Literal["keep", "retract", "retract_later"]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a delivery is taken.

    ``missing_person`` and ``missing_row`` are for full deliveries: people it lacks, and
    rows that it lacks of people it has (``retract_later``: of a full one, which knows
    how everybody stands now, only those behind the first that it has, up to now).
    ``day`` is the day that it speaks of (None: today, UTC). Shares are of 1;
    ``always_allowed`` employments may end whatever the share, or a small company could
    not let anybody go. ``fill_rate_drops`` has the
    columns with a limit of their own. ``accepted``: somebody has
    looked at it, the valves let it through. ``by``: who brings it in, where that is
    kept. ``people_are_whole``: a delta has all rows of each person it speaks of, so
    ``missing_row`` holds for these. ``changes_only``: a delta of what has changed since
    the last one, however little that is: its shares of filled columns mean nothing.
    """

    mode: Mode = "delta"
    missing_person: Missing = "terminate"
    missing_row: MissingRow = "keep"
    day: date | None = None
    max_terminated_share: float = 0.10
    always_allowed: int = 5
    max_fill_rate_drop: float = 0.20
    fill_rate_drops: Mapping[str, float] = field(default_factory=dict)
    accepted: bool = False
    by: str = ""
    people_are_whole: bool = False
    changes_only: bool = False

    @property
    def misses_rows(self) -> bool:
        """Tell whether rows that it lacks of people whom it has may hold no more."""
        whole = self.people_are_whole and self.missing_row != "keep"
        return self.mode == "full" or whole

    @property
    def retracts_later_only(self) -> bool:
        """Tell whether rows before the first one that it has of a person still hold."""
        return self.mode == "full" and self.missing_row == "retract_later"

    @property
    def spoken_of(self) -> date:
        """The day that a delivery speaks of."""
        return self.day or datetime.now(UTC).date()


DELTA = Terms()
