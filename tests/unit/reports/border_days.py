"""Clauses of the arithmetic, each with a person of its own, asked about at once.

A Clause gives the HR rows of one person (``P`` in ``MAIN``), requirements and
Statements, and what the report says of it from day to day. All clauses of a file are
one world, so that a day costs one query; the plain model is asked of it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from tests.oracle.builders import a_fact, a_requirement, a_row, an_exemption
from tests.oracle.case import Case, Question
from tests.oracle.inputs import (
    Audience,
    Exemption,
    HrRow,
    Requirement,
    StatementFact,
    Void,
)
from tests.unit.reports.sql_of_a_case import LATEST, SqlOfACase

D = date(2025, 7, 1)  # the border day
Given = dict[str, Any]
Answer = dict[str, Any] | None


def day(offset: int) -> date:
    """Return the border day and so many days."""
    return D + timedelta(days=offset)


@dataclass(frozen=True)
class Clause:
    """``says``: the status the day before D, on D, and the day after; None: no row.

    ``rows``: changes of an HR row each. ``asks``: changes of the requirement; ``also``:
    further requirements, by a name of their own. ``facts``: (offset from D, changes).
    ``exempt``: (requirement's own name or "", from, to) by offset. ``shows``: further
    columns on D. An Activity is called by a short name, "it" where nothing is said.
    """

    name: str
    says: tuple[str | None, str | None, str | None]
    asks: Given = field(default_factory=dict)
    rows: Sequence[Given] = ({},)
    facts: Sequence[tuple[int | str, Given]] = ()
    also: dict[str, Given] = field(default_factory=dict)
    exempt: Sequence[tuple[str, int, int]] = ()
    voids: Sequence[int] = ()  # numbers of facts, from 0
    shows: Given = field(default_factory=dict)


class Clauses:
    """The world of some clauses; its answers are kept by day."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        assert len({clause.name for clause in clauses}) == len(clauses)
        self.case = Case(
            seed=0,
            rows=tuple(row for clause in clauses for row in _rows(clause)),
            exemptions=tuple(one for clause in clauses for one in _exemptions(clause)),
            requirements=tuple(one for clause in clauses for one in _asked(clause)),
            facts=tuple(fact for clause in clauses for fact in _facts(clause)),
            voids=tuple(
                Void(target_id=f"{clause.name}-{number}", recorded=2)
                for clause in clauses
                for number in clause.voids
            ),
            questions=(),
        )
        self.sql = SqlOfACase(self.case)
        self.found: dict[date, dict[tuple[str, str], dict[str, Any]]] = {}

    def answer(self, name: str, asked: date) -> Answer:
        """Return the row of a clause on a day."""
        return self.answers(asked).get((f"P-{name}", name))

    def answers(self, asked: date) -> dict[tuple[str, str], dict[str, Any]]:
        """Return every row of a day by person and requirement."""
        if asked not in self.found:
            rows = self.sql.ask(asked)
            self.found[asked] = {
                (row["person_id"], row["requirement"]): row for row in rows
            }
        return self.found[asked]

    def disagreements(self, asked: date) -> list[tuple[Answer, Answer]]:
        """Return what SQL and plain model say of a day where they do not agree."""
        ours, theirs = self.answers(asked), self.model(asked)
        keys = sorted({*ours, *theirs})
        pairs = [(ours.get(key), theirs.get(key)) for key in keys]
        return [(one, other) for one, other in pairs if one != other]

    def check(self, clause: Clause) -> None:
        """Hold a clause against the SQL."""
        rows = [self.answer(clause.name, day(offset)) for offset in (-1, 0, 1)]
        assert tuple(row and row["status"] for row in rows) == clause.says
        for column, expected in clause.shows.items():
            is_day = column.endswith(("_at", "_date")) and isinstance(expected, int)
            wanted = day(expected) if is_day else expected
            assert rows[1] is not None
            assert rows[1][column] == wanted, column

    def model(self, asked: date) -> dict[tuple[str, str], dict[str, Any]]:
        """Return what the plain model says of a day."""
        rows = self.case.answer(Question(as_of=asked, known_at=LATEST))
        return {(row["person_id"], row["requirement"]): row for row in rows}


def _rows(clause: Clause) -> list[HrRow]:
    rows = []
    for number, given in enumerate(clause.rows):
        changes = {
            name: day(value) if name.endswith("_date") and type(value) is int else value
            for name, value in given.items()
        }
        who = changes.pop("who", "P")
        effective = changes.pop("effective_date", changes.get("hire_date"))
        rows.append(
            a_row(
                effective.isoformat() if effective else "2024-01-01",
                employee_id=f"{who}-{clause.name}",
                location_id=clause.name,
                recorded=1,
                **{"email": f"{who}-{clause.name}@example.com".lower()} | changes,
            )
        )
        assert number < 10
    return rows


def _asked(clause: Clause) -> list[Requirement]:
    found = [_requirement(clause, clause.name, clause.asks)]
    for name, given in clause.also.items():
        found.append(_requirement(clause, given.get("code", name), given))
    return found


def _requirement(clause: Clause, code: str, given: Given) -> Requirement:
    changes: Given = {
        name: day(value)
        if name.startswith(("effective", "version_from", "calendar_basis"))
        and type(value) is int
        else value
        for name, value in given.items()
    }
    if not {"activities", "all_of", "any_of", "items"} & {*changes}:
        changes["activities"] = ("it",)
    for name in ("activities", "all_of"):
        if name in changes:
            changes[name] = tuple(_activity(clause, one) for one in changes[name])
    if "any_of" in changes:
        changes["any_of"] = tuple(
            type(group)(
                activities=tuple(_activity(clause, one) for one in group.activities),
                all_of=tuple(_activity(clause, one) for one in group.all_of),
            )
            for group in changes["any_of"]
        )
    if "items" in changes:
        changes["items"] = tuple(f"{clause.name}/{one}" for one in changes["items"])
        changes |= {"satisfied_by": "items", "validity_days": None}
    changes.pop("code", None)
    if code not in (clause.name, ""):
        code = f"{clause.name}/{code}"
    given = {"initial_days": 30, "validity_days": None} | changes
    # Each clause is about its own people only.
    audience = given.pop("audience", Audience())
    given["audience"] = replace(audience, location=(clause.name,))
    return a_requirement(code=code or clause.name, **given)


def _activity(clause: Clause, name: str) -> str:
    return f"https://courses.example.com/{clause.name}/{name}"


def _facts(clause: Clause) -> list[StatementFact]:
    found = []
    for number, (when, given) in enumerate(clause.facts):
        changes = dict(given)
        activity = changes.pop("activity", "it")
        key = f"mbox mailto:p-{clause.name}@example.com".lower()
        changes.setdefault("actor_key", key)
        moment = when if isinstance(when, str) else day(when).isoformat()
        found.append(
            a_fact(
                moment,
                f"{clause.name}-{number}",
                activity_id=_activity(clause, activity),
                **changes,
            )
        )
    return found


def _exemptions(clause: Clause) -> list[Exemption]:
    return [
        an_exemption(
            day(first).isoformat(),
            day(last).isoformat(),
            employee_id=f"P-{clause.name}",
            requirement=f"{clause.name}/{of}" if of else clause.name,
        )
        for of, first, last in clause.exempt
    ]


__all__ = ["Clause", "Clauses", "D", "day"]
