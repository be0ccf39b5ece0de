"""xAPI-Data 2.4.6: the context.

XAPI-00084, XAPI-00085 (revision and platform need an Activity), XAPI-00086
(contextActivities), XAPI-00087-1 (registration), XAPI-00087-2 (instructor), XAPI-00088
(team), XAPI-00089 (revision), XAPI-00090 (platform), XAPI-00091 (language), XAPI-00092
(statement), XAPI-00093, XAPI-00094, XAPI-00096 (the lists of contextActivities).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.full_statement import (
    AGENTS,
    ANONYMOUS,
    IDENTIFIED,
    REFERENCE,
    a_context,
    a_statement,
    a_substatement,
    an_activity,
    something,
)

LENA = AGENTS["Agent by account"]
KEYS = ("parent", "grouping", "category", "other")
ONE = {"id": "http://lessons.example.org/course"}

CONTEXTS: dict[str, tuple[Any, int]] = {
    "empty": ({}, 200),
    "all": (a_context("1.0.3", 0, activity=True), 200),
    "null": (None, 400),
    "text": ("should fail", 400),
    "array": ([], 400),
    "registration text": ({"registration": "should fail"}, 400),
    "registration object": ({"registration": {}}, 400),
    "registration number": ({"registration": 1}, 400),
    "instructor Agent": ({"instructor": LENA}, 200),
    "instructor Group": ({"instructor": ANONYMOUS}, 200),
    "instructor empty": ({"instructor": {}}, 400),
    "instructor text": ({"instructor": "Lena"}, 400),
    "instructor other object": ({"instructor": {"key": "should fail"}}, 400),
    "instructor Activity": ({"instructor": ONE}, 400),
    "team anonymous": ({"team": ANONYMOUS}, 200),
    "team identified": ({"team": IDENTIFIED["Group by openid"]}, 200),
    "team Agent": ({"team": LENA}, 400),
    "team Agent that does not say so": ({"team": {"mbox": "mailto:a@b.c"}}, 400),
    "team other object": ({"team": {"key": "should fail"}}, 400),
    "team text": ({"team": "night"}, 400),
    "revision number": ({"revision": 12345}, 400),
    "revision object": ({"revision": {}}, 400),
    "platform number": ({"platform": 12345}, 400),
    "platform object": ({"platform": {}}, 400),
    "language": ({"language": "cmn"}, 200),
    "language number": ({"language": 12345}, 400),
    "language object": ({"language": {"en": "English"}}, 400),
    "language of no RFC": ({"language": "something"}, 400),
    "statement": ({"statement": REFERENCE}, 200),
    "statement of a wrong type": (
        {"statement": {**REFERENCE, "objectType": "statementref"}},
        400,
    ),
    "statement without type": ({"statement": {"id": REFERENCE["id"]}}, 400),
    "statement without id": ({"statement": {"objectType": "StatementRef"}}, 400),
    "statement of no UUID": ({"statement": {**REFERENCE, "id": "should fail"}}, 400),
    "statement text": ({"statement": REFERENCE["id"]}, 400),
    "statement Activity": ({"statement": ONE}, 400),
    "extensions text": ({"extensions": "should fail"}, 400),
    "extensions under no IRI": ({"extensions": {"key": 1}}, 400),
    "contextActivities empty": ({"contextActivities": {}}, 200),
    "contextActivities text": ({"contextActivities": "should fail"}, 400),
    "contextActivities array": ({"contextActivities": [ONE]}, 400),
    "contextActivities null": ({"contextActivities": None}, 400),
    "contextActivities of an unknown kind": ({"contextActivities": {"next": ONE}}, 400),
    "contextActivities in another case": ({"contextActivities": {"Parent": ONE}}, 400),
    "Registration": ({"Registration": REFERENCE["id"]}, 400),
    "an unknown property": ({"mood": "fine"}, 400),
}
LISTS: dict[str, tuple[Any, int]] = {
    "one alone": (ONE, 200),
    "one": ([ONE], 200),
    "two": ([ONE, an_activity()], 200),
    "none": ([], 200),
    "text": ("x:y", 400),
    "number": (1, 400),
    "null": (None, 400),
    "an empty object": ({}, 400),
    "another object": ({"key": "should fail"}, 400),
    "a good and a bad one": ([ONE, {"key": "should fail"}], 400),
    "array of text": (["x:y"], 400),
    "array in array": ([[ONE]], 400),
    "array with null": ([ONE, None], 400),
    "an Agent": (LENA, 400),
    "a StatementRef": ([REFERENCE], 400),
    "id of no scheme": ([{"id": "course"}], 400),
    "a wrong definition": ([{**ONE, "definition": {"type": "no IRI"}}], 400),
}
ALL = CONTEXTS | {
    f"{key}: {what}": ({"contextActivities": {key: row[0]}}, row[1])
    for key in KEYS
    for what, row in LISTS.items()
}


@pytest.mark.parametrize(("context", "status"), ALL.values(), ids=ALL.keys())
def test_a_context_is_judged(lrs: Lrs, context: Any, status: int) -> None:
    lrs.takes(a_statement() | {"context": context}, status)


@pytest.mark.parametrize(("context", "status"), ALL.values(), ids=ALL.keys())
def test_a_context_of_a_substatement_is_judged_alike(
    lrs: Lrs, context: Any, status: int
) -> None:
    lrs.takes(a_statement(object=a_substatement() | {"context": context}), status)


OBJECTS: dict[str, tuple[dict[str, Any], int]] = {
    "Activity": ({"objectType": "Activity", "id": "x:y"}, 200),
    "Activity that does not say so": ({"id": "x:y"}, 200),
    "Agent": (LENA, 400),
    "Group": (ANONYMOUS, 400),
    "StatementRef": (REFERENCE, 400),
}


@pytest.mark.parametrize("name", ["revision", "platform"])
@pytest.mark.parametrize(("target", "status"), OBJECTS.values(), ids=OBJECTS.keys())
def test_revision_and_platform_need_an_activity(
    lrs: Lrs, target: dict[str, Any], status: int, name: str
) -> None:
    """XAPI-00084, XAPI-00085; in a SubStatement its own object counts."""
    context = {name: "7b"}
    lrs.takes(a_statement(object=target, context=context), status)
    inner = a_substatement(object=target, context=context)
    lrs.takes(a_statement(object=inner), status)
    inner = a_substatement(object=target)
    lrs.takes(a_statement(object=inner, context=context), 400)


@pytest.mark.parametrize("format_", ["exact", "ids", "canonical"])
@pytest.mark.parametrize("key", KEYS)
def test_a_lone_context_activity_is_returned_in_an_array(
    lrs: Lrs, key: str, format_: str
) -> None:
    """XAPI-00096."""
    lone = {"id": something()}
    context = {"contextActivities": {key: lone}}
    [one] = lrs.store(a_statement(context=context))
    [other] = lrs.store(a_statement(object=a_substatement(context=context)))
    wanted = {"contextActivities": {key: [lone]}}
    assert lrs.read(one, format=format_)["context"] == wanted
    assert lrs.read(other, format=format_)["object"]["context"] == wanted
    found = lrs.find(activity=lone["id"], related_activities="true", format=format_)
    assert {item["id"] for item in found} == {one, other}
