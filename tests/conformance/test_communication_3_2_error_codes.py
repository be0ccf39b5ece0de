"""xAPI-Communication 3.2: what is refused, and with which status.

XAPI-00324 (unknown parameters), XAPI-00325 (their letter case), XAPI-00326 (a batch).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.documents import MAKERS
from tests.conformance.full_statement import a_statement, someone, something

VALUES: dict[str, str] = {
    "statementId": "6f7c1a52-1f2e-4f4e-8d7c-0a9b8c7d6e5f",
    "voidedStatementId": "6f7c1a52-1f2e-4f4e-8d7c-0a9b8c7d6e5f",
    "agent": '{"mbox":"mailto:a@b.c"}',
    "verb": "http://verbs.example.org/examined",
    "activity": "http://lessons.example.org/ladders",
    "registration": "6f7c1a52-1f2e-4f4e-8d7c-0a9b8c7d6e5f",
    "related_activities": "true",
    "related_agents": "true",
    "since": "2012-06-01T19:09:13.245Z",
    "until": "2012-06-01T19:09:13.245Z",
    "limit": "1",
    "format": "ids",
    "attachments": "true",
    "ascending": "true",
}


@pytest.mark.parametrize("name", VALUES)
def test_a_parameter_has_its_letter_case(lrs: Lrs, name: str) -> None:
    """XAPI-00325."""
    for wrong in (name.upper(), name.capitalize(), name[:-1] + name[-1].upper()):
        if wrong != name:
            refused(lrs.ask("GET", "statements", **{wrong: VALUES[name]}), 400)


def test_a_parameter_of_put_has_its_letter_case(lrs: Lrs) -> None:
    """XAPI-00325."""
    statement = a_statement()
    given = {"StatementId": statement["id"]}
    refused(lrs.ask("PUT", "statements", statement, **given), 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "HEAD"])
@pytest.mark.parametrize("name", ["foo", "statement_id", "skip", "offset", "more_"])
def test_a_parameter_that_nobody_knows_is_refused(
    lrs: Lrs, method: str, name: str
) -> None:
    """XAPI-00324."""
    statement = a_statement()
    given = {name: "1"} | ({"statementId": statement["id"]} if method == "PUT" else {})
    body = statement if method in ("PUT", "POST") else None
    assert lrs.ask(method, "statements", body, **given).status_code == 400
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "activities": ("activities", {"activityId": something()}),
    "agents": ("agents", {"agent": someone()}),
    **{
        name: (make().resource, make().context) for name, make in sorted(MAKERS.items())
    },
}


@pytest.mark.parametrize(("resource", "parameters"), OTHERS.values(), ids=OTHERS)
def test_the_same_holds_for_every_resource(
    lrs: Lrs, resource: str, parameters: dict[str, Any]
) -> None:
    """XAPI-00324, XAPI-00325."""
    assert lrs.ask("GET", resource, **parameters).status_code == 200
    refused(lrs.ask("GET", resource, **parameters, foo="1"), 400)
    for name, value in parameters.items():
        rest = {key: item for key, item in parameters.items() if key != name}
        refused(lrs.ask("GET", resource, **rest, **{name.capitalize(): value}), 400)


@pytest.mark.parametrize("name", VALUES)
def test_a_parameter_stands_once(lrs: Lrs, name: str) -> None:
    given = {name: VALUES[name]}
    twice = f"/xapi/statements?{name}={VALUES[name]}&{name}={VALUES[name]}"
    assert lrs.ask("GET", "statements", **given).status_code in (200, 404)
    refused(lrs.ask("GET", twice), 400)


def test_one_bad_statement_keeps_a_batch_out(lrs: Lrs) -> None:
    """XAPI-00326."""
    good = [a_statement() for _ in range(3)]
    lrs.takes([*good, a_statement(actor={})], 400)
    for item in good:
        refused(lrs.ask("GET", "statements", statementId=item["id"]), 404)


STATUSES: dict[str, tuple[int, str, str, Any, dict[str, Any]]] = {
    "400 a wrong Statement": (400, "POST", "statements", {}, {}),
    "401 nobody": (401, "GET", "statements", None, {"auth": ("nobody", "knows")}),
    "404 an unknown Statement": (
        404,
        "GET",
        "statements",
        None,
        {"statementId": str(uuid.uuid4())},
    ),
    "404 an unknown resource": (404, "GET", "nothing", None, {}),
    "404 below a resource": (404, "GET", "statements/1", None, {}),
    "405 an unknown method": (405, "DELETE", "statements", None, {}),
    "415 an unknown coding": (
        415,
        "POST",
        "statements",
        a_statement(),
        {"headers": {"Content-Encoding": "br"}},
    ),
}


@pytest.mark.parametrize(
    ("status", "method", "resource", "body", "given"), STATUSES.values(), ids=STATUSES
)
def test_each_fault_has_its_status(
    lrs: Lrs, status: int, method: str, resource: str, body: Any, given: dict[str, Any]
) -> None:
    answer = lrs.ask(method, resource, body, **given)
    problem = refused(answer, status)
    assert problem["type"]


def test_a_conflict_is_409_and_a_failed_precondition_412(lrs: Lrs) -> None:
    [found] = lrs.store(a_statement())
    refused(lrs.ask("POST", "statements", a_statement(id=found, actor=someone())), 409)
    place = MAKERS["state"]()
    place.create(lrs, {"a": 1})
    refused(place.ask(lrs, "PUT", {"a": 2}, If_None_Match="*"), 412)


def test_a_body_that_is_too_large_is_413(lrs: Lrs) -> None:
    place = MAKERS["state"]()
    answer = place.ask(lrs, "PUT", b"x" * (9 << 20), Content_Type="text/plain")
    refused(answer, 413)
    assert place.content(lrs) is None


def test_a_refusal_names_the_rule_and_the_place_and_quotes_nothing(lrs: Lrs) -> None:
    marked = a_statement(actor={"mbox": "mailto:secret-4711"})
    answer = lrs.ask("POST", "statements", marked)
    problem = refused(answer, 400)
    assert [item["path"] for item in problem["violations"]] == ["actor.mbox"]
    assert "4711" not in told(answer)
