"""Which Statements complete a requirement, and how long a completion holds.

In: the Statements of one person on the requirement's activities, from the first day
that counts through as_of, none of them voided. Out: the completion, or None.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.oracle.inputs import Requirement, StatementFact

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
PASSED = "http://adlnet.gov/expapi/verbs/passed"
SATISFIED = "https://w3id.org/xapi/adl/verbs/satisfied"


class Seen(NamedTuple):
    """A Statement of a known person and its day, where the person then was."""

    day: date
    fact: StatementFact


class Completion(NamedTuple):
    """A completion of one activity, or of the whole requirement."""

    day: date
    expires_at: date | None
    statement_id: str
    moment: tuple[Any, ...]


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


def expiry(requirement: Requirement, days: list[date]) -> date | None:
    """Give the last good day of the last of the completions made on these days.

    None: it never ends. The days are in order; the ones before the last matter only
    where a completion renews early.
    """
    if requirement.validity_days is None:
        return None
    validity = timedelta(days=requirement.validity_days)
    if requirement.is_by_calendar:
        return end_of_period(requirement, days[-1]) + validity
    if not requirement.early_renewal_days:
        return days[-1] + validity
    early = timedelta(days=requirement.early_renewal_days)
    good: date | None = None
    for day in days:
        if good is None:
            good = day + validity
        elif good - early <= day <= good:
            good += validity
        elif good < day + validity:
            good = day + validity
    return good


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


def moment(one: Seen) -> tuple[Any, ...]:
    """Order by what "latest" means: the day, then timestamp, stored and id.

    Reading: days first, since the arithmetic is one of days. Who flew over the date
    line has an earlier day at a later time.
    """
    return one.day, one.fact.timestamp, one.fact.stored, one.fact.statement_id


def completions(requirement: Requirement, seen: Iterable[Seen]) -> list[Seen]:
    """List the Statements by each of which the given ones satisfy satisfied_by anew.

    In their order; the last of them is the completion that counts. Reading: the halves
    of completed_and_passed may be on two different ones of `activities` (any of these
    will do), and with all_of belong to the same activity. From when both halves are
    there, whatever is either half completes again.
    """
    scored = [one for one in seen if has_score(requirement, one.fact)]
    scored.sort(key=moment)
    halves = [(is_completed(one.fact), is_passed(one.fact)) for one in scored]
    found = []
    if requirement.satisfied_by == "completed":
        found = [one for one, (done, _) in zip(scored, halves, strict=True) if done]
    elif requirement.satisfied_by == "passed":
        found = [one for one, (_, won) in zip(scored, halves, strict=True) if won]
    elif requirement.satisfied_by == "completed_or_passed":
        found = [one for one, half in zip(scored, halves, strict=True) if any(half)]
    elif requirement.satisfied_by == "satisfied":
        found = [one for one in scored if one.fact.verb == SATISFIED]
    elif requirement.satisfied_by == "completed_and_passed":
        days: dict[str, list[date]] = {"done": [], "won": []}
        for one, (done, won) in zip(scored, halves, strict=True):
            days["done"] += [one.day] * done
            days["won"] += [one.day] * won
        if days["done"] and days["won"]:
            both = max(min(days["done"]), min(days["won"]))
            found = [
                one
                for one, half in zip(scored, halves, strict=True)
                if any(half) and one.day >= both
            ]
    else:
        raise ValueError(f"satisfied_by {requirement.satisfied_by}")
    return found


def find_part(requirement: Requirement, seen: list[Seen]) -> Completion | None:
    """Find the completion by Statements any of which will do."""
    found = completions(requirement, seen)
    if not found:
        return None
    last = max(found, key=moment)
    until = expiry(requirement, sorted({one.day for one in found}))
    return Completion(last.day, until, last.fact.statement_id, moment(last))


def all_together(parts: list[Completion | None]) -> Completion | None:
    """Put together what must all be done: the latest day, the earliest expiry."""
    done = [part for part in parts if part is not None]
    if len(done) < len(parts):
        return None
    last = max(done, key=lambda part: part.moment)
    ends = [part.expires_at for part in done if part.expires_at is not None]
    return last._replace(expires_at=min(ends, default=None))


def first_day_of(
    seen: Iterable[Seen], complete: Callable[[date], Completion | None]
) -> date | None:
    """Find the first day with whose Statements, and those before, there is one.

    ``complete`` gives the completion by the Statements through a day. Brute force: it
    is asked of every day with a Statement.
    """
    days = sorted({one.day for one in seen})
    return next((day for day in days if complete(day) is not None), None)


def find_completion(requirement: Requirement, seen: list[Seen]) -> Completion | None:
    """Find the completion; with all_of, every activity has its own.

    Of several groups the one that holds longest counts, of equals the latest.
    """
    found = []
    for group in requirement.groups:
        choices = (
            [group.activities] if group.activities else [(a,) for a in group.all_of]
        )
        parts = [
            find_part(requirement, [o for o in seen if o.fact.activity_id in choice])
            for choice in choices
        ]
        whole = all_together(parts)
        if whole is not None:
            found.append(whole)
    return max(
        found, key=lambda one: (one.expires_at or date.max, one.moment), default=None
    )
