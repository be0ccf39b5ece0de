"""What people do about their trainings: when, how often they fail, what they put off.

In: needs. Out: Episodes, each one course taken by one person on one day with the
attempts before it. Diligence differs by unit and by person; whoever is late is late
by days, by months, or until somebody insists. Nobody learns while on leave.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.sample.history import Workforce
from analytics.sample.moments import Window, last_of_month, on_workday
from analytics.sample.needs import Need
from analytics.sample.people import Person

CUSTOMER_CONVERSATIONS = "https://courses.example.com/customer-conversations"


@dataclass(frozen=True, slots=True)
class Episode:
    """One person takes one activity.

    ``outcome``: met (the rule is satisfied on ``day``), low (passed below the score
    that is asked for), open (begun or failed, and left there). ``rule`` and
    ``mastery`` say what meeting takes. ``fixed`` ones carry the known true effect:
    they are never dropped, voided or sent late.
    """

    person: Person
    activity: str
    day: date
    first: date
    outcome: str
    failures: int
    rule: str
    mastery: float | None
    fixed: bool = False


def mandatory(
    needs: Iterator[Need], force: Workforce, span: Window, rng: random.Random
) -> Iterator[Episode]:
    """Yield the episodes of all needs, in no particular order of time."""
    for need in needs:
        stint = need.person.at(max(need.start, min(span.start, need.stop)))
        unit = force.units[(stint or need.person.stints[0]).unit]
        on_time = min(0.98, max(0.12, unit.diligence + need.person.care))
        planner = _by_period if need.requirement.basis == "calendar" else _by_expiry
        done = 0
        for day in planner(need, span, on_time, rng):
            when = _not_on_leave(need.person, day, need.stop, rng)
            if when is None or when >= min(span.end, need.stop):
                continue
            yield from _episodes(need, when, done, rng)
            done += 1
        if not done and need.stop > span.end and rng.random() < 0.5:
            yield from _put_off(need, span, rng)


def _late_days(rng: random.Random) -> int:
    kind = rng.random()
    if kind < 0.3:
        return rng.randrange(1, 26)
    return rng.randrange(25, 200) if kind < 0.7 else rng.randrange(300, 900)


def _by_expiry(
    need: Need, span: Window, on_time: float, rng: random.Random
) -> Iterator[date]:
    rule = need.requirement
    base = max(need.start if rule.basis == "entry" else need.hired, rule.effective_from)
    due = base + timedelta(days=rule.initial_days)
    prompt = rng.random() < on_time
    if base < span.start:
        # The LRS came with the sample's first day: the first months catch up.
        day = span.start + timedelta(days=int(rng.triangular(0, 230, 15)))
        day += timedelta(days=0 if prompt else _late_days(rng))
    elif prompt:
        day = base + timedelta(days=rng.randrange(rule.initial_days + 1))
    else:
        day = due + timedelta(days=_late_days(rng))
    while day < span.end:
        day = on_workday(day, max(due, day))
        yield day
        if rule.validity_days is None:
            return
        expires = day + timedelta(days=rule.validity_days)
        if rng.random() < on_time:
            day = expires - timedelta(days=int(rng.triangular(0, 80, 12)))
        else:
            day = expires + timedelta(days=_late_days(rng))


def _by_period(
    need: Need, span: Window, on_time: float, rng: random.Random
) -> Iterator[date]:
    rule = need.requirement
    if rule.calendar_basis is None or rule.validity_days is None:
        raise ValueError(f"{rule.code} has no calendar.")
    length = timedelta(days=rule.validity_days)
    start = rule.calendar_basis
    while start < span.end:
        stop = start + length
        first = max(start, need.start, span.start, rule.effective_from)
        if first < stop and rng.random() < min(0.95, on_time):
            room = (stop - first).days
            yield on_workday(
                first + timedelta(days=int(rng.triangular(0, room, room * 0.35))),
                stop - timedelta(days=1),
            )
        start = stop


def _not_on_leave(
    person: Person, day: date, stop: date, rng: random.Random
) -> date | None:
    """Return the day, or one soon after the leave it falls into; None: too late."""
    stint = person.at(day)
    if stint is None or stint.status == "terminated":
        return None
    if stint.status == "leave":
        after = person.stints.index(stint) + 1
        if after == len(person.stints):
            return None
        day = person.stints[after].start + timedelta(days=rng.randrange(1, 20))
        stint = person.at(day)
        if stint is None or stint.status != "active":
            return None
    return day if day < stop else None


def _episodes(
    need: Need, day: date, done: int, rng: random.Random
) -> Iterator[Episode]:
    rule = need.requirement
    activities = rule.activities
    if not rule.all_of:  # any one will do; the second is the one for renewals
        activities = (activities[min(done, len(activities) - 1)],)
    for index, activity in enumerate(activities):
        scored = rule.satisfied_by != "completed"
        failures = rng.choices((0, 1, 2), (84, 13, 3))[0] if scored else 0
        # Of several, the last decides; the others came in the days before it.
        early = timedelta(days=(len(activities) - 1 - index) * rng.randrange(1, 9))
        yield Episode(
            person=need.person,
            activity=activity,
            day=max(day - early, need.start),
            first=max(need.start, need.hired),
            outcome="met",
            failures=failures,
            rule=rule.satisfied_by,
            mastery=rule.min_score,
        )


def _put_off(need: Need, span: Window, rng: random.Random) -> Iterator[Episode]:
    """Yield a course begun, failed, or passed too low, by someone not yet done."""
    first = max(need.start, need.hired, span.start)
    room = (span.end - first).days
    if room < 2:
        return
    back = 1 + min(room - 1, rng.randrange(60))
    day = _not_on_leave(need.person, span.end - timedelta(days=back), need.stop, rng)
    if day is None or day >= span.end:
        return
    low = need.requirement.min_score is not None and rng.random() < 0.15
    rule = need.requirement
    yield Episode(
        person=need.person,
        activity=rule.activities[0],
        day=day,
        first=first,
        outcome="low" if low else "open",
        failures=int(rule.satisfied_by != "completed" and rng.random() < 0.4),
        rule=rule.satisfied_by,
        mastery=rule.min_score,
    )


def rollout(force: Workforce, span: Window, rng: random.Random) -> Iterator[Episode]:
    """Yield the completions of the course with the known true effect.

    Everybody active in a treated team takes it between the day of the roll-out and
    the end of that month; whoever joins later or returns takes it in the month of
    their return, before their first full month counts.
    """
    for person in force.people:
        for index, stint in enumerate(person.stints):
            if force.units[stint.unit].arm != "treated" or stint.status != "active":
                continue
            if stint.worker_type not in ("employee", "contractor"):
                continue
            start = max(stint.start, span.rollout)
            stop = span.end
            if index + 1 < len(person.stints):
                stop = min(stop, person.stints[index + 1].start)
            if start >= stop:
                continue
            late = min(last_of_month(start), stop - timedelta(days=1))
            room = 10 if start == span.rollout else 2
            days = min(room + rng.randrange(3), (late - start).days)
            day = on_workday(start + timedelta(days=rng.randrange(days + 1)), late)
            yield Episode(
                person=person,
                activity=CUSTOMER_CONVERSATIONS,
                day=day,
                first=start,
                outcome="met",
                failures=0,
                rule="completed_and_passed",
                mastery=0.7,
                fixed=True,
            )
            break
