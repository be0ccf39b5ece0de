"""A requirement: what one file says, checked, with its defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lrs.errors import BadRequest

SATISFIED_BY = (
    "completed",
    "passed",
    "completed_or_passed",
    "completed_and_passed",
    "satisfied",
)
BY_ITEMS = "items"  # satisfied_by of a curriculum: its items say it
BASES = ("entry", "hire", "calendar")
RECURRENCES = ("event", "calendar")
LEAVE_POLICIES = ("none", "shift")
RETAINED_FROM = ("training", "employment")
FOREVER = "forever"
WORKER_TYPES = ("employee", "contractor", "customer", "partner")
AUDIENCE_LISTS = ("org_unit", "job_code", "location", "worker_type", "regulatory_class")

Part = tuple[str, ...]  # any of these Activities
Way = tuple[Part, ...]  # every one of these parts


class WrongRequirement(BadRequest):
    """A requirement file cannot be used; names file, line, key and reason."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One version of a requirement; days are whole days, scores scaled.

    ``activities``: all Activities that are named. ``any_of``: the equivalent ways,
    where there are several. ``items``: the codes of a curriculum, which names no
    Activities itself. ``carry_gap_days``: a rehire after at most so many days keeps
    the membership of before; None for ``reset``. ``effective_to``: the last day.
    ``retention_years``: a number, or ``forever``; ``retention_from``: its beginning.
    """

    code: str
    title: str
    activities: tuple[str, ...]
    all_of: bool
    satisfied_by: str
    min_score: float | None
    basis: str
    calendar_basis: date | None
    initial_days: int
    validity_days: int | None
    grace_days: int
    look_back_days: int
    leave_policy: str
    carry_gap_days: int | None
    effective_from: date
    version: int
    version_from: date
    audience: Mapping[str, tuple[str, ...]]
    min_tenure_days: int
    any_of: tuple[Way, ...] = ()
    items: tuple[str, ...] = ()
    recurrence: str | None = None
    early_renewal_days: int = 0
    return_grace_days: int = 0
    effective_to: date | None = None
    retention_years: str | None = None
    retention_from: str | None = None
    retention_basis: str | None = None

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the ways to fulfil it: any of them will do; none for a curriculum."""
        if self.items:
            return ()
        return self.any_of or (way_of(self.activities, all_of=self.all_of),)

    @property
    def recurs(self) -> str:
        """Return how a completion runs out: by event or calendar; as the basis says."""
        return self.recurrence or ("calendar" if self.basis == "calendar" else "event")

    def is_in_force(self, day: date) -> bool:
        """Tell whether this version may be in force: a later one may go before it."""
        begun = max(self.version_from, self.effective_from) <= day
        return begun and (self.effective_to is None or day <= self.effective_to)


def way_of(activities: tuple[str, ...], *, all_of: bool) -> Way:
    """Return the way that wants any one of these Activities, or every one."""
    if all_of:
        return tuple((activity,) for activity in dict.fromkeys(activities))
    return (activities,)


def in_force(requirements: list[Requirement], day: date) -> dict[str, Requirement]:
    """Return the version of each requirement that is in force on a day, by code."""
    found: dict[str, Requirement] = {}
    for item in sorted(requirements, key=lambda one: (one.version_from, one.version)):
        if item.is_in_force(day):
            found[item.code] = item
    return found
