"""What may be asked of a report: its parameters, held against report, day and area.

A parameter that a report does not take, a value that exists nowhere and two that
contradict each other are refused with the reason: an empty answer would look as if all
were well. What lies outside the caller's area is answered like what does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from analytics.lake.lake import Lake
from analytics.reports.catalogue import PARAMETERS, Query
from analytics.reports.session import Asked, prepare, session
from analytics.requirements import WORKER_TYPES, Requirement
from lrs.errors import BadRequest, NotFound

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
_IN_AREA = {
    "location": "w.location_id = $value",
    "job": "w.job_code = $value",
    "manager": "(w.manager_id = $value OR w.employee_id = $value)",
}
_SHOWN = 40  # characters of what was sent


def check(query: Query, given: Mapping[str, str]) -> None:
    """Raise BadRequest for what the report does not take, or no value of it."""
    for name in sorted(set(given) - query.takes()):
        why = f": {_WHY[name]}" if name in _WHY else ""
        raise BadRequest(f"The report {query.name} takes no {name[:_SHOWN]}{why}.")
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


def check_requirement(requirements: Sequence[Requirement], asked: Asked) -> None:
    """Raise BadRequest for a requirement that does not exist, or not yet on the day."""
    if asked.requirement is None:
        return
    begins = [
        max(item.version_from, item.effective_from)
        for item in requirements
        if item.code == asked.requirement
    ]
    if not begins:
        raise BadRequest(
            f"There is no requirement {asked.requirement[:_SHOWN]}; see "
            "requirement_coverage for those that there are."
        )
    if min(begins) > asked.as_of:
        raise BadRequest(
            f"The requirement {asked.requirement} begins on {min(begins)}, "
            f"and as_of is {asked.as_of}."
        )


def check_area(lake: Lake, tenant: str, asked: Asked) -> None:
    """Raise NotFound for a location, job or manager that nobody there ever had."""
    given = {name: getattr(asked, name) for name in _IN_AREA}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        return
    bounded = asked.unit is not None or asked.scope_unit is not None
    reads = ("workforce", "scope") if bounded else ("workforce",)
    query = Query("area", "", "", reads, "")
    within = "JOIN scope AS s ON s.unit_id = w.org_unit_id" if bounded else ""
    with session(lake, tenant, query) as connection:
        prepare(connection, query, asked)
        for name, value in wanted.items():
            found = connection.execute(
                f"SELECT 1 FROM workforce AS w {within} "  # noqa: S608 (ours)
                f"WHERE w.recorded_at <= $known_at AND {_IN_AREA[name]} LIMIT 1",
                {"known_at": asked.known_at, "value": value},
            ).fetchall()
            if not found:
                raise NotFound(f"There is no such {name} in your area.")


def month_ends(as_of: date, months: int) -> list[date]:
    """Return the day and the ends of the months before it: so many, and one more.

    The first is where the first month asked for began; it is no point of its own.
    """
    days = [as_of]
    while len(days) <= months:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]
