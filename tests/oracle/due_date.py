"""Who is in an audience, since when, and until when the first completion is due.

In: the workforce as known, a person, one version of a requirement, as_of. Out: the
days entered, base and due_date of interface.md, "The arithmetic of a status".
"""

from datetime import date, timedelta

from tests.oracle.completion import end_of_period
from tests.oracle.inputs import Audience, Requirement
from tests.oracle.workforce import ONE_DAY, Workforce

DEFAULT_WORKER_TYPES = ("employee", "contractor")


def is_member(workforce: Workforce, person: str, audience: Audience, day: date) -> bool:
    """Whether the person is employed and in the audience on a day.

    Reading: a day without a row in force is outside of every audience, since nothing
    is known of the person; of regulatory classes one in common is enough.
    """
    row = workforce.row_in_force(person, day)
    if row is None or not workforce.is_employed(person, day):
        return False
    units = workforce.units_above(row.org_unit_id, day)
    tenure_days = (day - row.hire_date).days
    return (
        row.worker_type in (audience.worker_type or DEFAULT_WORKER_TYPES)
        and (not audience.org_unit or any(u in audience.org_unit for u in units))
        and (not audience.job_code or row.job_code in audience.job_code)
        and (not audience.location or row.location_id in audience.location)
        and (
            not audience.regulatory_class
            or any(c in audience.regulatory_class for c in row.regulatory_classes)
        )
        and (not audience.min_tenure_days or tenure_days >= audience.min_tenure_days)
    )


def bridges(requirement: Requirement, gap_days: int) -> bool:
    """Whether the rehire policy passes over a gap of so many days not employed.

    Reading: carrying over means that the gap breaks nothing: the former membership
    and the former hire_date go on, and with them the base, the due date and the
    completions. The gap is the number of days on which the person is not employed.
    """
    if requirement.rehire_policy == "carry_over":
        return True
    if requirement.rehire_policy == "carry_if_gap_days":
        return gap_days <= requirement.carry_gap_days
    return gap_days == 0


def find_entered(
    workforce: Workforce, person: str, requirement: Requirement, as_of: date
) -> date:
    """Walk back from as_of to the first day of the present unbroken membership."""
    entered = day = as_of
    gap_days = 0
    while day >= workforce.first_day(person):
        if not workforce.is_employed(person, day):
            gap_days += 1
        elif bridges(requirement, gap_days) and is_member(
            workforce, person, requirement.audience, day
        ):
            entered = day
            gap_days = 0
        else:
            break
        day -= ONE_DAY
    return entered


def find_hire_date(
    workforce: Workforce, person: str, requirement: Requirement, as_of: date
) -> date:
    """Take hire_date from the row in force on as_of, or an employment carried over.

    Reading: the earliest employment that the policy bridges to gives its hire_date as
    the row in force on its last day has it. Being in the audience plays no part.
    """
    row = workforce.row_in_force(person, as_of)
    assert row is not None
    hire_date = row.hire_date
    day = as_of
    gap_days = 0
    while day >= workforce.first_day(person):
        if not workforce.is_employed(person, day):
            gap_days += 1
        elif not bridges(requirement, gap_days):
            break
        elif gap_days:
            row = workforce.row_in_force(person, day)
            assert row is not None
            hire_date = row.hire_date
            gap_days = 0
        day -= ONE_DAY
    return hire_date


def find_base(
    workforce: Workforce, person: str, requirement: Requirement, as_of: date
) -> date:
    """Take the later of effective_from and, by basis, entered or hire_date."""
    find = find_hire_date if requirement.basis == "hire" else find_entered
    start = find(workforce, person, requirement, as_of)
    return max(requirement.effective_from, start)


def find_end_of_grace(
    workforce: Workforce,
    person: str,
    requirement: Requirement,
    last_good_day: date,
    as_of: date,
) -> date:
    """Find the last day of grace.

    Reading: grace_days after the last good day; then each day of leave, in order, that
    is not later than the day after the end of grace moves it to return_grace_days after
    itself, if that is later. Leave after as_of is not yet known to happen.
    """
    end = last_good_day + timedelta(days=requirement.grace_days)
    after = timedelta(days=requirement.return_grace_days)
    if not after:
        return end
    day = end - after  # a day of leave before that moves nothing
    while day <= min(end + ONE_DAY, as_of):
        if workforce.is_on_leave(person, day):
            end = max(end, day + after)
        day += ONE_DAY
    return end


def find_due_date(
    workforce: Workforce, person: str, requirement: Requirement, base: date, as_of: date
) -> date:
    """Find the first due date, the last good day.

    Reading, leave_policy shift: it moves by the days of leave from base through the
    due date itself, those that it gains by moving included, both ends counted. Leave
    after as_of is not yet known to happen; leave after the due date moves nothing. A
    calendar's due date moves likewise, after its period is found; expires_at does not.
    """
    due = base + timedelta(days=requirement.initial_days)
    if requirement.basis == "calendar":
        assert requirement.calendar_basis is not None
        due = end_of_period(requirement, max(due, requirement.calendar_basis))
    if requirement.leave_policy != "shift":
        return due
    shifted = due
    while True:
        leave_days = 0
        day = base
        while day <= min(shifted, as_of):
            leave_days += workforce.is_on_leave(person, day)
            day += ONE_DAY
        if shifted == due + timedelta(days=leave_days):
            return shifted
        shifted = due + timedelta(days=leave_days)
