"""xAPI-Communication 1.3: a POST that stands for another request.

XAPI-00148 (GET statements by it), XAPI-00336 (1.0.3 has it); 2.0 does not, and refuses.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.conformance.caller import VERSION_HEADER, Lrs, refused, told
from tests.conformance.conftest import ONLY_1_0_3, ONLY_2_0
from tests.conformance.full_statement import a_statement, someone, something

FORM = "application/x-www-form-urlencoded"


def _post(
    lrs: Lrs,
    resource: str,
    method: str,
    form: Mapping[str, str] | bytes,
    *,
    headers: Mapping[str, str | None] | None = None,
    **parameters: Any,
) -> Any:
    """Send such a request; the form's fields are its parameters and headers."""
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    given = {"Content-Type": FORM, **(headers or {})}
    return lrs.ask("POST", resource, body, headers=given, method=method, **parameters)


def _content(**changes: Any) -> dict[str, str]:
    statement = a_statement(**changes)
    return {"statementId": statement["id"], "content": json.dumps(statement)}


@ONLY_1_0_3
def test_get_statements_can_be_posted(lrs: Lrs) -> None:
    """XAPI-00148, XAPI-00336."""
    activity = something()
    ids = lrs.store(*(a_statement(object={"id": activity}) for _ in range(2)))
    answer = _post(lrs, "statements", "GET", {"activity": activity, "limit": "1"})
    assert answer.status_code == 200, told(answer)
    assert set(answer.json) == {"statements", "more"}
    assert [item["id"] for item in answer.json["statements"]] == ids[-1:]
    answer = _post(lrs, "statements", "GET", {"statementId": ids[0]})
    assert answer.json["id"] == ids[0]


@ONLY_1_0_3
def test_get_without_parameters_can_be_posted(lrs: Lrs) -> None:
    assert "more" in _post(lrs, "statements", "GET", {}).json


@ONLY_1_0_3
def test_put_can_be_posted(lrs: Lrs) -> None:
    """XAPI-00336."""
    form = _content(result={"response": "ä & = % + \U0001f600"})
    assert _post(lrs, "statements", "PUT", form).status_code == 204
    stored = lrs.read(form["statementId"])
    assert stored["result"] == json.loads(form["content"])["result"]


@ONLY_1_0_3
def test_post_can_be_posted(lrs: Lrs) -> None:
    form = {"content": json.dumps([a_statement(), a_statement()])}
    answer = _post(lrs, "statements", "POST", form)
    assert answer.status_code == 200, told(answer)
    assert len(answer.json) == 2


@ONLY_1_0_3
@pytest.mark.parametrize("resource", ["activities/state", "activities/profile"])
def test_documents_can_be_put_read_and_deleted_so(lrs: Lrs, resource: str) -> None:
    where = {"activityId": something()}
    if resource == "activities/state":
        where |= {"agent": json.dumps(someone()), "stateId": "a"}
    else:
        where |= {"profileId": "a"}
    sent = {
        **where,
        "content": "text + more",
        "Content-Type": "text/plain",
        "If-None-Match": "*",
    }
    assert _post(lrs, resource, "PUT", sent).status_code == 204
    read = _post(lrs, resource, "GET", where)
    assert (read.data, read.headers["Content-Type"]) == (b"text + more", "text/plain")
    assert _post(lrs, resource, "DELETE", where).status_code == 204
    refused(_post(lrs, resource, "GET", where), 404)


@ONLY_1_0_3
def test_head_can_be_posted(lrs: Lrs) -> None:
    answer = _post(lrs, "statements", "HEAD", {"limit": "1"})
    assert (answer.status_code, answer.data) == (200, b"")


@ONLY_1_0_3
def test_the_headers_may_stand_in_the_form(lrs: Lrs) -> None:
    """XAPI-00336: version, credential and preconditions are read there."""
    answer = lrs.ask("GET", "statements", limit="1")
    authorization = answer.request.headers["Authorization"]
    form = {**_content(), "Authorization": authorization, VERSION_HEADER: "1.0.3"}
    bare = {VERSION_HEADER: None}
    sent = lrs.client.app.test_client().post(  # no header at all
        "/xapi/statements?method=PUT", data=urlencode(form), content_type=FORM
    )
    assert sent.status_code == 204, told(sent)
    refused(_post(lrs, "statements", "PUT", _content(), headers=bare), 400)
    old = {**_content(), VERSION_HEADER: "0.8"}
    refused(_post(lrs, "statements", "PUT", old), 400)
    where = {"activityId": something(), "profileId": "a", "content": "{}"}
    absent = {**where, "If-Match": '"0000000000000000000000000000000000000000"'}
    refused(_post(lrs, "activities/profile", "PUT", absent), 412)


@ONLY_1_0_3
@pytest.mark.parametrize("name", ["content-type", "CONTENT-TYPE", "Content-Type"])
def test_the_name_of_a_header_has_no_letter_case(lrs: Lrs, name: str) -> None:
    form = {**_content(), name: "application/json"}
    assert _post(lrs, "statements", "PUT", form).status_code == 204


@ONLY_1_0_3
def test_it_is_issued_as_a_post_only(lrs: Lrs) -> None:
    form = urlencode(_content()).encode()
    for method, stands_for in (("PUT", "POST"), ("PUT", "PUT"), ("DELETE", "GET")):
        answer = lrs.ask(
            method,
            "statements",
            form,
            headers={"Content-Type": FORM},
            method=stands_for,
        )
        assert answer.status_code in (400, 405), told(answer)


def _not_encoded() -> bytes:
    return json.dumps(_content()).encode()


WRONG: dict[str, Callable[[], Any]] = {
    "no content": lambda: {"statementId": str(uuid.uuid4())},
    "nothing": dict,
    "content under another name": lambda: {"Content": json.dumps(a_statement())},
    "content in its place, not in a field": _not_encoded,
    "content of no JSON": lambda: {**_content(), "content": "{"},
    "a wrong Statement": lambda: _content(verb={}),
    "an unknown parameter": lambda: {**_content(), "unknown": "1"},
    "a parameter twice": lambda: urlencode(
        [*_content().items(), ("statementId", "x")]
    ).encode(),
    "no UTF-8": lambda: b"statementId=%FF&content=" + quote("{}").encode(),
}


@ONLY_1_0_3
@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_form_is_refused(lrs: Lrs, make: Callable[[], Any]) -> None:
    """XAPI-00336: content is a field of the form, and everything is encoded."""
    refused(_post(lrs, "statements", "PUT", make()), 400)


@ONLY_1_0_3
@pytest.mark.parametrize("extra", ["statementId", "limit", "unknown"])
def test_no_other_parameter_stands_in_the_address(lrs: Lrs, extra: str) -> None:
    form = _content()
    value = form["statementId"] if extra == "statementId" else "1"
    refused(_post(lrs, "statements", "PUT", form, **{extra: value}), 400)


@ONLY_1_0_3
@pytest.mark.parametrize("method", ["PATCH", "put", "OPTIONS", "", "TRACE"])
def test_it_stands_for_the_methods_of_the_resource_only(lrs: Lrs, method: str) -> None:
    answer = _post(lrs, "statements", method, _content())
    assert 400 <= answer.status_code < 500, told(answer)


FORMS: dict[str, tuple[str, Callable[[], Any]]] = {
    "GET": ("GET", lambda: {"limit": "1"}),
    "GET without a form": ("GET", lambda: b""),
    "PUT": ("PUT", _content),
    "PUT without content": ("PUT", lambda: {"statementId": str(uuid.uuid4())}),
    "PUT not encoded": ("PUT", _not_encoded),
    "PUT with the version in the form": (
        "PUT",
        lambda: {**_content(), VERSION_HEADER: "2.0.0"},
    ),
    "POST": ("POST", lambda: {"content": json.dumps(a_statement())}),
    "HEAD": ("HEAD", dict),
    "DELETE": ("DELETE", lambda: {"stateId": "a"}),
}


@ONLY_2_0
@pytest.mark.parametrize("resource", ["statements", "activities/state", "agents"])
@pytest.mark.parametrize(("method", "make"), FORMS.values(), ids=FORMS.keys())
def test_2_0_refuses_all_of_it(
    lrs: Lrs, resource: str, method: str, make: Callable[[], Any]
) -> None:
    form = make()
    answer = _post(lrs, resource, method, form)
    assert 400 <= answer.status_code < 500, told(answer)
    if isinstance(form, dict) and "content" in form and "statementId" in form:
        refused(lrs.ask("GET", "statements", statementId=form["statementId"]), 404)


@ONLY_2_0
def test_2_0_refuses_it_also_where_the_form_alone_names_the_version(lrs: Lrs) -> None:
    form = {**_content(), VERSION_HEADER: "2.0.0"}
    answer = _post(lrs, "statements", "PUT", form, headers={VERSION_HEADER: None})
    assert 400 <= answer.status_code < 500, told(answer)


@ONLY_2_0
def test_2_0_refuses_the_parameter_with_json_too(lrs: Lrs) -> None:
    answer = lrs.ask("POST", "statements", a_statement(), method="PUT")
    assert 400 <= answer.status_code < 500, told(answer)
