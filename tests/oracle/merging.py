"""Many random worlds put into one, so that one question asks all of them.

Nothing of a world touches another: people, units, places, identifiers, Activities and
requirements get the world's number, and each audience is kept to places of its world.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tests.oracle.case import Case, Question
from tests.oracle.inputs import Audience, Group, HrRow, Requirement
from tests.oracle.workforce import keys_of

Keyed = dict[tuple[str, str], dict[str, Any]]


def merged(cases: Sequence[Case]) -> Case:
    """Return one case of all rows; it has no questions."""
    parts = [_apart(case) for case in cases]
    return Case(
        seed=-1,
        rows=tuple(row for part in parts for row in part.rows),
        exemptions=tuple(item for part in parts for item in part.exemptions),
        requirements=tuple(item for part in parts for item in part.requirements),
        facts=tuple(fact for part in parts for fact in part.facts),
        voids=tuple(void for part in parts for void in part.voids),
        questions=(),
    )


def answers(cases: Iterable[Case], question: Question) -> Keyed:
    """Return what the oracle says of each world, under the names in the merged one."""
    return {
        (_name(case, row["person_id"]), _name(case, row["requirement"])): row
        | {
            name: row[name] and _name(case, row[name])
            for name in (
                *("person_id", "unit_id", "manager_id"),
                *("requirement", "statement_id"),
            )
        }
        for case in cases
        for row in case.answer(question)
    }


def questions_of(cases: Sequence[Case], number: int) -> list[Question]:
    """Return so many questions, one of each case in turn."""
    found: list[Question] = []
    for turn in range(number):
        case = cases[turn % len(cases)]
        found.append(case.questions[turn // len(cases) % len(case.questions)])
    return found


def _name(case: Case, text: str) -> str:
    return f"{case.seed:05}/{text}"


def _apart(case: Case) -> Case:
    """Return the case with a number on everything that could meet another's."""

    def named(text: str | None) -> str | None:
        return None if text is None else _name(case, text)

    def all_named(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(_name(case, text) for text in texts)

    def row_of(row: HrRow) -> HrRow:
        return replace(
            row,
            employee_id=_name(case, row.employee_id),
            email=row.email and f"{case.seed}.{row.email}",
            identities=tuple(f"{key}.{case.seed}" for key in row.identities),
            org_unit_id=_name(case, row.org_unit_id),
            org_parent_id=named(row.org_parent_id),
            location_id=named(row.location_id),
            manager_id=named(row.manager_id),
        )

    keys: dict[str, str] = {}
    rows = []
    for row in case.rows:
        own = row_of(row)
        rows.append(own)
        keys |= dict(zip(row.identities, own.identities, strict=True))
        was, now = (keys_of(replace(one, identities=())) for one in (row, own))
        keys |= dict(zip(sorted(was), sorted(now), strict=True))
    places = tuple(sorted({row.location_id for row in rows if row.location_id}))

    def audience_of(audience: Audience) -> Audience:
        return replace(
            audience,
            org_unit=all_named(audience.org_unit),
            location=all_named(audience.location) or places,
        )

    def requirement_of(item: Requirement) -> Requirement:
        return replace(
            item,
            code=_name(case, item.code),
            activities=all_named(item.activities),
            all_of=all_named(item.all_of),
            any_of=tuple(
                Group(
                    activities=all_named(group.activities),
                    all_of=all_named(group.all_of),
                )
                for group in item.any_of
            ),
            items=all_named(item.items),
            audience=audience_of(item.audience),
        )

    return replace(
        case,
        rows=tuple(rows),
        exemptions=tuple(
            replace(
                item,
                employee_id=_name(case, item.employee_id),
                requirement=_name(case, item.requirement),
            )
            for item in case.exemptions
        ),
        requirements=tuple(requirement_of(item) for item in case.requirements),
        facts=tuple(
            replace(
                fact,
                statement_id=_name(case, fact.statement_id),
                actor_key=keys.get(fact.actor_key, fact.actor_key),
                activity_id=named(fact.activity_id),
            )
            for fact in case.facts
        ),
        voids=tuple(
            replace(void, target_id=_name(case, void.target_id)) for void in case.voids
        ),
    )
