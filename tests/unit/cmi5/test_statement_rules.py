"""Tests of lrs.cmi5.statement_rules: each rule broken alone, beside a neighbour."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lrs.cmi5 import vocabulary as words
from lrs.cmi5.statement_rules import review, validate
from lrs.xapi import statement as xapi
from lrs.xapi.versions import Version
from tests.cmi5_builders import (
    ABSENT,
    VERBS,
    a_cmi5_statement,
    a_session,
    an_allowed_statement,
    extension,
)

CATEGORY = "context/contextActivities/category"
GROUPING = "context/contextActivities/grouping"
MODE = extension("context", words.LAUNCH_MODE)
URL = extension("context", words.LAUNCH_URL)
MOVE_ON = extension("context", words.MOVE_ON)
MASTERY = extension("context", words.MASTERY_SCORE)
PARAMETERS = extension("context", words.LAUNCH_PARAMETERS)
PROGRESS = extension("result", words.PROGRESS)
REASON = extension("result", words.REASON)
DEFINED = {"id": words.DEFINED}
JUDGED = {"id": words.MOVE_ON_CATEGORY}
OTHER = {"id": "https://w3id.org/xapi/video"}
BY_MBOX = {"mbox": "mailto:ann@example.com"}
ACCOUNT = {"homePage": "https://lms.example.com", "name": "1"}
A_REF = {"objectType": "StatementRef", "id": "9c5a3a5e-33d3-4d4c-9d1e-0a8a0a9d7a02"}


def at(path: str) -> str:
    """Return a change's path as a Violation writes it."""
    plain, bracket, name = path.partition("/[")
    return plain.replace("/", ".") + (f'["{name[:-1]}"]' if bracket else "")


def told(statement: dict[str, Any]) -> list[tuple[str, str]]:
    assert xapi.validate(statement, Version.V1_0_3) == []
    return [(item.path, item.rule) for item in validate(statement)]


# verb, what is changed, where it is told, which section
BROKEN: list[tuple[str, dict[str, Any], str, str]] = [
    # 7: one of the nine verbs
    ("initialized", {"verb/id": "http://x.example/played"}, "verb.id", "9.3"),
    ("initialized", {"verb/id": VERBS["passed"].upper()}, "verb.id", "9.3"),
    (
        "initialized",
        {"verb/id": "http://adlnet.gov/expapi/verbs/abandoned"},  # not of ADL's
        "verb.id",
        "9.3",
    ),
    # 8: an Agent with an account
    ("initialized", {"actor": BY_MBOX}, "actor.account", "9.2"),
    (
        "initialized",
        {"actor": {"objectType": "Group", "account": ACCOUNT}},
        "actor.objectType",
        "9.2",
    ),
    # 9: an Activity; for satisfied a block or course
    ("initialized", {"object": A_REF}, "object.objectType", "9.4"),
    ("satisfied", {"object": A_REF}, "object.objectType", "9.4"),
    ("satisfied", {"object/definition": ABSENT}, "object.definition.type", "9.4"),
    ("satisfied", {"object/definition": {}}, "object.definition.type", "9.4"),
    (
        "satisfied",
        {"object/definition/type": "http://adlnet.gov/expapi/activities/course"},
        "object.definition.type",
        "9.4",
    ),
    # 10: the score
    ("completed", {"result/score": {"scaled": 0}}, "result.score", "9.5.1"),
    ("completed", {"result/score": {}}, "result.score", "9.5.1"),
    ("terminated", {"result/score": {"scaled": 1}}, "result.score", "9.5.1"),
    ("waived", {"result/score": {"scaled": 1}}, "result.score", "9.5.1"),
    ("passed", {"result/score": {"scaled": -0.01}}, "result.score.scaled", "9.5.1"),
    (
        "failed",
        {"result/score": {"scaled": Decimal("-1E-9")}},
        "result.score.scaled",
        "9.5.1",
    ),
    ("passed", {"result/score": {"raw": 0, "max": 1}}, "result.score.min", "9.5.1"),
    ("passed", {"result/score": {"raw": 0, "min": 0}}, "result.score.max", "9.5.1"),
    # 11: success
    ("passed", {"result/success": False}, "result.success", "9.5.2"),
    ("failed", {"result/success": True}, "result.success", "9.5.2"),
    ("waived", {"result/success": False}, "result.success", "9.5.2"),
    ("waived", {"result/success": ABSENT}, "result.success", "9.5.2"),
    ("completed", {"result/success": True}, "result.success", "9.5.2"),
    # 12: completion
    ("completed", {"result/completion": False}, "result.completion", "9.5.3"),
    ("waived", {"result/completion": ABSENT}, "result.completion", "9.5.3"),
    ("waived", {"result/completion": False}, "result.completion", "9.5.3"),
    ("passed", {"result/completion": True}, "result.completion", "9.5.3"),
    ("failed", {"result/completion": False}, "result.completion", "9.5.3"),
    # 13: the duration
    ("terminated", {"result": ABSENT}, "result.duration", "9.5.4.1"),
    ("completed", {"result/duration": ABSENT}, "result.duration", "9.5.4.1"),
    ("passed", {"result/duration": ABSENT}, "result.duration", "9.5.4.1"),
    ("failed", {"result/duration": ABSENT}, "result.duration", "9.5.4.1"),
    ("abandoned", {"result": ABSENT}, "result.duration", "9.5.4.2"),
    # 14: the moveOn category
    ("passed", {CATEGORY: [DEFINED]}, at(CATEGORY), "9.6.2.2"),
    ("failed", {CATEGORY: DEFINED}, at(CATEGORY), "9.6.2.2"),
    ("completed", {CATEGORY: [OTHER, DEFINED]}, at(CATEGORY), "9.6.2.2"),
    ("waived", {CATEGORY: [DEFINED]}, at(CATEGORY), "9.6.2.2"),
    ("initialized", {CATEGORY: [DEFINED, JUDGED]}, at(CATEGORY), "9.6.2.2"),
    ("terminated", {CATEGORY: [JUDGED, DEFINED]}, at(CATEGORY), "9.6.2.2"),
    # 15: the progress
    ("terminated", {PROGRESS: -1}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: 101}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: 50.5}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: True}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: "50"}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: None}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: [50]}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: {}}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: Decimal("1E400")}, at(PROGRESS), "9.5.5.1"),
    ("terminated", {PROGRESS: Decimal("-1E400")}, at(PROGRESS), "9.5.5.1"),
    # 16: the reason
    ("waived", {REASON: ABSENT}, at(REASON), "9.5.5.2"),
    ("waived", {"result/extensions": ABSENT}, at(REASON), "9.5.5.2"),
    ("waived", {REASON: None}, at(REASON), "9.5.5.2"),
    ("waived", {REASON: ["Administrative"]}, at(REASON), "9.5.5.2"),
    # 17: the launch data
    ("launched", {MODE: ABSENT}, at(MODE), "9.6.3.3"),
    ("launched", {MODE: "normal"}, at(MODE), "9.6.3.3"),
    ("launched", {MODE: ["Normal"]}, at(MODE), "9.6.3.3"),
    ("launched", {URL: ABSENT}, at(URL), "9.6.3.4"),
    ("launched", {URL: "/fire/index.html"}, at(URL), "9.6.3.4"),
    ("launched", {URL: {}}, at(URL), "9.6.3.4"),
    ("launched", {MOVE_ON: ABSENT}, at(MOVE_ON), "9.6.3.6"),
    ("launched", {MOVE_ON: "Waived"}, at(MOVE_ON), "9.6.3.6"),
    ("launched", {MOVE_ON: {"a": 1}}, at(MOVE_ON), "9.6.3.6"),
    ("launched", {MASTERY: 1.01}, at(MASTERY), "9.6.3.2"),
    ("launched", {MASTERY: "0.5"}, at(MASTERY), "9.6.3.2"),
    ("launched", {MASTERY: True}, at(MASTERY), "9.6.3.2"),
    ("launched", {MASTERY: None}, at(MASTERY), "9.6.3.2"),
    ("launched", {PARAMETERS: {"a": 1}}, at(PARAMETERS), "9.6.3.7"),
    # 18: the publisher id
    *(
        (verb, {GROUPING: value}, at(GROUPING), "9.6.2.3")
        for verb in ("launched", "abandoned", "waived", "satisfied")
        for value in (ABSENT, [])
    ),
]

VALID: list[tuple[str, dict[str, Any]]] = [
    *((verb, {}) for verb in VERBS),
    # 8, 9
    ("initialized", {"actor": {"account": ACCOUNT}}),
    ("initialized", {"actor/name": "Ann"}),
    ("satisfied", {"object/definition/type": words.BLOCK}),
    ("initialized", {"object/objectType": ABSENT}),
    # 10: by value; 0 is a value
    ("passed", {"result/score": ABSENT}),
    ("passed", {"result/score": {}}),
    ("passed", {"result/score": {"scaled": Decimal("1.0")}}),
    ("passed", {"result/score": {"raw": 1e2, "min": Decimal(0), "max": 100}}),
    ("failed", {"result/score": {"raw": -5, "min": -10, "max": 0}}),
    ("failed", {"result/score": {"min": 0, "max": 10}}),
    # 13: others may have it
    ("waived", {"result/duration": "PT0S"}),
    ("satisfied", {"result": {"duration": "PT1S"}}),
    ("initialized", {"result": {}}),
    # 14: wherever it stands
    ("passed", {CATEGORY: [JUDGED, OTHER, DEFINED]}),
    ("initialized", {CATEGORY: DEFINED}),
    # 15: an integer, however it is written
    ("terminated", {PROGRESS: 0}),
    ("terminated", {PROGRESS: 100}),
    ("terminated", {PROGRESS: 100.0}),
    ("terminated", {PROGRESS: Decimal("1E2")}),
    ("failed", {PROGRESS: 40}),
    # 16, 17
    ("waived", {REASON: ""}),
    ("terminated", {REASON: 1}),
    ("launched", {MODE: "Browse"}),
    ("launched", {MODE: "Review", MOVE_ON: "NotApplicable"}),
    ("launched", {MASTERY: ABSENT, PARAMETERS: ABSENT}),
    ("launched", {MASTERY: Decimal(1)}),
    ("initialized", {MODE: 1, MASTERY: "x"}),
    # 18
    ("launched", {GROUPING: {"id": "https://publisher.example.com/au"}}),
    ("initialized", {GROUPING: ABSENT}),
]


def label(value: object) -> str:
    return "" if not isinstance(value, str) else value


@pytest.mark.parametrize(("verb", "changes", "path", "section"), BROKEN, ids=label)
def test_a_rule_broken_alone_is_told_alone(
    verb: str, changes: dict[str, Any], path: str, section: str
) -> None:
    statement = a_cmi5_statement(verb, changes)
    assert told(statement) == [(path, f"cmi5:{section}")]


@pytest.mark.parametrize(("verb", "changes"), VALID, ids=label)
def test_its_valid_neighbour_breaks_none(verb: str, changes: dict[str, Any]) -> None:
    statement = a_cmi5_statement(verb, changes)
    assert told(statement) == []
    assert review(statement) == []


@pytest.mark.parametrize(
    ("verb", "changes", "path", "section"),
    [case for case in BROKEN if CATEGORY not in case[1]],
    ids=label,
)
def test_a_statement_that_cmi5_allows_is_not_judged(
    verb: str, changes: dict[str, Any], path: str, section: str
) -> None:
    for category in (ABSENT, [], [OTHER], OTHER):
        statement = a_cmi5_statement(verb, {**changes, CATEGORY: category})
        assert review(statement) == [], (path, section)


@pytest.mark.parametrize("category", [JUDGED, [JUDGED], [OTHER, JUDGED]])
def test_only_defined_statements_have_the_move_on_category(category: Any) -> None:
    statement = an_allowed_statement({CATEGORY: category})
    assert told(statement) == [(at(CATEGORY), "cmi5:9.6.2.2")]


@pytest.mark.parametrize("name", ["grouping", "parent", "other"])
def test_the_categories_count_in_the_category_list_only(name: str) -> None:
    path = f"context/contextActivities/{name}"
    assert told(an_allowed_statement({path: [DEFINED, JUDGED]})) == []
    without = a_cmi5_statement("passed", {CATEGORY: [DEFINED], path: [JUDGED]})
    assert told(without) == [(at(CATEGORY), "cmi5:9.6.2.2")]


@pytest.mark.parametrize("context", [ABSENT, {}, {"contextActivities": {}}])
def test_a_statement_without_categories_is_not_judged(context: Any) -> None:
    assert told(a_cmi5_statement("passed", {"context": context, "result": {}})) == []


def test_the_category_of_a_substatement_defines_nothing() -> None:
    inner = a_cmi5_statement("passed", {"result": ABSENT, "id": ABSENT})
    inner["objectType"] = "SubStatement"
    assert told(an_allowed_statement({"object": inner})) == []


def test_all_that_is_broken_is_told_at_once() -> None:
    statement = a_cmi5_statement(
        "passed",
        {
            "actor": BY_MBOX,
            "result": {"completion": True, "score": {"scaled": -1, "raw": 5}},
            CATEGORY: [DEFINED],
        },
    )
    assert sorted(told(statement)) == [
        ("actor.account", "cmi5:9.2"),
        (at(CATEGORY), "cmi5:9.6.2.2"),
        ("result.completion", "cmi5:9.5.3"),
        ("result.duration", "cmi5:9.5.4.1"),
        ("result.score.max", "cmi5:9.5.1"),
        ("result.score.min", "cmi5:9.5.1"),
        ("result.score.scaled", "cmi5:9.5.1"),
        ("result.success", "cmi5:9.5.2"),
    ]


def test_an_unknown_verb_has_no_score_success_or_completion() -> None:
    statement = a_cmi5_statement("passed", {"verb/id": "http://x.example/won"})
    assert [path for path, _ in told(statement)] == [
        "verb.id",
        "result.score",
        "result.success",
    ]


def test_a_raw_score_out_of_its_bounds_is_told() -> None:
    # Refused as xAPI before cmi5 is asked; the rule stands by itself all the same.
    score = {"raw": Decimal("10.5"), "min": 0, "max": 10}
    statement = a_cmi5_statement("passed", {"result/score": score})
    assert [item.path for item in validate(statement)] == ["result.score.raw"]


def test_a_progress_on_completed_is_advised_against_and_not_refused() -> None:
    statement = a_cmi5_statement("completed", {PROGRESS: 100})
    assert told(statement) == []
    assert [(item.path, item.rule) for item in review(statement)] == [
        (at(PROGRESS), "cmi5:9.5.5.1")
    ]


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "x", [], {}, [[{}]], Decimal("1E999999")]
)
@pytest.mark.parametrize("verb", VERBS)
def test_any_json_in_an_extension_is_judged_without_a_fault(
    verb: str, value: object
) -> None:
    names = (PROGRESS, REASON, MODE, URL, MOVE_ON, MASTERY, PARAMETERS)
    for name in names:
        review(a_cmi5_statement(verb, {name: value}))


def test_messages_are_sentences_without_content() -> None:
    for verb, changes, _, _ in BROKEN:
        for item in validate(a_cmi5_statement(verb, changes)):
            assert item.message.endswith(".")
            assert "example" not in item.message


def test_a_whole_session_breaks_no_rule() -> None:
    for statement in a_session():
        assert told(statement) == []
        assert review(statement) == []
