"""Which Statements complete a requirement, and how long a completion holds.

In: the Statements of one person on the requirement's activities, from the first day
that counts through as_of, none of them voided. Out: the completion, or None.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from tests.oracle.inputs import Requirement, StatementFact

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
PASSED = "http://adlnet.gov/expapi/verbs/passed"


class Seen(NamedTuple):
    """A Statement of a known person and its day, where the person then was."""

    day: date
    fact: StatementFact


class Completion(NamedTuple):
    """A completion of one activity, or of the whole requirement."""

    day: date
    expires_at: date | None
    statement_id: str


def end_of_period(requirement: Requirement, day: date) -> date:
    """Give the last day of the calendar period that contains a day.

    Reading: the periods reach back before calendar_basis in the same rhythm, for the
    completions before it that count.
    """
    assert requirement.calendar_basis is not None
    assert requirement.validity_days is not None
    days = (day - requirement.calendar_basis).days
    periods = days // requirement.validity_days + 1
    next_begins = requirement.calendar_basis + timedelta(
        days=periods * requirement.validity_days
    )
    return next_begins - timedelta(days=1)


def expiry(requirement: Requirement, day: date) -> date | None:
    """Give the last good day of a completion made on a day; None: it never ends."""
    if requirement.validity_days is None:
        return None
    if requirement.basis == "calendar":
        of_its_own = end_of_period(requirement, day)
        return of_its_own + timedelta(days=requirement.validity_days)
    return day + timedelta(days=requirement.validity_days)


def is_completed(fact: StatementFact) -> bool:
    """Tell the verb completed, or result.completion true under any verb."""
    return fact.verb == COMPLETED or fact.completion is True


def is_passed(fact: StatementFact) -> bool:
    """Tell the verb passed, or result.success true under any verb."""
    return fact.verb == PASSED or fact.success is True


def has_score(requirement: Requirement, fact: StatementFact) -> bool:
    """Reach min_score, where the requirement has one; no score is not enough."""
    if requirement.min_score is None:
        return True
    return fact.scaled is not None and fact.scaled >= requirement.min_score


def moment(one: Seen) -> tuple[object, ...]:
    """Order by what "latest" means: timestamp, and to make it one, stored and id."""
    return one.fact.timestamp, one.fact.stored, one.fact.statement_id


def find_latest(requirement: Requirement, seen: Iterable[Seen]) -> Seen | None:
    """Find the Statement by which the given ones satisfy satisfied_by, or None.

    Reading: the halves of completed_and_passed may be on two different ones of
    `activities` (any of these will do), and with all_of belong to the same activity.
    """
    scored = [one for one in seen if has_score(requirement, one.fact)]

    def latest(counts: Callable[[StatementFact], bool]) -> Seen | None:
        return max((o for o in scored if counts(o.fact)), key=moment, default=None)

    if requirement.satisfied_by == "completed":
        return latest(is_completed)
    if requirement.satisfied_by == "passed":
        return latest(is_passed)
    if requirement.satisfied_by == "completed_or_passed":
        return latest(lambda fact: is_completed(fact) or is_passed(fact))
    if requirement.satisfied_by == "completed_and_passed":
        halves = latest(is_completed), latest(is_passed)
        if halves[0] is None or halves[1] is None:
            return None
        return max(halves[0], halves[1], key=moment)
    raise ValueError(f"satisfied_by {requirement.satisfied_by}")


def find_completion(requirement: Requirement, seen: list[Seen]) -> Completion | None:
    """Find the completion; with all_of, every activity has its own."""
    if requirement.activities:
        parts = [find_latest(requirement, seen)]
    else:
        parts = [
            find_latest(
                requirement, [o for o in seen if o.fact.activity_id == activity]
            )
            for activity in requirement.all_of
        ]
    done = [part for part in parts if part is not None]
    if len(done) < len(parts):
        return None
    last = max(done, key=moment)
    ends = [end for one in done if (end := expiry(requirement, one.day)) is not None]
    return Completion(last.day, min(ends, default=None), last.fact.statement_id)
