"""What becomes of Statements that break rules of cmi5: refused, or kept and shown.

Spec: cmi5 6.3. A tenant that enforces the rules has them refused as a whole request;
one that only warns has them stored, each with its violations beside it, and here they
are read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from lrs.access import Principal, Scope
from lrs.cmi5 import statement_rules
from lrs.errors import Forbidden
from lrs.preparation import NewStatement, located
from lrs.retrieval import Place
from lrs.xapi.violations import Violation


class Cmi5Refused(Forbidden):
    """Statements break enforced rules; ``broken`` by their position in the batch."""

    type, title = "urn:lrs:problem:cmi5", "Rules of cmi5 broken"

    def __init__(self, broken: Mapping[int, Sequence[Violation]], of: int) -> None:
        self.broken = broken
        super().__init__(
            f"{len(broken)} of {of} Statements break rules of cmi5, which this tenant "
            "enforces; nothing is stored.",
            violations=[
                located(item, f"[{at}]" if of > 1 else "")
                for at, found in broken.items()
                for item in found
            ],
        )


def flagged(prepared: Sequence[NewStatement]) -> list[NewStatement]:
    """Return the Statements, those that break rules with their violations.

    What came in pieces has no category, so nothing of cmi5 is in it.
    """
    return [
        msgspec.structs.replace(item, cmi5=tuple(found))
        if item.received.pieces is None
        and (found := statement_rules.review(item.received.value))
        else item
        for item in prepared
    ]


def refusable(prepared: Sequence[NewStatement]) -> dict[int, list[Violation]]:
    """Return what the tenant may refuse of flagged Statements, by position.

    What cmi5 only advises against is no reason.
    """
    return {
        at: found
        for at, item in enumerate(prepared)
        if item.cmi5 and (found := statement_rules.validate(item.received.value))
    }


@dataclass(frozen=True, slots=True)
class Flagged:
    """A stored Statement that breaks rules; ``stored`` in microseconds since 1970."""

    statement_id: str
    stored: int
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class FlaggedPage:
    """Some of them, the newest first; ``after`` where another page follows."""

    statements: list[Flagged]
    after: Place | None


class FlaggedStore(Protocol):
    """What this needs of the store."""

    def page(self, tenant: str, limit: int, after: Place | None) -> list[Flagged]:
        """Return up to so many, stored before ``after``, the newest first."""
        ...


class Cmi5Violations:
    """Gives out what was found as Statements were stored."""

    def __init__(self, store: FlaggedStore) -> None:
        self._store = store

    def page(
        self, principal: Principal, limit: int, after: Place | None = None
    ) -> FlaggedPage:
        """Return a page; raises Forbidden. Voided Statements are settled: left out."""
        principal.require(Scope.ALL_READ, Scope.STATEMENTS_READ)
        found = self._store.page(principal.tenant, limit + 1, after)
        if len(found) <= limit:
            return FlaggedPage(found, None)
        last = found[limit - 1]
        return FlaggedPage(found[:limit], (last.stored, 0))
