"""The Activities resource: an Activity with its merged definition (2.5; s17, s43)."""

from __future__ import annotations

import email.utils
import hashlib
import json
from typing import Any

import pytest

from lrs.xapi.values import isoformat
from tests.builders import a_statement, a_void
from tests.conftest import Client
from tests.contract.activity_requests import (
    ACTIVITIES,
    VERSIONS,
    about,
    activity_answer,
    an_id,
    define,
    definition_of,
)
from tests.contract.answers import STATEMENTS, one, post, problem, put

BASICS = {
    "name": {"en-US": "Fire safety"},
    "description": {"en-US": "What to do when it burns."},
    "type": "http://adlnet.gov/expapi/activities/course",
    "moreInfo": "https://courses.example.com/about",
}
CHOICE = {
    "interactionType": "choice",
    "correctResponsesPattern": ["a[,]b"],
    "choices": [{"id": "a", "description": {"en": "A", "fr": "Ah"}}, {"id": "b"}],
}


def named(name: str, tag: str = "en") -> dict[str, Any]:
    return {"name": {tag: name}}


# -- the resource ---------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_an_activity_comes_whole(shared: Client, version: str) -> None:
    activity = an_id()
    whole = {**BASICS, **CHOICE, "extensions": {"http://a.example": {"b": [1]}}}
    define(shared, activity, whole)
    answer = activity_answer(shared, activity, X_Experience_API_Version=version)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Experience-API-Version"] == version
    assert answer.json == {
        "objectType": "Activity",
        "id": activity,
        "definition": whole,
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_an_activity_that_nobody_knows_is_one_all_the_same(
    shared: Client, version: str
) -> None:
    activity = an_id()
    answer = activity_answer(shared, activity, X_Experience_API_Version=version)
    assert answer.status_code == 200
    assert answer.json == {"objectType": "Activity", "id": activity}
    assert "Last-Modified" not in answer.headers


def test_one_that_nobody_has_defined_has_no_definition(shared: Client) -> None:
    activity = an_id()
    post(shared, a_statement(activity=activity))
    define(shared, activity, {}, {"name": {}})
    assert activity_answer(shared, activity).json == {
        "objectType": "Activity",
        "id": activity,
    }


SIMILAR = ["/", "?", "#", "%2F", "/../x", "/%41", "/A", "//", "/\u00e9", "/e\u0301"]


def test_ids_are_compared_character_by_character(shared: Client) -> None:
    base = an_id()
    ids = [base, base.upper(), *(f"{base}{end}" for end in SIMILAR)]
    for number, activity in enumerate(ids):
        define(shared, activity, named(str(number)))
    for number, activity in enumerate(ids):
        assert definition_of(shared, activity) == named(str(number)), activity


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "activityId"),
        ("activityId=", "activityId"),
        ("activityId=fire-safety", "activityId"),
        ("activityId=%20https%3A%2F%2Fa.example", "activityId"),
        ("activityId=https%3A%2F%2Fa.example%2F%20", "activityId"),
        ("activityId=https://a.example&activityId=https://a.example", "activityId"),
        ("activityid=https://a.example", "activityid"),
        ("activityId=https://a.example&x=y", "x"),
        ("activityId=https://a.example&agent={}", "agent"),
        ("activityId=https://a.example/%FF", "UTF-8"),
        (f"activityId=https://a.example/{'x' * (1 << 20)}", "activityId"),
    ],
)
def test_parameters_are_strict_and_the_wrong_one_is_named(
    shared: Client, query: str, word: str
) -> None:
    assert word in problem(shared.get(f"{ACTIVITIES}?{query}"), 400)["detail"]


@pytest.mark.parametrize("method", ["put", "post", "delete", "patch"])
def test_it_is_for_reading_only(shared: Client, method: str) -> None:
    answer = activity_answer(shared, an_id(), method)
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_head_answers_as_get_does_without_the_body(shared: Client) -> None:
    activity = an_id()
    define(shared, activity, BASICS)
    head = activity_answer(shared, activity, "head")
    got = activity_answer(shared, activity)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified"):
        assert head.headers[name] == got.headers[name]


def test_etag_and_last_modified_follow_the_definition(shared: Client) -> None:
    activity = an_id()
    define(shared, activity, BASICS)
    before = activity_answer(shared, activity)
    etag = before.headers["ETag"]
    assert etag == f'"{hashlib.sha1(before.data).hexdigest()}"'
    assert email.utils.parsedate_to_datetime(before.headers["Last-Modified"])
    fresh = activity_answer(shared, activity, If_None_Match=etag)
    assert (fresh.status_code, fresh.data) == (304, b"")
    define(shared, activity, BASICS)
    assert activity_answer(shared, activity, If_None_Match=etag).status_code == 304
    define(shared, activity, named("Changed", "en-US"))
    assert activity_answer(shared, activity, If_None_Match=etag).status_code == 200
    problem(activity_answer(shared, activity, If_Match=etag), 412)


def test_last_modified_is_when_the_definition_changed(shared: Client) -> None:
    activity = an_id()
    define(shared, activity, BASICS)
    answer = activity_answer(shared, activity)
    changed = email.utils.parsedate_to_datetime(answer.headers["Last-Modified"])
    through = one(shared, post(shared, a_statement()).json[0])
    assert isoformat(int(changed.timestamp() * 1e6)) <= through.json["stored"]


# -- where definitions come from ------------------------------------------------------


def test_languages_of_several_statements_come_together(shared: Client) -> None:
    activity = an_id()
    define(shared, activity, {**BASICS, **named("Fire", "en")})
    define(shared, activity, named("Feu", "fr"), named("Fire safety", "en"))
    found = definition_of(shared, activity)
    assert found == {**BASICS, "name": {"en": "Fire safety", "fr": "Feu"}}


def test_a_change_back_holds(shared: Client) -> None:
    activity = an_id()
    for name in ("A", "B", "A", "B", "B", "A"):
        define(shared, activity, named(name))
        assert definition_of(shared, activity) == named(name)


def test_of_a_batch_the_last_one_holds(shared: Client) -> None:
    activity = an_id()
    post(shared, *(about(activity, named(name)) for name in "BABCA"))
    assert definition_of(shared, activity) == named("A")


def test_put_defines_too(shared: Client) -> None:
    statement = about(an_id(), BASICS)
    assert put(shared, statement["id"], statement).status_code == 204
    assert definition_of(shared, statement["object"]["id"]) == BASICS


def test_activities_of_contexts_and_substatements_are_defined(shared: Client) -> None:
    ids = {place: an_id() for place in ("parent", "grouping", "category", "inner", "o")}
    made = {at: {"id": ids[at], "definition": named(at)} for at in ids}
    inner = {
        **a_statement(with_id=False, object=made["inner"]),
        "objectType": "SubStatement",
        "context": {"contextActivities": {"other": [made["o"]]}},
    }
    around = {
        "parent": made["parent"],
        "grouping": [made["grouping"]],
        "category": [{"id": an_id()}, made["category"]],
    }
    post(shared, a_statement(object=inner, context={"contextActivities": around}))
    for at, activity in ids.items():
        assert definition_of(shared, activity) == named(at)


def test_a_repeat_with_another_definition_defines_nothing(shared: Client) -> None:
    statement = about(an_id(), named("first"))
    activity = statement["object"]["id"]
    post(shared, statement)
    post(shared, about(activity, named("second")))
    post(shared, {**statement, "object": {"id": activity, "definition": named("x")}})
    assert definition_of(shared, activity) == named("second")
    post(shared, statement)
    assert definition_of(shared, activity) == named("second")


def test_a_refused_statement_defines_nothing(shared: Client) -> None:
    activity = an_id()
    stored = a_statement()
    post(shared, stored)
    refused = [
        about(activity, named("x")),
        {**stored, "verb": {"id": "http://v.example"}},
    ]
    problem(shared.post(STATEMENTS, json=refused), 409)
    problem(shared.post(STATEMENTS, json=[refused[0], {}]), 400)
    assert definition_of(shared, activity) is None


def test_a_voided_statement_has_defined_all_the_same(shared: Client) -> None:
    statement = about(an_id(), BASICS)
    post(shared, statement)
    post(shared, a_void(statement["id"]))
    assert definition_of(shared, statement["object"]["id"]) == BASICS


# -- unusual content ------------------------------------------------------------------

_ODD = (
    '{"extensions": {"http://a.example/n": 1.10, "http://a.example/d": %s, '
    '"http://a.example/e": [1E400, -0.0, 1e-7, {"$a.b": "\\u0000"}],'
    '"http://a.example/t": " \\"caf\\u00e9\\" "}, "name": {"x-\\u0061": "caf\\u00E9"}}'
) % ("9" * 4000)


@pytest.mark.parametrize("format_", [None, "canonical"])
def test_numbers_and_texts_stay_as_they_were_written(
    shared: Client, format_: str | None
) -> None:
    activity = an_id()
    statement = json.dumps(about(activity, "?"))
    body = statement.replace('"?"', _ODD).encode()
    sent = shared.post(STATEMENTS, data=body, content_type="application/json")
    assert sent.status_code == 200
    define(shared, activity, named("more"))  # merged again
    if format_:
        bare = post(shared, a_statement(activity=activity)).json[0]
        address = f"{STATEMENTS}?statementId={bare}&format=canonical"
        answer = shared.get(address).get_data(as_text=True)
    else:
        answer = activity_answer(shared, activity).get_data(as_text=True)
    for piece in ("1.10", "9" * 4000, "1E400", "-0.0", "1e-7"):
        assert piece in answer
    assert json.loads(answer)["id"]


def test_a_very_long_id_has_its_definition(shared: Client) -> None:
    activity = f"{an_id()}/{'x' * 500_000}"
    define(shared, activity, named("long"))
    assert definition_of(shared, activity) == named("long")


@pytest.mark.parametrize("key", ["http://a.example/$x.y", "tag:\u00e9", "urn:x:.$"])
def test_keys_that_a_database_may_dislike_are_kept(shared: Client, key: str) -> None:
    activity = an_id()
    define(shared, activity, {"extensions": {key: {"$set": {"a.b": 1}}}})
    define(shared, activity, {"extensions": {"http://b.example": 1}})
    assert definition_of(shared, activity)["extensions"][key] == {"$set": {"a.b": 1}}


def test_definitions_that_grow_too_large_stop_growing_and_are_kept(
    shared: Client,
) -> None:
    activity = an_id()
    for number in range(3):
        large = {"extensions": {f"http://a.example/{number}": "x" * (3 << 20)}}
        define(shared, activity, {**large, **named(str(number))})
    kept = definition_of(shared, activity)
    assert kept["name"] == {"en": "1"}
    assert sorted(kept["extensions"]) == ["http://a.example/0", "http://a.example/1"]
    # Small news still finds its place.
    define(shared, activity, named("4"))
    assert definition_of(shared, activity)["name"] == {"en": "4"}
