"""The statuses in their fixed order, and one colour for each.

The colours are after Okabe-Ito and Tol: neighbours in a bar stay apart for people
who see no red or no green, and a count in its ink reads on each (4.5 to 1). A test
measures both.
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "#1b2430"
PAPER = "#ffffff"
GRID = "#dfe4ea"
TRAINED = "#0a5c9e"
COMPARISON = "#b8560b"
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'


@dataclass(frozen=True, slots=True)
class Status:
    """A compliance status: its code in reports, its label, its colours."""

    code: str
    label: str
    fill: str
    ink: str

    @property
    def column(self) -> str:
        """Return the name of its count in ``compliance_by_unit``."""
        return self.code.lower()


STATUSES = (
    Status("COMPLIANT", "Compliant", "#1a7f64", PAPER),
    Status("EXPIRING", "Expiring", "#7cc7a6", INK),
    Status("GRACE", "In grace", "#f2cf4a", INK),
    Status("IN_PROGRESS", "In progress", "#5aa9e6", INK),
    Status("NOT_STARTED", "Not started", "#d3dae3", INK),
    Status("OVERDUE", "Overdue", "#c8430a", PAPER),
    Status("EXPIRED", "Expired", "#7a1f4b", PAPER),
    Status("ON_LEAVE", "On leave", "#aeb7c2", INK),
    Status("EXEMPT", "Exempt", "#55606e", PAPER),
)
