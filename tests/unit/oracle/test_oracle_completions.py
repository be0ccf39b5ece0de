"""Which Statements complete a requirement, and until when."""

import pytest

from tests.oracle.builders import (
    DRILL,
    FIRE,
    a_fact,
    a_requirement,
    ask,
    on,
    one,
    status,
)
from tests.oracle.completion import COMPLETED, PASSED
from tests.oracle.inputs import Requirement, Void

EXPERIENCED = "http://adlnet.gov/expapi/verbs/experienced"
FAILED = "http://adlnet.gov/expapi/verbs/failed"


def counts(satisfied_by: str, *facts, **changes) -> bool:
    requirement = a_requirement(satisfied_by=satisfied_by, **changes)
    return status("2024-01-31", requirements=requirement, facts=facts) == "COMPLIANT"


@pytest.mark.parametrize(
    ("verb", "result", "completed", "passed"),
    [
        (COMPLETED, {}, True, False),
        (COMPLETED, {"completion": False}, True, False),
        (PASSED, {}, False, True),
        (PASSED, {"success": False}, False, True),
        (EXPERIENCED, {"completion": True}, True, False),
        (EXPERIENCED, {"success": True}, False, True),
        (EXPERIENCED, {"completion": True, "success": True}, True, True),
        (COMPLETED, {"success": True}, True, True),
        (FAILED, {"success": False, "completion": False}, False, False),
        (EXPERIENCED, {}, False, False),
    ],
)
def test_a_verb_or_a_result_completes_and_passes(verb, result, completed, passed):
    fact = a_fact("2024-01-10", verb=verb, **result)
    assert counts("completed", fact) is completed
    assert counts("passed", fact) is passed
    assert counts("completed_or_passed", fact) is (completed or passed)
    assert counts("completed_and_passed", fact) is (completed and passed)


def test_the_halves_of_completed_and_passed_may_be_two_statements():
    halves = [
        a_fact("2024-01-10", "done", verb=COMPLETED),
        a_fact("2024-01-20", "pass", verb=PASSED),
    ]
    requirement = a_requirement(satisfied_by="completed_and_passed")
    row = one("2024-01-31", requirements=requirement, facts=halves)
    assert row["completed_at"] == on("2024-01-20")
    assert row["expires_at"] == on("2025-01-19")
    assert row["statement_id"] == "pass"


def test_the_latest_of_each_half_counts():
    facts = [
        a_fact("2024-01-05", "pass", verb=PASSED),
        a_fact("2024-01-10", "done", verb=COMPLETED),
        a_fact("2024-01-20", "again", verb=COMPLETED),
    ]
    requirement = a_requirement(satisfied_by="completed_and_passed")
    row = one("2024-01-31", requirements=requirement, facts=facts)
    assert (row["completed_at"], row["statement_id"]) == (on("2024-01-20"), "again")


def test_one_half_alone_is_progress():
    requirement = a_requirement(satisfied_by="completed_and_passed")
    row = one("2024-01-31", requirements=requirement, facts=[a_fact("2024-01-10")])
    assert row["status"] == "IN_PROGRESS"
    assert (row["completed_at"], row["statement_id"]) == (None, None)


def test_a_half_before_the_days_that_count_does_not():
    halves = [a_fact("2023-12-31", "a"), a_fact("2024-01-10", "b", verb=PASSED)]
    assert not counts("completed_and_passed", *halves)
    assert counts("completed_and_passed", *halves, look_back_days=1)


def test_failed_then_passed_counts():
    facts = [
        a_fact("2024-01-10", "a", verb=FAILED, success=False),
        a_fact("2024-01-11", "b", verb=PASSED, success=True),
    ]
    assert counts("passed", *facts)


def test_passed_then_failed_still_counts():
    facts = [
        a_fact("2024-01-10", "a", verb=PASSED, success=True),
        a_fact("2024-01-11", "b", verb=FAILED, success=False),
    ]
    assert counts("passed", *facts)


@pytest.mark.parametrize(
    ("scaled", "enough"), [(0.8, True), (0.79, False), (1.0, True), (None, False)]
)
@pytest.mark.parametrize("satisfied_by", ["completed", "passed", "completed_or_passed"])
def test_min_score_binds_completions_and_passes(satisfied_by, scaled, enough):
    fact = a_fact("2024-01-10", success=True, scaled=scaled)
    assert counts(satisfied_by, fact, min_score=0.8) is enough


def test_min_score_binds_both_halves():
    done = a_fact("2024-01-10", "a", scaled=0.9)
    unscored = a_fact("2024-01-10", "a")
    passed = a_fact("2024-01-11", "b", verb=PASSED, scaled=0.8)
    assert counts("completed_and_passed", done, passed, min_score=0.8)
    assert not counts("completed_and_passed", unscored, passed, min_score=0.8)


def test_a_later_statement_without_the_score_does_not_hide_an_earlier_with_it():
    facts = [
        a_fact("2024-01-10", "good", scaled=0.9),
        a_fact("2024-01-20", "poor", scaled=0.1),
    ]
    requirement = a_requirement(min_score=0.8)
    row = one("2024-01-31", requirements=requirement, facts=facts)
    assert row["statement_id"] == "good"


@pytest.mark.parametrize(
    ("day", "look_back", "inside"),
    [
        ("2023-12-31", 0, False),
        ("2024-01-01", 0, True),
        ("2023-10-03", 90, True),
        ("2023-10-02", 90, False),
        ("2024-01-31", 0, True),
        ("2024-02-01", 0, False),
    ],
)
def test_a_completion_counts_from_base_minus_look_back_to_as_of(day, look_back, inside):
    assert counts("completed", a_fact(day), look_back_days=look_back) is inside


def test_a_voided_statement_neither_counts_nor_is_progress():
    voids = [Void(target_id="s1", recorded=1)]
    assert status("2024-01-10", facts=[a_fact("2024-01-05")], voids=voids) == (
        "NOT_STARTED"
    )


def test_when_the_latest_is_voided_the_one_before_counts():
    facts = [a_fact("2024-01-05", "a"), a_fact("2024-01-08", "b")]
    voids = [Void(target_id="b", recorded=1)]
    row = one("2024-01-10", facts=facts, voids=voids)
    assert (row["completed_at"], row["statement_id"]) == (on("2024-01-05"), "a")


@pytest.mark.parametrize("activity_id", [None, DRILL])
def test_only_a_statement_on_an_activity_of_the_requirement_counts(activity_id):
    facts = [a_fact("2024-01-05", activity_id=activity_id)]
    assert status("2024-01-10", facts=facts) == "NOT_STARTED"


def test_any_of_the_activities_will_do():
    facts = [a_fact("2024-01-05", activity_id=DRILL)]
    requirement = a_requirement(activities=(FIRE, DRILL))
    assert status("2024-01-10", requirements=requirement, facts=facts) == "COMPLIANT"


def test_the_latest_completion_counts():
    facts = [
        a_fact("2024-01-20", "b", stored=1),
        a_fact("2024-01-05", "a", stored=2),
    ]
    row = one("2024-01-31", facts=facts)
    assert (row["completed_at"], row["statement_id"]) == (on("2024-01-20"), "b")
    assert row["expires_at"] == on("2025-01-19")


def test_as_of_an_earlier_day_the_completion_of_then_counts():
    facts = [a_fact("2024-01-05", "a"), a_fact("2024-01-20", "b")]
    assert one("2024-01-19", facts=facts)["statement_id"] == "a"


def test_without_validity_a_completion_never_expires():
    requirement = a_requirement(validity_days=None)
    row = one("2044-01-01", requirements=requirement, facts=[a_fact("2024-01-05")])
    assert (row["status"], row["expires_at"]) == ("COMPLIANT", None)
    assert row["completed_at"] == on("2024-01-05")


def test_all_of_wants_every_activity():
    requirement = a_requirement(all_of=(FIRE, DRILL))
    both = [a_fact("2024-01-05", "a"), a_fact("2024-01-20", "b", activity_id=DRILL)]
    half = one("2024-01-19", requirements=requirement, facts=both)
    whole = one("2024-01-20", requirements=requirement, facts=both)
    assert (half["status"], half["completed_at"]) == ("IN_PROGRESS", None)
    assert whole["status"] == "COMPLIANT"


def test_all_of_is_completed_with_the_latest_and_expires_with_the_earliest():
    requirement = a_requirement(all_of=(FIRE, DRILL))
    facts = [a_fact("2024-01-05", "a"), a_fact("2024-01-20", "b", activity_id=DRILL)]
    row = one("2025-01-04", requirements=requirement, facts=facts)
    assert row["completed_at"] == on("2024-01-20")
    assert row["expires_at"] == on("2025-01-04")
    assert (row["status"], row["statement_id"]) == ("EXPIRING", "b")
    assert status("2025-01-05", requirements=requirement, facts=facts) == "EXPIRED"


def test_all_of_with_both_halves_wants_them_of_each_activity():
    requirement = a_requirement(
        all_of=(FIRE, DRILL), satisfied_by="completed_and_passed"
    )
    facts = [
        a_fact("2024-01-05", "a", success=True),
        a_fact("2024-01-06", "b", activity_id=DRILL),
    ]
    passed = a_fact("2024-01-07", "c", activity_id=DRILL, verb=PASSED)
    given = {"requirements": requirement}
    assert status("2024-01-10", facts=facts, **given) == "IN_PROGRESS"
    assert status("2024-01-10", facts=[*facts, passed], **given) == "COMPLIANT"


def test_halves_on_two_of_several_activities_make_a_whole():
    halves = [
        a_fact("2024-01-05", "a"),
        a_fact("2024-01-06", "b", activity_id=DRILL, verb=PASSED),
    ]
    requirement = a_requirement(
        activities=(FIRE, DRILL), satisfied_by="completed_and_passed"
    )
    assert status("2024-01-10", requirements=requirement, facts=halves) == "COMPLIANT"


@pytest.mark.parametrize("changes", [{"all_of": ("x",)}, {"activities": ()}])
def test_a_requirement_has_activities_or_all_of(changes):
    values = {"code": "A", "title": "A", "activities": ("y",)} | changes
    with pytest.raises(ValueError, match="give activities, all_of, any_of or items"):
        Requirement(**values, effective_from=on("2024-01-01"))


def test_a_calendar_needs_the_length_of_its_periods():
    with pytest.raises(ValueError, match="validity_days"):
        a_requirement(basis="calendar", calendar_basis="2024-01-01", validity_days=None)


def test_an_unknown_satisfied_by_is_refused():
    with pytest.raises(ValueError, match="attended"):
        ask("2024-01-10", requirements=a_requirement(satisfied_by="attended"))


@pytest.mark.parametrize(
    ("facts", "changes", "expected"),
    [
        ([("2024-01-10", {}), ("2024-01-20", {})], {}, "2024-01-10"),
        ([("2023-12-31", {}), ("2024-01-20", {})], {}, "2024-01-20"),
        ([("2023-12-31", {})], {"look_back_days": 1}, "2023-12-31"),
        ([("2024-01-10", {})], {"validity_days": 1}, "2024-01-10"),  # ran out
        (
            [("2024-01-10", {}), ("2024-01-20", {"verb": PASSED})],
            {"satisfied_by": "completed_and_passed"},
            "2024-01-20",
        ),
        (
            [("2024-01-10", {}), ("2024-01-20", {"activity_id": DRILL})],
            {"all_of": (FIRE, DRILL), "validity_days": 5},
            "2024-01-20",
        ),
        ([("2024-01-10", {})], {"all_of": (FIRE, DRILL)}, None),
        (
            [("2024-01-10", {"scaled": 0.7}), ("2024-01-20", {"scaled": 0.8})],
            {"min_score": 0.8},
            "2024-01-20",
        ),
    ],
)
def test_the_first_day_is_that_on_which_all_had_been_done(facts, changes, expected):
    row = one(
        "2024-01-31",
        requirements=a_requirement(**changes),
        facts=[a_fact(day, f"s{n}", **more) for n, (day, more) in enumerate(facts)],
    )
    assert row["first_completed_at"] == (expected and on(expected))
