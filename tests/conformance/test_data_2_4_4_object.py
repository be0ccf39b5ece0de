"""xAPI-Data 2.4.4: the object: Activities, Agents, Groups, references, SubStatements.

XAPI-00046 (objectType), XAPI-00047 (id), XAPI-00048 (definition), XAPI-00049
(interactionType), XAPI-00056 to XAPI-00061 (what a definition has: XAPI-00057
extensions, XAPI-00059 description, XAPI-00060 type), XAPI-00064 (interactions name
their type), XAPI-00065 (Agents and Groups say what they are), XAPI-00066 to XAPI-00071
(SubStatements: XAPI-00067 authority, XAPI-00068 version, XAPI-00069 stored, XAPI-00070
id), XAPI-00072, XAPI-00073 (StatementRefs).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.full_statement import (
    AGENTS,
    ANONYMOUS,
    IDENTIFIED,
    INTERACTIONS,
    REFERENCE,
    a_context,
    a_result,
    a_statement,
    a_substatement,
    an_activity,
    an_attachment,
    someone,
    something,
)

ACTIVITY = "http://lessons.example.org/knots"
LENA = AGENTS["Agent by mbox"]
SHIFT = IDENTIFIED["Group by mbox"]


def _without(item: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


OBJECTS: dict[str, tuple[Any, int]] = {
    "Activity": ({"objectType": "Activity", "id": ACTIVITY}, 200),
    "Activity that does not say so": ({"id": ACTIVITY}, 200),
    "Agent": (LENA, 200),
    "identified Group": (SHIFT, 200),
    "anonymous Group": (ANONYMOUS, 200),
    "StatementRef": (REFERENCE, 200),
    "null": (None, 400),
    "text": (ACTIVITY, 400),
    "array": ([{"id": ACTIVITY}], 400),
    "empty": ({}, 400),
    "activity": ({"objectType": "activity", "id": ACTIVITY}, 400),
    "agent": ({**LENA, "objectType": "agent"}, 400),
    "group": ({**SHIFT, "objectType": "group"}, 400),
    "statementref": ({**REFERENCE, "objectType": "statementref"}, 400),
    "Statementref": ({**REFERENCE, "objectType": "Statementref"}, 400),
    "substatement": ({**a_substatement(), "objectType": "substatement"}, 400),
    "Statement": ({**a_substatement(), "objectType": "Statement"}, 400),
    "Person": ({**LENA, "objectType": "Person"}, 400),
    "objectType number": ({"objectType": 1, "id": ACTIVITY}, 400),
    "objectType null": ({"objectType": None, "id": ACTIVITY}, 400),
    "objectType array": ({"objectType": ["Activity"], "id": ACTIVITY}, 400),
    "Agent that does not say so": (_without(LENA, "objectType"), 400),
    "Group that does not say so": (_without(SHIFT, "objectType"), 400),
    "anonymous Group that does not": (_without(ANONYMOUS, "objectType"), 400),
    "Agent with an id": ({**LENA, "id": ACTIVITY}, 400),
    "Activity with an mbox": ({"id": ACTIVITY, "mbox": LENA["mbox"]}, 400),
    "StatementRef that does not say so": (_without(REFERENCE, "objectType"), 400),
    "StatementRef without id": ({"objectType": "StatementRef"}, 400),
    "StatementRef to text": ({**REFERENCE, "id": "should fail"}, 400),
    "StatementRef to an IRI": ({**REFERENCE, "id": ACTIVITY}, 400),
    "StatementRef to null": ({**REFERENCE, "id": None}, 400),
    "StatementRef with more": ({**REFERENCE, "definition": {}}, 400),
    "no id": ({"objectType": "Activity", "definition": {}}, 400),
    "id empty": ({"id": ""}, 400),
    "id null": ({"id": None}, 400),
    "id number": ({"id": 1}, 400),
    "id without scheme": ({"id": "lessons.example.org"}, 400),
    "id with a wrong scheme": ({"id": "ab=c://should.fail.com"}, 400),
    "ID": ({"ID": ACTIVITY}, 400),
    "an unknown property": ({"id": ACTIVITY, "name": {"en": "Knots"}}, 400),
}


@pytest.mark.parametrize(("target", "status"), OBJECTS.values(), ids=OBJECTS.keys())
def test_an_object_says_what_it_is(lrs: Lrs, target: Any, status: int) -> None:
    """XAPI-00046, XAPI-00047, XAPI-00065, XAPI-00072, XAPI-00073."""
    lrs.takes(a_statement() | {"object": target}, status)


@pytest.mark.parametrize(("target", "status"), OBJECTS.values(), ids=OBJECTS.keys())
def test_the_object_of_a_substatement_does_too(
    lrs: Lrs, target: Any, status: int
) -> None:
    lrs.takes(a_statement(object=a_substatement() | {"object": target}), status)


DEFINITIONS: dict[str, tuple[Any, int]] = {
    "empty": ({}, 200),
    "all": (an_activity()["definition"], 200),
    "null": (None, 400),
    "text": ("should fail", 400),
    "array": ([], 400),
    "number": (1, 400),
    "name number": ({"name": 12345}, 400),
    "name text": ({"name": "Knots"}, 400),
    "name in no language": ({"name": {"a12345678": "Knots"}}, 400),
    "name with a number": ({"name": {"en": 1}}, 400),
    "description number": ({"description": 12345}, 400),
    "description text": ({"description": "About knots"}, 400),
    "description in no language": ({"description": {"a12345678": "x"}}, 400),
    "type text": ({"type": "should fail"}, 400),
    "type number": ({"type": 1}, 400),
    "moreInfo text": ({"moreInfo": "should fail"}, 400),
    "moreInfo null": ({"moreInfo": None}, 400),
    "moreinfo": ({"moreinfo": ACTIVITY}, 400),
    "extensions text": ({"extensions": "should fail"}, 400),
    "extensions array": ({"extensions": []}, 400),
    "extensions under no IRI": ({"extensions": {"knots": 1}}, 400),
    "interactionType IRI": ({"interactionType": ACTIVITY}, 400),
    "interactionType number": ({"interactionType": 123}, 400),
    "interactionType object": ({"interactionType": {"true-false": True}}, 400),
    "interactionType empty": ({"interactionType": ""}, 400),
    "interactionType unknown": ({"interactionType": "essay"}, 400),
    "pattern text": (
        {"interactionType": "other", "correctResponsesPattern": "x"},
        400,
    ),
    "pattern of numbers": (
        {"interactionType": "numeric", "correctResponsesPattern": [4]},
        400,
    ),
    "components without id": (
        {"interactionType": "choice", "choices": [{"description": {"en": "x"}}]},
        400,
    ),
    "components alike": (
        {"interactionType": "likert", "scale": [{"id": "a"}, {"id": "a"}]},
        400,
    ),
    "components text": ({"interactionType": "choice", "choices": ["a"]}, 400),
    "component with more": (
        {"interactionType": "choice", "choices": [{"id": "a", "name": "x"}]},
        400,
    ),
    "component description text": (
        {"interactionType": "choice", "choices": [{"id": "a", "description": "x"}]},
        400,
    ),
    "an unknown property": ({"title": {"en": "Knots"}}, 400),
}


@pytest.mark.parametrize("where", ["object", "context", "SubStatement"])
@pytest.mark.parametrize(
    ("definition", "status"), DEFINITIONS.values(), ids=DEFINITIONS.keys()
)
def test_a_definition_has_its_properties(
    lrs: Lrs, where: str, definition: Any, status: int
) -> None:
    """XAPI-00048, XAPI-00049, XAPI-00056, XAPI-00057, XAPI-00059 to XAPI-00061."""
    activity = {"id": ACTIVITY, "definition": definition}
    placed = {
        "object": {"object": activity},
        "context": {"context": {"contextActivities": {"parent": [activity]}}},
        "SubStatement": {"object": a_substatement(object=activity)},
    }
    lrs.takes(a_statement(**placed[where]), status)


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_each_interaction_is_taken_under_its_type_only(lrs: Lrs, kind: str) -> None:
    """XAPI-00049, XAPI-00009: the letter case is that of the specification."""
    activity = an_activity(kind)
    lrs.takes(a_statement(object=activity), 200)
    lrs.takes(a_statement(object=a_substatement(object=activity)), 200)
    for wrong in (kind.upper(), kind.capitalize(), kind[:-1] + kind[-1].upper(), " "):
        activity["definition"]["interactionType"] = wrong
        lrs.takes(a_statement(object=activity), 400)


@pytest.mark.parametrize(
    "name",
    ["correctResponsesPattern", "choices", "scale", "source", "target", "steps"],
)
def test_an_interaction_names_its_type(lrs: Lrs, name: str) -> None:
    """XAPI-00064."""
    value = ["a"] if name == "correctResponsesPattern" else [{"id": "a"}]
    activity: Any = {"id": ACTIVITY, "definition": {name: value}}
    lrs.takes(a_statement(object=activity), 400)
    lrs.takes(a_statement(object=a_substatement(object=activity)), 400)
    activity["definition"]["interactionType"] = "other"
    lrs.takes(a_statement(object=activity), 200)


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_an_interaction_without_its_type_is_refused(lrs: Lrs, kind: str) -> None:
    """XAPI-00064."""
    activity = an_activity(kind)
    del activity["definition"]["interactionType"]
    lrs.takes(a_statement(object=activity), 400)


SUBSTATEMENTS: dict[str, tuple[dict[str, Any], int]] = {
    "with every property": (
        a_substatement(
            object=an_activity(),
            result=a_result(),
            context=a_context("1.0.3", 0, activity=True),
            timestamp="2024-01-01T00:00:00Z",
            attachments=[an_attachment()],
        ),
        200,
    ),
    "about a StatementRef": (a_substatement(object=REFERENCE), 200),
    "about an Agent": (a_substatement(object=LENA), 200),
    "without actor": (_without(a_substatement(), "actor"), 400),
    "without verb": (_without(a_substatement(), "verb"), 400),
    "without object": (_without(a_substatement(), "object"), 400),
    "that does not say so": (_without(a_substatement(), "objectType"), 400),
    "about a SubStatement": (a_substatement(object=a_substatement()), 400),
    "with an id": (a_substatement() | {"id": str(uuid.uuid4())}, 400),
    "with stored": (a_substatement(stored="2024-01-01T00:00:00Z"), 400),
    "with version": (a_substatement(version="1.0.0"), 400),
    "with authority": (a_substatement(authority=LENA), 400),
    "with null id": (a_substatement() | {"id": None}, 400),
    "with an unknown property": (a_substatement(member=[]), 400),
    "with a wrong timestamp": (a_substatement(timestamp="today"), 400),
    "with a wrong actor": (a_substatement(actor={"mbox": "lena"}), 400),
    "with a wrong result": (a_substatement(result={"success": 1}), 400),
    "with a wrong context": (a_substatement(context={"registration": "1"}), 400),
    "with wrong attachments": (a_substatement(attachments={}), 400),
}


@pytest.mark.parametrize(
    ("inner", "status"), SUBSTATEMENTS.values(), ids=SUBSTATEMENTS.keys()
)
def test_a_substatement_is_a_statement_but_for_what_the_lrs_gives(
    lrs: Lrs, inner: dict[str, Any], status: int
) -> None:
    """XAPI-00066 to XAPI-00071."""
    lrs.takes(a_statement(object=inner), status)


def test_an_object_is_returned_as_it_was_sent(lrs: Lrs) -> None:
    """Nothing is added to a SubStatement: neither id nor timestamp nor version."""
    for target in (
        a_substatement(object={"id": something()}),
        {"id": something()},
        {**someone(), "objectType": "Agent"},
        REFERENCE,
    ):
        [found] = lrs.store(a_statement(object=target))
        assert lrs.read(found)["object"] == target
