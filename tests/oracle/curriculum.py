"""A curriculum: a requirement whose items are other requirements.

It is complete when every item is done that takes effect by then; what completes an
item, and until when, its own requirement says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.completion import Completion, Seen, all_together, find_completion
from tests.oracle.due_date import find_base, is_member
from tests.oracle.inputs import Exemption, Requirement
from tests.oracle.workforce import Workforce


@dataclass(frozen=True)
class Subject:
    """One person on a day: what is known, what is in force, what they did."""

    workforce: Workforce
    exemptions: list[Exemption]
    in_force: Mapping[str, Requirement]
    seen: list[Seen]
    person: str
    as_of: date

    def first_day(self, requirement: Requirement) -> date:
        """Give the first day that counts for the person."""
        base = find_base(self.workforce, self.person, requirement, self.as_of)
        return base - timedelta(days=requirement.look_back_days)

    def counting(self, requirement: Requirement, first: date) -> list[Seen]:
        """List the Statements on the requirement's activities from a day to as_of."""
        targets = {
            activity
            for group in requirement.groups
            for activity in (*group.activities, *group.all_of)
        }
        return [
            one
            for one in self.seen
            if one.fact.activity_id in targets and first <= one.day <= self.as_of
        ]

    def is_exempt(self, code: str) -> bool:
        """Tell whether an exemption holds on as_of."""
        return any(
            item.employee_id == self.person
            and item.requirement == code
            and item.from_ <= self.as_of
            and (item.to is None or self.as_of <= item.to)
            for item in self.exemptions
        )


def items_asked(
    curriculum: Requirement, in_force: Mapping[str, Requirement]
) -> list[Requirement]:
    """List the items that are in force: those that take effect later are not asked."""
    return [in_force[code] for code in curriculum.items if code in in_force]


def of_curriculum(
    subject: Subject, curriculum: Requirement, through: date = date.max
) -> tuple[bool, Completion | None, bool]:
    """Give whether nothing is asked of the person, the completion, and if begun.

    Only Statements through a day are looked at, but it is of what is asked on as_of.

    An item that applies to the person counts from when it does by itself, any other
    from when the curriculum does. One from which they are exempt is not asked.
    """
    parts: list[Completion | None] = []
    begun = False
    for item in items_asked(curriculum, subject.in_force):
        if subject.is_exempt(item.code):
            continue
        applies = is_member(
            subject.workforce, subject.person, item.audience, subject.as_of
        )
        counting = subject.counting(
            item, subject.first_day(item if applies else curriculum)
        )
        counting = [one for one in counting if one.day <= through]
        begun = begun or bool(counting)
        parts.append(find_completion(item, counting))
    if not parts:
        return True, None, False
    return False, all_together(parts), begun
