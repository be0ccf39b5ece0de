"""Violation: one broken rule of the specification, found at one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    ``path`` is the place inside the Statement (``actor.mbox``,
    ``context.contextActivities.parent[0].id``; empty for the Statement itself),
    ``rule`` the section (``xapi-data:2.4.2.3``, ``json``), ``message`` a sentence
    that says what is asked for and never quotes the content.
    """

    path: str
    rule: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """Return the shape that problem+json carries."""
        return {"path": self.path, "rule": self.rule, "message": self.message}
