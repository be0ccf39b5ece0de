"""Tests of lrs.xapi.object, activity, statement_ref and verb."""

import pytest

from lrs.xapi.statement import validate
from lrs.xapi.versions import Version

from .samples import ANNA, ID, TEAM, VOIDED, a_statement, a_substatement


def paths(value, **changes):
    statement = a_statement(object=value, **changes)
    return [violation.path for violation in validate(statement, Version.V1_0_3)]


def an_interaction(**changes):
    return {
        "id": "http://example.com/quiz/1",
        "definition": {"interactionType": "other", **changes},
    }


@pytest.mark.parametrize(
    "value",
    [
        {"id": "http://example.com/x", "definition": {}},
        ANNA,
        TEAM,
        {"objectType": "StatementRef", "id": ID},
        a_substatement(),
        a_substatement(object={"objectType": "StatementRef", "id": ID}),
    ],
)
def test_every_kind_of_object_is_accepted(value):
    assert paths(value) == []


@pytest.mark.parametrize("kind", ["activity", "Statement", None, 1, [], "agent"])
def test_wrong_object_type_is_rejected(kind):
    assert paths({"id": "http://a.example", "objectType": kind}) == [
        "object.objectType"
    ]


def test_agent_as_object_must_say_that_it_is_one():
    assert "object.id" in paths({"mbox": "mailto:anna@example.com"})


@pytest.mark.parametrize(
    ("interaction", "lists"),
    [
        ("choice", ["choices"]),
        ("sequencing", ["choices"]),
        ("likert", ["scale"]),
        ("matching", ["source", "target"]),
        ("performance", ["steps"]),
        ("true-false", []),
        ("fill-in", []),
        ("long-fill-in", []),
        ("numeric", []),
        ("other", []),
    ],
)
def test_every_interaction_type_is_accepted_with_its_components(interaction, lists):
    components = [{"id": "a"}, {"id": "b", "description": {"en": "B"}}]
    changes = dict.fromkeys(lists, components)
    assert paths(an_interaction(interactionType=interaction, **changes)) == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"interactionType": "Choice"}, "interactionType"),
        ({"interactionType": 1}, "interactionType"),
        ({"correctResponsesPattern": "a"}, "correctResponsesPattern"),
        ({"correctResponsesPattern": [1]}, "correctResponsesPattern[0]"),
        ({"choices": {}}, "choices"),
        ({"choices": [{"id": "a"}, {}]}, "choices[1].id"),
        ({"choices": [{"id": "a"}, {"id": "a"}]}, "choices[1].id"),
        ({"steps": [{"id": 1}]}, "steps[0].id"),
        ({"scale": [{"id": "a", "description": {"e": "x"}}]}, "scale[0].description"),
        ({"name": {"en": 1}}, "name"),
        ({"name": "x"}, "name"),
        ({"type": "x"}, "type"),
        ({"moreInfo": "x"}, "moreInfo"),
        ({"extensions": {"x": 1}}, "extensions"),
        ({"extensions": []}, "extensions"),
    ],
)
def test_the_path_names_what_is_wrong_in_a_definition(changes, path):
    assert paths(an_interaction(**changes)) == [f"object.definition.{path}"]


def test_components_without_interaction_type_are_rejected():
    value = {"id": "http://a.example", "definition": {"choices": [{"id": "a"}]}}
    assert paths(value) == ["object.definition.interactionType"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"objectType": "StatementRef"}, "object.id"),
        ({"objectType": "StatementRef", "id": "x"}, "object.id"),
        ({"objectType": "StatementRef", "id": ID, "name": "x"}, "object"),
        (a_substatement(id=ID), "object.id"),
        (a_substatement(stored="2024-01-01T00:00:00Z"), "object.stored"),
        (a_substatement(version="1.0.0"), "object.version"),
        (a_substatement(authority=ANNA), "object.authority"),
        (a_substatement(object=a_substatement()), "object.object.objectType"),
        (a_substatement(actor={}), "object.actor"),
        (a_substatement(timestamp="x"), "object.timestamp"),
        (
            {"objectType": "SubStatement", "actor": ANNA, "verb": {"id": "a:b"}},
            "object.object",
        ),
        (a_substatement(result={"score": {"raw": "1"}}), "object.result.score.raw"),
        (a_substatement(context={"team": ANNA}), "object.context.team.objectType"),
        (a_substatement(attachments={}), "object.attachments"),
    ],
)
def test_rules_of_references_and_substatements(value, path):
    assert paths(value) == [path]


def test_voiding_needs_a_statement_ref():
    reference = {"objectType": "StatementRef", "id": ID}
    assert paths(reference, verb={"id": VOIDED}) == []
    assert paths({"id": "http://a.example"}, verb={"id": VOIDED}) == ["object"]
    assert paths(a_substatement(), verb={"id": VOIDED}) == ["object"]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ({}, "verb.id"),
        ({"id": "passed"}, "verb.id"),
        ({"id": "a:b", "display": "passed"}, "verb.display"),
        ({"id": "a:b", "display": {"en": None}}, "verb.display"),
        ({"id": "a:b", "Display": {"en": "passed"}}, "verb"),
        ("a:b", "verb"),
    ],
)
def test_rules_of_the_verb(verb, path):
    assert paths({"id": "http://a.example"}, verb=verb) == [path]
