"""The SQL of the compliance status agrees with a slow, plain Python model of the text.

The model (tests/oracle) was written apart from the SQL. The worlds go through the
enrichment's as-of join first, so that identity, time zones and late corrections are
compared too; many are put into one, since a question costs the SQL the same of one
as of many.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from analytics.requirements import Requirement
from tests.oracle.histories import Case, Question, random_case
from tests.oracle.merging import answers, merged, questions_of
from tests.unit.reports.sql_of_a_case import SqlOfACase, in_rows, requirement_of

pytestmark = pytest.mark.long

# More with ORACLE_CASES=3000; the first ones are the same in every run.
CASES = int(os.environ.get("ORACLE_CASES", "25"))
CHUNK = 25  # worlds in one
QUESTIONS = 25  # asked of all of them: one of each world's own


def disagreements(
    cases: Sequence[Case], asked: Sequence[Question], make: Any = None
) -> list[str]:
    """Return where SQL and model differ, question by question."""
    cases = [in_rows(case) for case in cases]
    sql = SqlOfACase(merged(cases), make)
    found = []
    for one in asked:
        by_key = {
            (row["person_id"], row["requirement"]): row
            for row in sql.ask(one.as_of, one.known_at)
        }
        wanted = answers(cases, one)
        for key in sorted({*by_key, *wanted}):
            ours, theirs = by_key.get(key), wanted.get(key)
            if ours != theirs:
                found.append(f"{one} {key}:\n  sql   {ours}\n  model {theirs}")
    return found


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_sql_and_model_agree_on_random_histories(first: int) -> None:
    cases = [random_case(seed) for seed in range(first, min(first + CHUNK, CASES))]
    found = disagreements(cases, questions_of(cases, QUESTIONS))
    assert not found, f"{len(found)} disagreements\n" + "\n".join(found[:5])


@pytest.mark.parametrize(
    ("key", "seeds"), [("grace_days", range(8)), ("return_grace_days", range(17, 23))]
)
def test_a_day_of_grace_more_in_the_sql_would_be_found(key: str, seeds: range) -> None:
    def longer(row: dict[str, Any]) -> Requirement:
        made = requirement_of(row)
        days = getattr(made, key)
        return replace(made, **{key: days and days + 1})

    cases = [random_case(seed) for seed in seeds]
    assert disagreements(cases, questions_of(cases, 16), longer)


def test_a_row_of_a_place_a_day_ahead_goes_before_the_one_it_replaces() -> None:
    # World 471: in Pago Pago from 12 June, in Kiritimati, a day ahead, from 13 June.
    asked = Question(as_of=date(2024, 7, 5), known_at=10**18)
    assert disagreements([random_case(471)], [asked]) == []
