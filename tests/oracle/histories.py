"""Seeded random worlds to compare the oracle with the product: `random_case(seed)`.

Small and nasty: the Statements lie about the border days of the arithmetic and the
midnights of the time zones, and the questions are asked on border days too. The same
seed gives the same case. `to_tables` gives a case as plain tables.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.case import Case, Question, to_tables
from tests.oracle.completion import COMPLETED, PASSED, SATISFIED
from tests.oracle.inputs import (
    Audience,
    Exemption,
    Group,
    HrRow,
    Requirement,
    StatementFact,
    Void,
)
from tests.oracle.random_workforce import (
    CLASSES,
    DAYS,
    JOBS,
    LOCATIONS,
    a_workforce,
    day_after,
    microseconds,
)
from tests.oracle.workforce import keys_of

__all__ = ["Case", "Question", "random_case", "to_tables"]

ACTIVITIES = tuple(f"https://courses.example.com/{n}" for n in range(4))
VERBS = (
    COMPLETED,
    COMPLETED,
    PASSED,
    PASSED,
    "http://adlnet.gov/expapi/verbs/failed",
    "http://adlnet.gov/expapi/verbs/experienced",
    SATISFIED,
)
EVER = 10**18  # a known_at later than everything


def random_case(seed: int) -> Case:
    """Make the world of a seed."""
    random = Random(seed)
    rows = a_workforce(random)
    later = Random(f"{seed}, for what was added later")  # the rest stays as it was
    requirements = [
        replace(one, return_grace_days=later.choice([0, 0, 1, 10, 40]))
        for one in _requirements(random)
    ]
    exemptions = _exemptions(random, rows, requirements)
    borders = _borders(random, rows, requirements)
    facts = _facts(random, rows, borders)
    voids = [
        Void(
            target_id=fact.statement_id,
            recorded=fact.stored + random.randint(1, 40 * 86_400_000_000),
        )
        for fact in random.sample(facts, random.randint(0, 8))
    ]
    case = Case(
        seed=seed,
        rows=tuple(rows),
        exemptions=tuple(exemptions),
        requirements=tuple(requirements),
        facts=tuple(facts),
        voids=tuple(voids),
        questions=(),
    )
    questions = _questions(random, case, borders)
    return replace(case, questions=(*_of_returns(later, case), *questions))


def _audience(random: Random) -> Audience:
    def maybe(share: float, *values: str) -> tuple[str, ...]:
        return values if random.random() < share else ()

    unit = random.choice(["U0", "U1", "U1", "U2", "U3"])
    return Audience(
        org_unit=maybe(0.6, unit, *maybe(0.2, "U5")),
        job_code=maybe(0.2, *random.sample(JOBS, 2)),
        location=maybe(0.15, *random.sample(sorted(LOCATIONS), 3)),
        worker_type=maybe(0.2, "employee", *maybe(0.5, "customer", "partner")),
        regulatory_class=maybe(0.15, *random.sample(CLASSES, 2)),
        min_tenure_days=random.choice([0] * 4 + [10, 45]),
    )


def _asked(random: Random) -> dict[str, Any]:
    """Draw what is asked: any of some, all of them, or one of two or three groups."""

    def some() -> tuple[str, ...]:
        return tuple(random.sample(ACTIVITIES, random.choice([1, 1, 2])))

    key = random.choice(["activities", "activities", "all_of", "any_of"])
    if key != "any_of":
        return {key: some()}
    kinds = random.choices(["activities", "all_of", "all_of"], k=random.choice([2, 3]))
    return {key: tuple(Group(**{kind: some()}) for kind in kinds)}


def _recurring(random: Random) -> dict[str, Any]:
    """Draw basis, recurrence and what they need, with the length of validity."""
    basis = random.choice(["entry", "entry", "hire", "calendar"])
    recurrence = random.choice([None, None, "event", "calendar"])
    validity = random.choice([20, 60, 100, 200, None])
    if recurrence or basis == "calendar":
        validity = validity or 60
    given = {"basis": basis, "recurrence": recurrence, "validity_days": validity}
    if (recurrence or basis) == "calendar" or basis == "calendar":
        given["calendar_basis"] = day_after(random.randint(-150, 120))
    if validity and (recurrence or basis) != "calendar":
        given["early_renewal_days"] = random.choice([0, 0, 1, 10, validity - 1])
    return given


def _general(random: Random, code: str, effective_from: date) -> dict[str, Any]:
    return {
        "code": code,
        "title": f"Title of {code}",
        "initial_days": random.choice([0, 10, 30, 90]),
        "grace_days": random.choice([0, 0, 1, 7, 14]),
        "look_back_days": random.choice([0, 0, 1, 30, 90]),
        "leave_policy": random.choice(["none", "shift"]),
        "rehire_policy": random.choice(["reset", "carry_over", "carry_if_gap_days"]),
        "carry_gap_days": 10,
        "effective_from": effective_from,
        "audience": _audience(random),
    }


def _requirement(random: Random, code: str) -> Requirement:
    asked = _asked(random)
    satisfied_by = random.choice(
        [
            *("completed", "passed", "completed_or_passed", "completed_and_passed") * 2,
            "satisfied",
        ]
    )
    scores = [None] if satisfied_by == "satisfied" else [None, None, None, 0.8]
    effective_from = day_after(random.choice([-400, -30, 0, 60, 150]))
    return Requirement(
        **asked,
        **_recurring(random),
        **_general(random, code, effective_from),
        satisfied_by=satisfied_by,
        min_score=random.choice(scores),
    )


def _curriculum(random: Random, codes: list[str]) -> Requirement:
    items = random.sample(codes, random.randint(1, min(3, len(codes))))
    effective_from = day_after(random.choice([-400, 0, 60]))
    return Requirement(
        **_general(random, "C-1", effective_from),
        items=tuple(items),
        satisfied_by="items",
        basis=random.choice(["entry", "hire"]),
    )


def _requirements(random: Random) -> list[Requirement]:
    """Write three to five requirements; some have a second or a third version."""
    versions = []
    codes = [f"R-{number}" for number in range(random.randint(3, 5))]
    for code in codes:
        version = _requirement(random, code)
        if random.random() < 0.15:
            last = version.effective_from + timedelta(days=random.randint(30, 400))
            version = replace(version, effective_to=last)
        versions.append(version)
        for following in range(2, random.choice([1, 1, 2, 3]) + 1):
            after = random.randint(1, 300)
            versions.append(
                replace(
                    _requirement(random, version.code),
                    version=following,
                    effective_from=version.effective_from,
                    effective_to=version.effective_to,
                    version_from=version.effective_from + timedelta(days=after),
                )
            )
    if random.random() < 0.5:
        versions.append(_curriculum(random, codes))
    random.shuffle(versions)
    return versions


def _exemptions(
    random: Random, rows: list[HrRow], requirements: list[Requirement]
) -> list[Exemption]:
    exemptions = []
    for _ in range(random.randint(0, 5)):
        start = day_after(random.randint(0, DAYS))
        days = random.choice([0, 1, 30, 90, None])
        exemptions.append(
            Exemption(
                employee_id=random.choice(rows).employee_id,
                requirement=random.choice(requirements).code,
                from_=start,
                to=None if days is None else start + timedelta(days=days),
                recorded=microseconds(
                    start + timedelta(days=random.randint(-20, 40)), random
                ),
            )
        )
    return exemptions


def _borders(
    random: Random, rows: list[HrRow], requirements: list[Requirement]
) -> list[date]:
    """Draw days on which something may change, as the sums of the arithmetic go."""
    borders = []
    for _ in range(60):
        row, requirement = random.choice(rows), random.choice(requirements)
        begin = random.choice(
            [
                row.effective,
                row.effective,
                row.hire_date,
                row.termination_date or row.hire_date,
                requirement.effective_from,
                requirement.in_force_from,
                requirement.effective_to or requirement.effective_from,
                requirement.calendar_basis or row.effective,
            ]
        )
        days = random.choice(
            [
                0,
                0,
                -requirement.look_back_days,
                requirement.initial_days,
                requirement.initial_days + requirement.grace_days,
                requirement.validity_days or 0,
                (requirement.validity_days or 0) - requirement.early_renewal_days,
            ]
        )
        borders.append(begin + timedelta(days=days + random.choice([-1, 0, 0, 1])))
    return borders


def _about_midnight(random: Random, day: date) -> datetime:
    """Draw a moment of a day somewhere, mostly close to where it begins or ends."""
    name = random.choice(list(LOCATIONS.values()))
    zone: tzinfo = ZoneInfo(name) if name else UTC
    midnight = datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
    seconds = random.choice([0, 1, 3600, 43_200, 82_800, 86_399, 86_400])
    return midnight + timedelta(
        seconds=seconds, microseconds=random.choice([-1, 0, 0, 1])
    )


def _facts(
    random: Random, rows: list[HrRow], borders: list[date]
) -> list[StatementFact]:
    facts = []
    keys = sorted(set[str]().union(*(keys_of(row) for row in rows)))
    for number in range(random.randint(40, 120)):
        timestamp = _about_midnight(random, random.choice(borders))
        late = random.choice([0, 60, 86_400, 20 * 86_400]) * 1_000_000
        moment = int(timestamp.timestamp()) * 1_000_000 + timestamp.microsecond
        facts.append(
            StatementFact(
                statement_id=f"s{number:03}",
                stored=moment + late + number,
                timestamp=timestamp,
                actor_key=random.choice([*keys, "mbox mailto:nobody@example.com"]),
                verb=random.choice(VERBS),
                activity_id=random.choice([*ACTIVITIES, *ACTIVITIES, None]),
                success=random.choice([None, None, True, False]),
                completion=random.choice([None, None, True, False]),
                scaled=random.choice([None, 0.79, 0.8, 0.81, 1.0]),
            )
        )
    return facts


def _of_returns(random: Random, case: Case) -> list[Question]:
    """Ask on a border day of the time that a return from leave gives to somebody.

    None where a few tries find nobody to whom it makes a difference.
    """
    plain = replace(
        case,
        requirements=tuple(replace(r, return_grace_days=0) for r in case.requirements),
    )
    away = {row.employee_id for row in case.rows if row.status == "leave"}
    back = [r for r in case.rows if r.status == "active" and r.employee_id in away]
    given = sorted({r.return_grace_days for r in case.requirements} - {0})
    if not back or not given:
        return []
    for _ in range(6):
        last = random.choice(back).effective + timedelta(days=random.choice(given) - 1)
        asked = Question(as_of=last, known_at=EVER)
        if case.answer(asked) != plain.answer(asked):
            return [replace(asked, as_of=last + timedelta(days=random.choice([0, 1])))]
    return []


def _questions(random: Random, case: Case, borders: list[date]) -> tuple[Question, ...]:
    """Draw about twelve questions: on border days, and as known at different times.

    Some days come from an answer of the oracle, so that they meet its real borders.
    """
    middle = Question(as_of=random.choice(borders), known_at=EVER)
    days = [*random.sample(borders, 4), day_after(random.randint(0, DAYS))]
    answer = case.answer(middle)
    grace = {
        (r.code, r.version): timedelta(days=r.grace_days) for r in case.requirements
    }
    for row in random.sample(answer, min(6, len(answer))):
        last = random.choice([row["due_date"], row["expires_at"] or row["due_date"]])
        after = grace[row["requirement"], row["requirement_version"]]
        before = timedelta(days=random.choice([-91, -90]))
        day = last + random.choice([timedelta(0), after, before])
        days.append(day + timedelta(days=random.choice([0, 1])))
    recorded = [
        *(row.recorded for row in case.rows),
        *(item.recorded for item in case.exemptions),
        *(fact.stored for fact in case.facts),
        *(void.recorded for void in case.voids),
    ]
    questions = [middle]
    for day in days:
        known_at = EVER
        if random.random() < 0.4:
            late = [m for m in recorded if m >= microseconds(day, random)]
            known_at = random.choice(late or recorded) - random.choice([0, 1])
        questions.append(Question(as_of=day, known_at=known_at))
    return tuple(questions)
