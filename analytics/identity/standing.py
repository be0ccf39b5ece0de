"""Standing: what holds after a sequence of decisions. Pure.

In: decisions in their order. Out: the links and merges that nobody has undone. Undoing
one of several takes away that one alone, whatever the order: an older link of the same
actor counts again when a newer one is undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analytics.identity.keys import normalised
from analytics.identity.rules import Rules


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; ``recorded`` in microseconds since 1970, UTC.

    ``kind`` is link (actor, employee_id), merge (employee_id, into), undo (undoes) or
    rules. ``actor`` is an IFI key, ``undone_by`` the number of the undo, if any.
    """

    n: int
    kind: str
    recorded: int
    by: str
    reason: str
    actor: str | None = None
    employee_id: str | None = None
    into: str | None = None
    undoes: int | None = None
    rules: Mapping[str, Any] | None = None
    undone_by: int | None = None


class Standing:
    """What holds now: ``links`` by normalised IFI key, ``merges`` by employee_id."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.decisions: dict[int, Decision] = {}
        for item in decisions:
            self.decisions[item.n] = item
            if item.kind == "undo" and item.undoes is not None:
                undone = self.decisions[item.undoes]
                self.decisions[item.undoes] = replace(undone, undone_by=item.n)
        self.links: dict[str, Decision] = {}
        self.merges: dict[str, Decision] = {}
        self.rules = Rules()
        for item in self.all():
            if item.undone_by is not None:
                continue
            if item.kind == "link" and item.actor is not None:
                self.links[normalised(item.actor)] = item
            elif item.kind == "merge" and item.employee_id is not None:
                self.merges[item.employee_id] = item
            elif item.rules is not None:
                self.rules = Rules.of(item.rules)

    def all(self) -> list[Decision]:
        """Return the decisions in their order."""
        return list(self.decisions.values())

    def survivor(self, employee: str) -> str:
        """Return who an employee is now: themselves, or who they were merged into."""
        while employee in self.merges:
            employee = self.merges[employee].into or employee
        return employee
