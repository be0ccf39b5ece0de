"""Report compliance_status by brute force: the oracle that the SQL is compared with.

It reads the design's interface.md, "The arithmetic of a status", clause by clause and
day by day. In: plain facts (`inputs`). Out: the rows of the report. No product code.
Where the text leaves room, the reading chosen is marked `Reading:`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.oracle.completion import (
    Completion,
    Seen,
    find_completion,
    first_day_of,
)
from tests.oracle.curriculum import Subject, items_asked, of_curriculum
from tests.oracle.due_date import (
    find_base,
    find_due_date,
    find_end_of_grace,
    is_member,
)
from tests.oracle.inputs import (
    Audience,
    Exemption,
    HrRow,
    Requirement,
    StatementFact,
    Void,
)
from tests.oracle.workforce import Workforce

__all__ = [
    "Audience",
    "Exemption",
    "HrRow",
    "Requirement",
    "StatementFact",
    "Void",
    "compliance_status",
]

EXPIRING_DAYS = 90


def compliance_status(
    rows: Iterable[HrRow],
    exemptions: Iterable[Exemption],
    requirements: Iterable[Requirement],
    facts: Iterable[StatementFact],
    voids: Iterable[Void],
    *,
    as_of: date,
    known_at: int,
) -> list[dict[str, Any]]:
    """One dict per person and applicable requirement, by (person_id, requirement).

    - name, unit_id, manager_id: from the row in force on as_of; name is the given and
      the family name with a space between.
    - requirement, requirement_version: the code, and the version in force on as_of.
    - status: EXEMPT, ON_LEAVE, COMPLIANT, EXPIRING, GRACE, EXPIRED, OVERDUE,
      IN_PROGRESS or NOT_STARTED.
    - due_date: a date in every row, whatever the status. It is the first due date
      (base + initial_days, or for a calendar the end of the first period due), and
      stays so after a completion, after it ran out, under EXEMPT and ON_LEAVE.
    - completed_at: the day (a date, where the person then was) of the latest counting
      completion, in every status that has one: also after it ran out (GRACE, EXPIRED)
      and under EXEMPT and ON_LEAVE. None without one; one half of
      completed_and_passed, or a part of all_of, is none. With all_of the latest day.
    - expires_at: the last good day of that completion, a date; None without one and
      without validity_days. With all_of the earliest of the activities' last days.
    - Of a curriculum both are those of all items asked together, found in the same way.
    - statement_id: the Statement of completed_at: the later half, the latest of
      all_of. None where completed_at is None, so also for IN_PROGRESS.
    - first_completed_at: no column of the report, but what its rates go by: the first
      day on which everything that is asked had been done. None where it never was.
      Reading: what ran out since, even before the rest was done, had been done.
    """
    workforce = Workforce(rows, known_at)
    voided = {void.target_id for void in voids if void.recorded <= known_at}
    seen = _seen_by_person(workforce, facts, voided, known_at)
    exempted = [item for item in exemptions if item.recorded <= known_at]
    in_force = _versions_in_force(requirements, as_of)
    return [
        _report_row(
            Subject(workforce, exempted, in_force, seen.get(person, []), person, as_of),
            requirement,
        )
        for person in sorted(workforce.history)
        for requirement in in_force.values()
        if is_member(workforce, person, requirement.audience, as_of)
        and (not requirement.items or items_asked(requirement, in_force))
    ]


def _seen_by_person(
    workforce: Workforce,
    facts: Iterable[StatementFact],
    voided: set[str],
    known_at: int,
) -> dict[str, list[Seen]]:
    """Every Statement known and not voided, with its person's day, by person."""
    seen: dict[str, list[Seen]] = {}
    for fact in facts:
        if fact.stored <= known_at and fact.statement_id not in voided:
            person = workforce.person_of(fact.actor_key, fact.timestamp)
            if person is not None:
                day = workforce.day_of(person, fact.timestamp)
                seen.setdefault(person, []).append(Seen(day, fact))
    return seen


def _versions_in_force(
    requirements: Iterable[Requirement], as_of: date
) -> dict[str, Requirement]:
    """Pick the version of every requirement that is in force on as_of, by code.

    Reading: before effective_from a requirement is not in force at all; of two
    versions from the same day the higher number is.
    """
    latest: dict[str, Requirement] = {}
    for version in sorted(requirements, key=lambda r: (r.in_force_from, r.version)):
        if version.in_force_from <= as_of and version.effective_from <= as_of:
            latest[version.code] = version
    return {
        code: latest[code]
        for code in sorted(latest)
        if (last := latest[code].effective_to) is None or as_of <= last
    }


def _report_row(subject: Subject, requirement: Requirement) -> dict[str, Any]:
    workforce, person, as_of = subject.workforce, subject.person, subject.as_of
    row = workforce.row_in_force(person, as_of)
    assert row is not None
    base = find_base(workforce, person, requirement, as_of)
    due_date = find_due_date(workforce, person, requirement, base, as_of)
    if requirement.items:
        exempt, completion, begun = of_curriculum(subject, requirement)
        first = first_day_of(
            subject.seen, lambda day: of_curriculum(subject, requirement, day)[1]
        )
    else:
        counting = subject.counting(requirement, subject.first_day(requirement))
        completion, begun = find_completion(requirement, counting), bool(counting)
        first = first_day_of(
            counting,
            lambda day: find_completion(
                requirement, [one for one in counting if one.day <= day]
            ),
        )
        exempt = False
    if exempt or subject.is_exempt(requirement.code):
        status = "EXEMPT"
    elif row.status == "leave":
        status = "ON_LEAVE"
    else:
        last_good_day = due_date
        if completion is not None and completion.expires_at is not None:
            last_good_day = completion.expires_at
        end = find_end_of_grace(workforce, person, requirement, last_good_day, as_of)
        status = _status(completion, due_date, end, begun, as_of)
    return {
        "person_id": person,
        "name": f"{row.given_name} {row.family_name}".strip(),
        "unit_id": row.org_unit_id,
        "manager_id": row.manager_id,
        "requirement": requirement.code,
        "requirement_version": requirement.version,
        "status": status,
        "due_date": due_date,
        "completed_at": completion.day if completion else None,
        "expires_at": completion.expires_at if completion else None,
        "statement_id": completion.statement_id if completion else None,
        "first_completed_at": first,
    }


def _status(
    completion: Completion | None,
    due_date: date,
    end_of_grace: date,
    begun: bool,
    as_of: date,
) -> str:
    """Take the first that fits, from "valid" on."""
    if completion is not None:
        expires_at = completion.expires_at
        if expires_at is None:
            return "COMPLIANT"
        if as_of <= expires_at:
            days_left = (expires_at - as_of).days
            return "EXPIRING" if days_left <= EXPIRING_DAYS else "COMPLIANT"
        return "GRACE" if as_of <= end_of_grace else "EXPIRED"
    if due_date < as_of <= end_of_grace:
        return "GRACE"
    if as_of > end_of_grace:
        return "OVERDUE"
    return "IN_PROGRESS" if begun else "NOT_STARTED"
