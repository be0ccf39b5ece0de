"""Violation: one broken rule of the specification, found at one place.

``Found`` gathers those of one Statement, up to a number: a body of some megabytes can
break rules millions of times, and nobody reads that far.
"""

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


MOST_FOUND = 1000  # of one Statement


class Enough(Exception):
    """So much is wrong that the rest is not looked at."""


class Found(list[Violation]):
    """The Violations of one Statement, while they are gathered."""

    __slots__ = ()

    def append(self, violation: Violation, /) -> None:
        """Add a Violation; raises Enough with the last one that is taken."""
        super().append(violation)
        if len(self) >= MOST_FOUND:
            raise Enough
