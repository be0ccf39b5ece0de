"""The keys beyond interface.md by name, with their border days.

The text is config/requirements/README.md, "Arithmetic"; the beginnings of the names
here are its headings. Each is asked of the SQL the day before its border, on it and
the day after; the plain model has to say the same.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.oracle.completion import PASSED, SATISFIED
from tests.oracle.inputs import Audience, Group
from tests.unit.reports.border_days import Clause, Clauses, day

NONE, OVER, NOT, OK = None, "OVERDUE", "NOT_STARTED", "COMPLIANT"
SOON, OUT, GRACE, BEGUN = "EXPIRING", "EXPIRED", "GRACE", "IN_PROGRESS"
EXEMPT = "EXEMPT"
TWO_WAYS = (Group(all_of=("theory", "practice")), Group(activities=("whole", "card")))
NEW: tuple[dict[str, Any]] = ({"hire_date": -20},)
ITEMS: dict[str, dict[str, Any]] = {
    "A": {"activities": ("a",)},
    "B": {"activities": ("b",)},
}
BOTH = {"items": ("A", "B")}
YEAR = {"validity_days": 100, "early_renewal_days": 10}


def at(activity: str, **changes: Any) -> dict[str, Any]:
    return {"activity": activity, **changes}


CLAUSES = [
    # -- equivalent ways
    Clause(
        "ways_are_done_when_one_of_them_is",
        (NOT, OK, OK),
        {"any_of": TWO_WAYS},
        NEW,
        [(0, at("card"))],
        shows={"completed_at": 0},
    ),
    Clause(
        "ways_with_all_of_want_every_part",
        (BEGUN, OK, OK),
        {"any_of": TWO_WAYS},
        NEW,
        [(-5, at("theory")), (0, at("practice"))],
        shows={"completed_at": 0},
    ),
    Clause(
        "ways_are_not_mixed",
        (BEGUN,) * 3,
        {"any_of": TWO_WAYS, "satisfied_by": "completed_and_passed"},
        NEW,
        [(-5, at("theory")), (-5, at("practice")), (-4, at("card", verb=PASSED))],
    ),
    Clause(
        "ways_that_hold_longest_count_and_not_the_latest",
        (SOON,) * 3,
        {"any_of": TWO_WAYS, "validity_days": 30},
        NEW,
        [(-19, at("theory")), (-9, at("card")), (-5, at("practice"))],
        shows={"completed_at": -9, "expires_at": 21, "first_completed_at": -9},
    ),
    Clause(
        "ways_that_hold_alike_count_by_the_latest",
        (OK,) * 3,
        {"any_of": TWO_WAYS},
        NEW,
        [(-9, at("theory")), (-7, at("card")), (-5, at("practice"))],
        shows={"completed_at": -5, "first_completed_at": -7},
    ),
    # -- curricula
    Clause(
        "curriculum_is_complete_when_every_item_is_done",
        (BEGUN, OK, OK),
        BOTH,
        NEW,
        [(-5, at("a")), (0, at("b"))],
        ITEMS,
        shows={"completed_at": 0, "expires_at": None},
    ),
    Clause(
        "curriculum_asks_for_an_item_from_when_it_takes_effect",
        (OK, BEGUN, BEGUN),
        BOTH,
        NEW,
        [(-5, at("a"))],
        ITEMS | {"B": ITEMS["B"] | {"effective_from": 0}},
    ),
    Clause(
        "curriculum_asks_for_an_item_through_its_last_day",
        (BEGUN, BEGUN, OK),
        BOTH,
        NEW,
        [(-5, at("a"))],
        ITEMS | {"B": ITEMS["B"] | {"effective_to": 0}},
    ),
    Clause(
        "curriculum_without_an_item_in_force_has_no_row",
        (NONE, NOT, NOT),
        {"items": ("A",)},
        NEW,
        (),
        {"A": ITEMS["A"] | {"effective_from": 0}},
    ),
    Clause(
        "curriculum_runs_out_with_its_first_item_and_has_its_own_grace",
        (SOON, SOON, GRACE),
        BOTH | {"grace_days": 1},
        NEW,
        [(-12, at("a")), (-10, at("a")), (-6, at("b")), (-5, at("b"))],
        ITEMS | {"A": ITEMS["A"] | {"validity_days": 10, "grace_days": 9}},
        shows={"completed_at": -5, "expires_at": 0, "first_completed_at": -6},
    ),
    Clause(
        "curriculum_is_due_by_its_own_base",
        (NOT, NOT, OVER),
        {"items": ("A",), "initial_days": 20},
        NEW,
        (),
        ITEMS,
        shows={"due_date": 0},
    ),
    Clause(
        "curriculum_takes_an_item_that_applies_as_it_stands_there",
        (OK,) * 3,
        {"items": ("A",)},
        NEW,
        [(-30, at("a"))],
        {"A": ITEMS["A"] | {"look_back_days": 10}},
    ),
    Clause(
        "curriculum_counts_an_item_that_does_not_apply_by_its_own_look_back",
        (OK,) * 3,
        {"items": ("A",), "look_back_days": 10},
        NEW,
        [(-30, at("a"))],
        {"A": ITEMS["A"] | {"audience": Audience(job_code=("J9",))}},
    ),
    Clause(
        "curriculum_counts_such_an_item_not_a_day_earlier",
        (NOT,) * 3,
        {"items": ("A",), "look_back_days": 10},
        NEW,
        [(-31, at("a"))],
        {"A": ITEMS["A"] | {"audience": Audience(job_code=("J9",))}},
    ),
    Clause(
        "curriculum_does_not_ask_for_an_item_one_is_exempt_from",
        (BEGUN, OK, BEGUN),
        BOTH,
        NEW,
        [(-5, at("a"))],
        ITEMS,
        exempt=[("B", 0, 0)],
    ),
    Clause(
        "curriculum_of_nothing_but_exempt_items_is_exempt",
        (NOT, EXEMPT, NOT),
        {"items": ("A",)},
        NEW,
        (),
        ITEMS,
        exempt=[("A", 0, 0)],
    ),
    # -- recurrence
    Clause(
        "recurrence_by_calendar_after_a_first_due_date_by_entry",
        (NOT, SOON, SOON),
        {"recurrence": "calendar", "calendar_basis": -50, "validity_days": 60},
        NEW,
        [(0, at("it"))],
        shows={"due_date": 10, "expires_at": 69},
    ),
    Clause(
        "recurrence_by_calendar_holds_to_the_end_of_the_period_after_its_own",
        (SOON, SOON, OUT),
        {"recurrence": "calendar", "calendar_basis": -99, "validity_days": 50},
        facts=[(-50, at("it"))],
        shows={"expires_at": 0},
    ),
    Clause(
        "recurrence_by_event_after_a_first_due_date_by_calendar",
        (SOON, SOON, OUT),
        {"basis": "calendar", "recurrence": "event"}
        | {"calendar_basis": -99, "validity_days": 50},
        facts=[(-50, at("it"))],
        shows={"expires_at": 0},
    ),
    # -- early renewal
    Clause(
        "early_renewal_from_the_first_day_of_its_window",
        (SOON, SOON, OUT),
        YEAR,
        facts=[(-200, at("it")), (-110, at("it"))],
        shows={"completed_at": -110, "expires_at": 0},
    ),
    Clause(
        "early_renewal_not_a_day_before_its_window",
        (OUT,) * 3,
        YEAR,
        facts=[(-200, at("it")), (-111, at("it"))],
        shows={"expires_at": -11},
    ),
    Clause(
        "early_renewal_through_the_last_good_day",
        (SOON, SOON, OUT),
        YEAR,
        facts=[(-200, at("it")), (-100, at("it"))],
        shows={"expires_at": 0},
    ),
    Clause(
        "early_renewal_not_after_it",
        (SOON, SOON, SOON),
        YEAR,
        facts=[(-200, at("it")), (-99, at("it"))],
        shows={"expires_at": 1},
    ),
    Clause(
        "early_renewal_is_never_for_less",
        (SOON, SOON, OUT),
        YEAR,
        facts=[(-200, at("it")), (-105, at("it")), (-103, at("it"))],
        shows={"completed_at": -103, "expires_at": 0},
    ),
    Clause(
        "early_renewal_goes_on_from_renewal_to_renewal",
        (SOON, SOON, OUT),
        YEAR,
        facts=[(-300, at("it")), (-205, at("it")), (-108, at("it"))],
        shows={"expires_at": 0},
    ),
    Clause(
        "early_renewal_starts_when_both_halves_are_there",
        (SOON, SOON, OUT),
        YEAR | {"satisfied_by": "completed_and_passed"},
        facts=[(-290, at("it")), (-200, at("it", verb=PASSED)), (-108, at("it"))],
        shows={"expires_at": 0, "first_completed_at": -200},
    ),
    # -- satisfied, effective_to
    Clause(
        "satisfied_is_the_verb_of_the_lms",
        (NOT, OK, OK),
        {"satisfied_by": "satisfied"},
        NEW,
        [(0, at("it", verb=SATISFIED))],
    ),
    Clause(
        "satisfied_is_neither_completed_nor_passed",
        (BEGUN,) * 3,
        {"satisfied_by": "satisfied"},
        NEW,
        [(-5, at("it")), (-4, at("it", verb=PASSED, success=True))],
    ),
    Clause("effective_to_is_the_last_day", (NOT, NOT, NONE), {"effective_to": 0}, NEW),
]

# -- published examples (workforce-and-compliance.md)
MARCH = {"basis": "calendar", "calendar_basis": date(2017, 3, 5), "validity_days": 365}
PUBLISHED = [
    Clause(
        "thirty_days_from_hire_2017_06_01",
        (None,) * 3,
        {"basis": "hire", "effective_from": date(2017, 1, 1)},
        ({"hire_date": date(2017, 6, 1), "effective_date": date(2017, 6, 1)},),
    ),
    Clause(
        "periods_of_365_days_from_2017_03_05",
        (None,) * 3,
        MARCH | {"initial_days": 0, "effective_from": date(2017, 3, 5)},
        ({"hire_date": date(2017, 1, 1), "effective_date": date(2017, 1, 1)},),
        [("2018-12-24T12:00:00+00:00", {})],  # late, inside the second period
    ),
    Clause(
        "the_later_of_hire_and_basis_date",
        (None,) * 3,
        MARCH | {"initial_days": 0, "effective_from": date(2017, 3, 5)},
        ({"hire_date": date(2018, 4, 1), "effective_date": date(2018, 4, 1)},),
    ),
]
SAYS = [
    ("thirty_days_from_hire_2017_06_01", "2017-07-01", "NOT_STARTED", "2017-07-01"),
    ("thirty_days_from_hire_2017_06_01", "2017-07-02", "OVERDUE", "2017-07-01"),
    ("periods_of_365_days_from_2017_03_05", "2018-03-04", "NOT_STARTED", "2018-03-04"),
    ("periods_of_365_days_from_2017_03_05", "2018-03-05", "OVERDUE", "2018-03-04"),
    ("periods_of_365_days_from_2017_03_05", "2018-12-23", "OVERDUE", "2018-03-04"),
    ("periods_of_365_days_from_2017_03_05", "2018-12-24", "COMPLIANT", "2018-03-04"),
    ("periods_of_365_days_from_2017_03_05", "2020-03-03", "EXPIRING", "2018-03-04"),
    ("periods_of_365_days_from_2017_03_05", "2020-03-04", "EXPIRED", "2018-03-04"),
    ("the_later_of_hire_and_basis_date", "2019-03-04", "NOT_STARTED", "2019-03-04"),
    ("the_later_of_hire_and_basis_date", "2019-03-05", "OVERDUE", "2019-03-04"),
]


@pytest.fixture(scope="module")
def world() -> Clauses:
    return Clauses([*CLAUSES, *PUBLISHED])


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.name)
def test_clause(world: Clauses, clause: Clause) -> None:
    world.check(clause)


@pytest.mark.parametrize(("name", "asked", "status", "due"), SAYS)
def test_published(
    world: Clauses, name: str, asked: str, status: str, due: str
) -> None:
    row = world.answer(name, date.fromisoformat(asked))
    assert row is not None
    assert (row["status"], row["due_date"].isoformat()) == (status, due)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_plain_model_says_the_same_of_all_of_them(
    world: Clauses, offset: int
) -> None:
    assert world.disagreements(day(offset)) == []
