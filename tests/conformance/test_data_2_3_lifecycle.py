"""xAPI-Data 2.3: a stored Statement does not change (2.3.1), and can be voided (2.3.2).

XAPI-00016 (no void of a void), XAPI-00017, XAPI-00020 (a void's object), XAPI-00018
(what is voided), XAPI-00019 (its verb).
"""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.full_statement import (
    ANONYMOUS,
    MEMBERS,
    REFERENCE,
    VOIDED,
    a_context,
    a_result,
    a_statement,
    a_substatement,
    a_void,
    an_activity,
    an_attachment,
    someone,
)

SAME, OTHER = (200, 204), (409, 409)


def _sent() -> dict[str, Any]:
    """Return what is stored first; every test changes a copy."""
    return a_statement(
        actor=deepcopy(ANONYMOUS),
        verb={"id": "http://verbs.example.org/did", "display": {"en": "did"}},
        object=an_activity(),
        result=a_result() | {"duration": "PT1.23S"},
        context=a_context("1.0.3", 0, activity=True),
        timestamp="2024-05-01T10:00:00.000Z",
        attachments=[an_attachment()],
    )


def _at(path: str, value: Any) -> Any:
    def change(statement: dict[str, Any]) -> None:
        place: Any = statement
        *names, last = path.split(".")
        for name in names:
            place = place[int(name)] if name.isdigit() else place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


# What may be different in a Statement that is sent again (2.3.1), and what may not.
REPEATED = {
    "nothing": (lambda _: None, SAME),
    "stored": (_at("stored", "2001-01-01T00:00:00Z"), SAME),
    "authority": (_at("authority", {"mbox": "mailto:x@example.org"}), SAME),
    "version": (_at("version", "1.0.9"), SAME),
    "display of the verb": (_at("verb.display", {"fr": "fit"}), SAME),
    "no display": (_at("verb.display", None), SAME),
    "definition": (_at("object.definition", {"name": {"en": "New"}}), SAME),
    "no definition": (_at("object.definition", None), SAME),
    "definition in the context": (
        _at("context.contextActivities.grouping.0.definition", None),
        SAME,
    ),
    "implied objectType": (_at("object.objectType", None), SAME),
    "order of members": (_at("actor.member", MEMBERS[::-1]), SAME),
    "timestamp at another offset": (
        _at("timestamp", "2024-05-01T12:00:00+02:00"),
        SAME,
    ),
    "timestamp left out": (_at("timestamp", None), SAME),
    "duration beyond 0.01 s": (_at("result.duration", "PT1.239S"), SAME),
    "registration in upper case": (
        lambda s: s["context"].update(
            registration=s["context"]["registration"].upper()
        ),
        SAME,
    ),
    "context statement in upper case": (
        lambda s: s["context"].update(
            statement={**REFERENCE, "id": REFERENCE["id"].upper()}
        ),
        SAME,
    ),
    "lone context activity as an array": (
        lambda s: s["context"]["contextActivities"].update(
            parent=[s["context"]["contextActivities"]["parent"]]
        ),
        SAME,
    ),
    "order of the team's members": (
        lambda s: s["context"]["team"].update(member=MEMBERS[::-1]),
        SAME,
    ),
    "implied objectType of a member": (
        lambda s: s["actor"]["member"][0].pop("objectType"),
        SAME,
    ),
    "implied objectType of a context activity": (
        lambda s: s["context"]["contextActivities"]["grouping"][0].pop("objectType"),
        SAME,
    ),
    "1 as 1.0": (_at("result.score.max", 10.0), SAME),
    "actor": (_at("actor", {"mbox": "mailto:x@example.org"}), OTHER),
    "name of the actor": (_at("actor.name", "Others"), OTHER),
    "a member": (_at("actor.member", MEMBERS[:1]), OTHER),
    "verb": (_at("verb.id", "http://verbs.example.org/undid"), OTHER),
    "object": (_at("object.id", "http://lessons.example.org/other"), OTHER),
    "case of an IRI": (
        _at("object.id", "HTTP://lessons.example.org/quiz/choice"),
        OTHER,
    ),
    "kind of object": (
        lambda s: s.update(object=REFERENCE, context={}),
        OTHER,
    ),
    "result": (_at("result.success", False), OTHER),
    "no result": (_at("result", None), OTHER),
    "score": (_at("result.score.raw", 6), OTHER),
    "duration": (_at("result.duration", "PT1.24S"), OTHER),
    "extension": (_at("result.extensions", {"x:y": 1}), OTHER),
    "registration": (_at("context.registration", str(uuid.uuid4())), OTHER),
    "language": (_at("context.language", "de"), OTHER),
    "context activity": (
        _at("context.contextActivities.parent", [{"id": "x:y"}]),
        OTHER,
    ),
    "order of context activities": (
        lambda s: s["context"]["contextActivities"]["category"].reverse(),
        OTHER,
    ),
    "instructor": (_at("context.instructor", {"mbox": "mailto:x@example.org"}), OTHER),
    "team": (_at("context.team.member", MEMBERS[:1]), OTHER),
    "context statement": (
        _at("context.statement", {**REFERENCE, "id": str(uuid.uuid4())}),
        OTHER,
    ),
    "no context": (_at("context", None), OTHER),
    "timestamp": (_at("timestamp", "2024-05-01T10:00:00.001Z"), OTHER),
}


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("change", "statuses"), REPEATED.values(), ids=REPEATED.keys())
def test_a_statement_sent_again_is_done_already_or_another_one(
    lrs: Lrs, method: str, change: Any, statuses: tuple[int, int]
) -> None:
    statement = _sent()
    lrs.store(statement)
    before = lrs.read(statement["id"])
    again = deepcopy(statement)
    change(again)
    given = {"statementId": statement["id"]} if method == "PUT" else {}
    answer = lrs.ask(method, "statements", again, **given)
    assert answer.status_code == statuses[method == "PUT"], told(answer)
    assert lrs.read(statement["id"]) == before


def test_a_voided_statement_is_read_by_voided_statement_id_only(lrs: Lrs) -> None:
    """XAPI-00018."""
    statement = a_statement()
    lrs.store(statement)
    lrs.store(a_void(statement["id"]))
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)
    answer = lrs.ask("GET", "statements", voidedStatementId=statement["id"])
    assert answer.status_code == 200
    assert answer.json["id"] == statement["id"]


def test_a_statement_that_is_not_voided_is_no_voided_one(lrs: Lrs) -> None:
    [found] = lrs.store(a_statement())
    refused(lrs.ask("GET", "statements", voidedStatementId=found), 404)


def test_a_void_may_come_before_its_target(lrs: Lrs) -> None:
    """XAPI-00016 of 2.0: an unknown target is no reason to refuse a void."""
    statement = a_statement()
    lrs.store(a_void(statement["id"]))
    lrs.store(statement)
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)
    answer = lrs.ask("GET", "statements", voidedStatementId=statement["id"])
    assert answer.status_code == 200


def test_a_void_in_the_same_batch_acts(lrs: Lrs) -> None:
    first, second = a_statement(), a_statement()
    lrs.store(a_void(first["id"]), first, second, a_void(second["id"]))
    for target in (first, second):
        refused(lrs.ask("GET", "statements", statementId=target["id"]), 404)


def test_a_statement_can_be_voided_again_to_no_effect(lrs: Lrs) -> None:
    """XAPI-00016."""
    [target] = lrs.store(a_statement())
    lrs.store(a_void(target))
    answer = lrs.ask("POST", "statements", a_void(target))
    assert answer.status_code in (200, 400), told(answer)
    answer = lrs.ask("GET", "statements", voidedStatementId=target)
    assert answer.status_code == 200


def test_a_voiding_statement_is_not_voided(lrs: Lrs) -> None:
    """XAPI-00016."""
    [target] = lrs.store(a_statement())
    [void] = lrs.store(a_void(target))
    answer = lrs.ask("POST", "statements", a_void(void))
    assert answer.status_code in (200, 400), told(answer)
    assert lrs.read(void)["verb"]["id"] == VOIDED
    refused(lrs.ask("GET", "statements", voidedStatementId=void), 404)
    refused(lrs.ask("GET", "statements", statementId=target), 404)


def test_a_voided_id_stays_taken(lrs: Lrs) -> None:
    statement = a_statement()
    lrs.store(statement)
    lrs.store(a_void(statement["id"]))
    lrs.takes(statement | {"actor": someone()}, 409)


def test_a_void_inside_a_substatement_voids_nothing(lrs: Lrs) -> None:
    [target] = lrs.store(a_statement())
    void = a_void(target)
    inner = a_substatement(verb=void["verb"], object=void["object"])
    lrs.store(a_statement(object=inner))
    assert lrs.read(target)["id"] == target


@pytest.mark.parametrize(
    ("verb", "target", "status"),
    [
        (VOIDED, REFERENCE, 200),  # XAPI-00019
        (VOIDED, an_activity(), 400),  # XAPI-00017, XAPI-00020
        (VOIDED, {"id": "x:y"}, 400),
        (VOIDED, {"objectType": "Agent", "mbox": "mailto:a@b.c"}, 400),
        (VOIDED, ANONYMOUS, 400),
        (VOIDED, a_substatement(), 400),
        (VOIDED, {**REFERENCE, "objectType": "statementref"}, 400),
        ("http://verbs.example.org/voided", an_activity(), 200),
    ],
    ids=lambda item: str(item)[-50:],
)
def test_the_object_of_a_void_is_a_statement_ref(
    lrs: Lrs, verb: str, target: dict[str, Any], status: int
) -> None:
    lrs.takes(a_statement(verb={"id": verb}, object=target), status)
