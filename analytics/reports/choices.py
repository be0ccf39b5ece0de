"""The parameters of reports: their values, and what each report takes.

A parameter that a report does not take, a value that there is not and two that
contradict each other are refused with the reason: an answer would look as if they had
acted. Loads no large library: pages and API show these choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from analytics.reports.catalogue import PARAMETERS, Query
from analytics.requirements import WORKER_TYPES
from lrs.errors import BadRequest

STATUSES = (
    "COMPLIANT",
    "EXPIRING",
    "GRACE",
    "IN_PROGRESS",
    "NOT_STARTED",
    "OVERDUE",
    "EXPIRED",
    "ON_LEAVE",
    "EXEMPT",
)
DAYS = (30, 60, 90)
MOST_MONTHS = 60
_USUAL = {"days": 90, "months": 12}
_CHOICES: dict[str, Sequence[str]] = {
    "status": STATUSES,
    "worker_type": WORKER_TYPES,
    "days": tuple(map(str, DAYS)),
}
_LATE = ("OVERDUE", "EXPIRED")
_STATUSES_OF = {"overdue_people": _LATE, "overdue_ageing": _LATE}
_WHY = {
    "status": "it counts all of them",
    "months": "it is of one day",
    "days": "it is not of what expires",
}
SHOWN = 40  # characters of what was sent


def check(query: Query, given: Mapping[str, str]) -> None:
    """Raise BadRequest for what the report does not take, or no value of it."""
    for name in sorted(set(given) - query.takes()):
        why = f": {_WHY[name]}" if name in _WHY else ""
        raise BadRequest(f"The report {query.name} takes no {name[:SHOWN]}{why}.")
    for name, choices in _CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            raise BadRequest(f"A {name} is one of: {', '.join(choices)}.")
    some = _STATUSES_OF.get(query.name, STATUSES)
    if given.get("status", some[0]) not in some:
        raise BadRequest(f"The report {query.name} is of {' and '.join(some)} only.")
    months = given.get("months", "1")
    if not (months.isascii() and months.isdigit() and 1 <= int(months) <= MOST_MONTHS):
        raise BadRequest(f"months is a number from 1 to {MOST_MONTHS}.")
    for name, value in given.items():
        if not value.strip():
            raise BadRequest(f"{name} is empty: leave it out, or give a value.")


def filters(given: Mapping[str, str]) -> dict[str, str | int | None]:
    """Return the parameters as the .sql files take them."""
    found: dict[str, str | int | None] = {name: given.get(name) for name in PARAMETERS}
    return found | {name: int(given.get(name, usual)) for name, usual in _USUAL.items()}


def month_ends(as_of: date, months: int) -> list[date]:
    """Return the day and the ends of the months before it: so many, and one more.

    The first is where the first month asked for began; it is no point of its own.
    """
    days = [as_of]
    while len(days) <= months:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]
