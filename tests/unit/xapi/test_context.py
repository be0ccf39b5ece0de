"""Tests of lrs.xapi.context."""

import pytest

from lrs.xapi.statement import validate
from lrs.xapi.versions import Version

from .samples import ANNA, ID, TEAM, a_statement, a_substatement


def paths(context, version=Version.V2_0_0, **changes):
    statement = a_statement(context=context, **changes)
    return [violation.path for violation in validate(statement, version)]


def test_context_activities_may_be_one_activity_or_an_array():
    one = {"id": "http://example.com/course"}
    assert paths({"contextActivities": {"parent": one, "other": [one, one]}}) == []


@pytest.mark.parametrize(
    ("context", "path"),
    [
        ({"registration": "x"}, "registration"),
        ({"instructor": "x"}, "instructor"),
        ({"team": ANNA}, "team.objectType"),
        ({"language": "something"}, "language"),
        ({"revision": 1}, "revision"),
        ({"platform": {}}, "platform"),
        (
            {"statement": {"objectType": "statementRef", "id": ID}},
            "statement.objectType",
        ),
        ({"statement": {"id": ID}}, "statement.objectType"),
        ({"extensions": {"a": 1}}, "extensions"),
        ({"contextActivities": []}, "contextActivities"),
        ({"contextActivities": {"Parent": []}}, "contextActivities"),
        ({"contextActivities": {"parent": "x"}}, "contextActivities.parent"),
        ({"contextActivities": {"parent": {}}}, "contextActivities.parent.id"),
        (
            {"contextActivities": {"parent": [{"id": "x"}]}},
            "contextActivities.parent[0].id",
        ),
        (
            {"contextActivities": {"parent": [{"id": "a:b", "objectType": "Agent"}]}},
            "contextActivities.parent[0].objectType",
        ),
    ],
)
def test_the_path_names_what_is_wrong(context, path):
    assert [*paths(context)] == [f"context.{path}"]


@pytest.mark.parametrize("name", ["revision", "platform"])
@pytest.mark.parametrize(
    "target", [ANNA, TEAM, {"objectType": "StatementRef", "id": ID}]
)
def test_revision_and_platform_need_an_activity(name, target):
    assert paths({name: "x"}, object=target) == [f"context.{name}"]
    inner = a_substatement(object=target, context={name: "x"})
    assert paths({}, object=inner) == [f"object.context.{name}"]


def a_context_agent(**changes):
    return {"objectType": "contextAgent", "agent": ANNA, **changes}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([a_context_agent()], []),
        ([a_context_agent(relevantTypes=["a:b"])], []),
        ([a_context_agent(relevantTypes=[])], ["[0].relevantTypes"]),
        ([a_context_agent(relevantTypes=["abc"])], ["[0].relevantTypes[0]"]),
        ([a_context_agent(objectType="Agent")], ["[0].objectType"]),
        ([a_context_agent(agent={"key": 1})], ["[0].agent", "[0].agent"]),
        ([a_context_agent(agent=TEAM)], ["[0].agent.objectType", "[0].agent"]),
        ([{"objectType": "contextAgent"}], ["[0].agent"]),
        ([{"agent": ANNA}], ["[0].objectType"]),
        (a_context_agent(), [""]),
    ],
)
def test_rules_of_context_agents(value, expected):
    found = paths({"contextAgents": value})
    assert found == [f"context.contextAgents{path}" for path in expected]


def test_rules_of_context_groups():
    good = {"objectType": "contextGroup", "group": TEAM}
    assert paths({"contextGroups": [good]}) == []
    assert paths({"contextGroups": [{**good, "group": ANNA}]}) == [
        "context.contextGroups[0].group.objectType"
    ]


@pytest.mark.parametrize("name", ["contextAgents", "contextGroups"])
def test_context_agents_and_groups_are_unknown_to_1_0_3(name):
    assert paths({name: []}, Version.V1_0_3) == ["context"]
    assert paths({name: []}, Version.V2_0_0) == []
