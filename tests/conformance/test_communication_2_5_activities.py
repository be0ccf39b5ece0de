"""xAPI-Communication 2.5: the Activities resource.

XAPI-00250 (activityId is required), XAPI-00253 (GET), XAPI-00254 (all that is known of
the Activity); IEEE 9274.1.1 s43 (also of one that is not known).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.caller import JSON, Lrs, refused, told
from tests.conformance.full_statement import (
    a_statement,
    a_substatement,
    an_activity,
    something,
)


def _activity(lrs: Lrs, activity_id: str) -> dict[str, Any]:
    answer = lrs.ask("GET", "activities", activityId=activity_id)
    assert answer.status_code == 200, told(answer)
    assert answer.headers["Content-Type"] == JSON
    found: dict[str, Any] = answer.json
    assert (found["id"], found["objectType"]) == (activity_id, "Activity")
    return found


@pytest.mark.parametrize("kind", ["choice", "likert", "matching", "performance"])
def test_the_complete_activity_is_returned(lrs: Lrs, kind: str) -> None:
    """XAPI-00253."""
    activity = an_activity(kind) | {"id": something()}
    lrs.store(a_statement(object=activity))
    assert _activity(lrs, activity["id"]) == activity


def test_what_several_statements_say_is_put_together(lrs: Lrs) -> None:
    """XAPI-00254: every language, every property."""
    activity = something()
    said = [
        {"name": {"en": "Ladders"}, "type": "http://types.example.org/a"},
        {"name": {"fr": "Échelles"}, "moreInfo": "http://more.example.org/"},
        {"description": {"en": "All about ladders"}},
        {"extensions": {"http://ext.example.org/x": 1}},
        {"extensions": {"http://ext.example.org/y": 2}},
    ]
    lrs.store(
        *(a_statement(object={"id": activity, "definition": item}) for item in said)
    )
    definition = _activity(lrs, activity)["definition"]
    assert definition["name"] == {"en": "Ladders", "fr": "Échelles"}
    assert definition["description"] == {"en": "All about ladders"}
    assert definition["type"] == "http://types.example.org/a"
    assert definition["moreInfo"] == "http://more.example.org/"
    assert definition["extensions"]["http://ext.example.org/x"] == 1


def test_an_activity_is_known_wherever_it_stood(lrs: Lrs) -> None:
    for place in (
        lambda one: {"context": {"contextActivities": {"parent": [one]}}},
        lambda one: {"context": {"contextActivities": {"other": one}}},
        lambda one: {"object": a_substatement(object=one)},
    ):
        activity = {"id": something(), "definition": {"name": {"en": "Here"}}}
        lrs.store(a_statement(**place(activity)))
        known = _activity(lrs, activity["id"])
        assert known["definition"] == activity["definition"]


def test_a_refused_statement_teaches_nothing(lrs: Lrs) -> None:
    activity = {"id": something(), "definition": {"name": {"en": "Never"}}}
    lrs.takes([a_statement(object=activity), a_statement(verb={})], 400)
    assert "name" not in _activity(lrs, activity["id"]).get("definition", {})


def test_an_activity_that_is_not_known_is_one_too(lrs: Lrs) -> None:
    """IEEE 9274.1.1 s43."""
    assert _activity(lrs, something())["objectType"] == "Activity"


def test_its_id_is_compared_letter_by_letter(lrs: Lrs) -> None:
    """IEEE 9274.1.1 s17: no path is normalised."""
    name = uuid.uuid4().hex
    told_of = f"http://example.org/path/../{name}"
    lrs.store(a_statement(object={"id": told_of, "definition": {"name": {"en": "x"}}}))
    assert "definition" in _activity(lrs, told_of)
    assert "definition" not in _activity(lrs, f"http://example.org/{name}")


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"activityId": ""},
        {"activityId": "ladders"},
        {"activityID": "http://lessons.example.org/1"},
        {"activityId": "http://lessons.example.org/1", "limit": "1"},
    ],
    ids=str,
)
def test_the_activity_id_is_required(lrs: Lrs, parameters: dict[str, str]) -> None:
    """XAPI-00250."""
    refused(lrs.ask("GET", "activities", **parameters), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_activities_are_read_only(lrs: Lrs, method: str) -> None:
    refused(lrs.ask(method, "activities", {}, activityId=something()), 405)
