"""xAPI-Communication 1.1: HEAD is GET without the body. XAPI-00125, XAPI-00126."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.caller import CONSISTENT, Lrs, told
from tests.conformance.documents import MAKERS
from tests.conformance.full_statement import (
    a_statement,
    a_void,
    someone,
    something,
)

# Of each answer: another moment, or another request.
PASSING = {"X-Request-Id", "Date", CONSISTENT, "Connection"}


def _statement(lrs: Lrs) -> dict[str, Any]:
    return {"statementId": lrs.store(a_statement())[0]}


def _voided(lrs: Lrs) -> dict[str, Any]:
    [target] = lrs.store(a_statement())
    lrs.store(a_void(target))
    return {"voidedStatementId": target}


def _some(lrs: Lrs) -> dict[str, Any]:
    activity = something()
    lrs.store(*(a_statement(object={"id": activity}) for _ in range(3)))
    return {"activity": activity}


def _agent(lrs: Lrs) -> dict[str, Any]:
    who = someone()
    lrs.store(a_statement(actor=who))
    return {"agent": who}


def _activity(lrs: Lrs) -> dict[str, Any]:
    activity = something()
    lrs.store(a_statement(object={"id": activity}))
    return {"activityId": activity}


def _document(name: str) -> Callable[[Lrs], dict[str, Any]]:
    def make(lrs: Lrs) -> dict[str, Any]:
        place = MAKERS[name]()
        place.create(lrs, {"a": 1})
        return place.parameters

    return make


PLACES: dict[str, tuple[str, Callable[[Lrs], dict[str, Any]]]] = {
    "statements by id": ("statements", _statement),
    "voided statement": ("statements", _voided),
    "statements": ("statements", _some),
    "statements with attachments": (
        "statements",
        lambda lrs: _some(lrs) | {"attachments": "true"},
    ),
    "a page of statements": ("statements", lambda lrs: _some(lrs) | {"limit": "1"}),
    "activities": ("activities", _activity),
    "agents": ("agents", _agent),
    "state": ("activities/state", _document("state")),
    "activity profile": ("activities/profile", _document("activity profile")),
    "agent profile": ("agents/profile", _document("agent profile")),
    "about": ("about", lambda _: {}),
}


@pytest.mark.parametrize(("resource", "make"), PLACES.values(), ids=PLACES.keys())
def test_head_answers_as_get_does_without_the_body(
    lrs: Lrs, resource: str, make: Callable[[Lrs], dict[str, Any]]
) -> None:
    """XAPI-00125, XAPI-00126."""
    parameters = make(lrs)
    get = lrs.ask("GET", resource, **parameters)
    head = lrs.ask("HEAD", resource, **parameters)
    assert get.status_code == head.status_code == 200, told(get)
    assert get.data
    assert head.data == b""
    assert _lasting(head) == _lasting(get)


DOCUMENTS = {name: PLACES[name] for name in MAKERS}


@pytest.mark.parametrize(("resource", "make"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_head_of_a_list_of_documents_is_as_its_get(
    lrs: Lrs, resource: str, make: Callable[[Lrs], dict[str, Any]]
) -> None:
    parameters = make(lrs)
    for name in ("stateId", "profileId"):
        parameters.pop(name, None)
    get = lrs.ask("GET", resource, **parameters)
    head = lrs.ask("HEAD", resource, **parameters)
    assert get.json == ["bookmark"]
    assert (head.status_code, head.data) == (200, b"")
    assert _lasting(head) == _lasting(get)


@pytest.mark.parametrize(
    ("resource", "parameters", "status"),
    [
        ("statements", {"statementId": "no uuid"}, 400),
        ("statements", {"statementId": "6f7c1a52-1f2e-4f4e-8d7c-0a9b8c7d0000"}, 404),
        ("statements", {"unknown": "1"}, 400),
        ("activities", {}, 400),
        ("agents", {}, 400),
        ("agents", {"agent": {}}, 400),
        ("activities/state", {}, 400),
        ("activities/profile", {"activityId": "x:y", "profileId": "none"}, 404),
        ("agents/profile", {"agent": {"mbox": "mailto:n@n.n"}, "profileId": "0"}, 404),
    ],
)
def test_head_is_refused_as_get_is(
    lrs: Lrs, resource: str, parameters: dict[str, Any], status: int
) -> None:
    """XAPI-00125."""
    head = lrs.ask("HEAD", resource, **parameters)
    assert head.status_code == lrs.ask("GET", resource, **parameters).status_code
    assert (head.status_code, head.data) == (status, b"")


def test_head_needs_version_and_credential_too(lrs: Lrs) -> None:
    unversioned = lrs.ask(
        "HEAD", "statements", headers={"X-Experience-API-Version": None}
    )
    assert unversioned.status_code == 400
    assert lrs.ask("HEAD", "statements", auth=("nobody", "knows")).status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_content_length_is_asked_of_a_request_without_content(
    lrs: Lrs, method: str
) -> None:
    assert lrs.ask(method, "statements", limit="1").status_code == 200


def _lasting(answer: Any) -> dict[str, str]:
    """Return the headers; a boundary is made up for each answer."""
    found = {k: v for k, v in answer.headers.items() if k not in PASSING}
    found["Content-Type"] = found.get("Content-Type", "").partition(";")[0]
    return found
