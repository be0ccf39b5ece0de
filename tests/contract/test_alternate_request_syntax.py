"""The Alternate Request Syntax (xAPI-Communication 1.3): a form as request."""

from __future__ import annotations

import base64
import json
import tracemalloc
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, problem

FORM = "application/x-www-form-urlencoded"
VERSION = "X-Experience-API-Version"
STATE = "/xapi/activities/state"
OF_STATE = {
    "activityId": "https://courses.example.com/a",
    "agent": '{"mbox":"mailto:ann@example.com"}',
    "stateId": "bookmark",
}


def send(
    client: Client, method: str, form: Any, path: str = STATEMENTS, **given: Any
) -> Any:
    body = form if isinstance(form, str | bytes) else urlencode(form)
    given.setdefault("content_type", FORM)
    return client.post(f"{path}?method={method}", data=body, **given)


def basic(client: Client) -> str:
    return "Basic " + base64.b64encode(":".join(client.auth).encode()).decode()


def bare(
    client: Client, method: str, form: dict[str, str], path: str = STATEMENTS
) -> Any:
    """Send with no header at all, as the browsers do for which this was made."""
    return client.app.test_client().post(  # type: ignore[attr-defined]
        f"{path}?method={method}", data=urlencode(form)
    )


def test_a_statement_is_put_and_got_with_all_headers_in_the_form(
    shared: Client,
) -> None:
    statement_id = str(uuid.uuid4())
    headers = {"Authorization": basic(shared), VERSION: "1.0.3"}
    statement = a_statement(with_id=False, result={"response": "æ & = + %20"})
    put = bare(
        shared,
        "PUT",
        {
            **headers,
            "statementId": statement_id,
            "Content-Type": "application/json",
            "Content-Length": "12",
            "content": json.dumps(statement, ensure_ascii=False),
        },
    )
    assert put.status_code == 204
    got = bare(shared, "GET", {**headers, "statementId": statement_id})
    assert got.status_code == 200
    assert got.get_json()["result"] == statement["result"]
    assert got.headers[VERSION] == "1.0.3"


def test_headers_in_the_form_are_found_in_any_letter_case(shared: Client) -> None:
    form = {"authorization": basic(shared), VERSION.lower(): "1.0.3", "limit": "1"}
    assert bare(shared, "GET", form).status_code == 200


def test_statements_are_posted_and_queried(shared: Client) -> None:
    batch = [a_statement(), a_statement()]
    posted = send(shared, "POST", {"content": json.dumps(batch)})
    assert posted.get_json() == [item["id"] for item in batch]
    agent = json.dumps(batch[0]["actor"])
    got = send(shared, "GET", {"agent": agent, "limit": "2"})
    assert len(got.get_json()["statements"]) == 2


def test_documents_are_put_read_and_deleted(shared: Client) -> None:
    content = {"content": "page ☃ 7", "Content-Type": "text/plain; charset=utf-8"}
    assert send(shared, "PUT", OF_STATE | content, STATE).status_code == 204
    got = send(shared, "GET", OF_STATE, STATE)
    assert got.get_data(as_text=True) == "page ☃ 7"
    assert got.content_type == "text/plain; charset=utf-8"
    head = send(shared, "HEAD", OF_STATE, STATE)
    assert (head.status_code, head.data) == (200, b"")
    stale = OF_STATE | {"If-Match": '"0000000000000000000000000000000000000000"'}
    assert send(shared, "DELETE", stale, STATE).status_code == 412
    assert send(shared, "DELETE", OF_STATE, STATE).status_code == 204
    assert send(shared, "GET", OF_STATE, STATE).status_code == 404


def test_the_form_wins_over_the_header(shared: Client) -> None:
    answer = send(shared, "GET", {VERSION: "0.8", "limit": "1"})
    assert VERSION in problem(answer, 400)["detail"]


def test_a_wrong_credential_in_the_form_is_refused(shared: Client) -> None:
    answer = send(shared, "GET", {"Authorization": "Basic bm86Ym9keQ=="})
    assert answer.status_code == 401


VALID = json.dumps(a_statement())
WRONG = {
    "no form": ("PUT", "{}", {}),
    "JSON": ("POST", VALID, {}),
    "not UTF-8": ("POST", "content=%ff", {}),
    "bytes beyond ASCII": ("POST", b"content=\xe2\x98\x83", {}),
    "no content": ("PUT", {"statementId": str(uuid.uuid4())}, {}),
    "nothing at all": ("PUT", "", {}),
    "content of a GET": ("GET", {"limit": "1", "content": VALID}, {}),
    "a field twice": ("GET", "limit=1&limit=1", {}),
    "a header twice": ("GET", "If-Match=a&if-match=b", {}),
    "an unknown parameter": ("GET", {"limits": "1"}, {}),
    "an unknown method": ("PATCH", {"content": VALID}, {}),
    "a method in small letters": ("put", {"content": VALID}, {}),
    "no method": ("", {"content": VALID}, {}),
    "a parameter in the address": ("GET&limit=1", {}, {}),
    "two methods": ("GET&method=GET", {}, {}),
    "a line break in a header": ("GET", {"If-Match": "a\r\nX-Evil: 1"}, {}),
    "a header that is none": ("GET", {"Authorization": "Basic ☃"}, {}),
    "another media type": ("POST", VALID, {"content_type": "application/json"}),
    "300 fields": ("GET", {f"f{at}": "" for at in range(300)}, {}),
    "a wrong Statement": ("POST", {"content": "{}"}, {}),
    "version 2.0 in the form": ("GET", {VERSION: "2.0.0"}, {}),
    "version 2.0 in the header": ("GET", {}, {"headers": {VERSION: "2.0.0"}}),
}


@pytest.mark.parametrize(("method", "form", "given"), [*WRONG.values()], ids=[*WRONG])
def test_what_is_wrong_is_refused_as_a_problem(
    shared: Client, method: str, form: Any, given: dict[str, Any]
) -> None:
    problem(send(shared, method, form, **given), 400)


def test_only_a_post_can_stand_for_another_request(shared: Client) -> None:
    form = {"content": VALID}
    answer = shared.put(f"{STATEMENTS}?method=POST", data=form, content_type=FORM)
    problem(answer, 400)


def test_a_form_over_the_limit_is_refused(shared: Client) -> None:
    assert send(shared, "POST", "content=" + "a" * (33 << 20)).status_code == 413


def test_a_stranger_cannot_fill_the_memory_with_escapes(shared: Client) -> None:
    app, form = shared.app, b"content=" + b"%41" * (1 << 20)
    tracemalloc.start()
    try:
        answer = app.test_client().post(  # type: ignore[attr-defined]
            f"{STATEMENTS}?method=PUT",
            data=form,
            content_type=FORM,
            headers={VERSION: "1.0.3"},
        )
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 401
    assert most < 12 * len(form)  # undone in one piece it takes eighty times as much


def test_parameters_and_headers_over_two_megabytes_are_refused(shared: Client) -> None:
    long = "a" * (2 << 20)
    for form in (
        {"agent": long},
        {long: ""},
        f"agent={'~;' * (1 << 19)}{'[' * 600_000}",
    ):
        assert send(shared, "GET", form).status_code == 413


@pytest.mark.parametrize("before", range(9))
def test_long_content_arrives_whole_wherever_its_escapes_stand(
    shared: Client, before: int
) -> None:
    content = "a" * before + "☃+ %41" * 30_000
    form = {**OF_STATE, "Content-Type": "text/plain; charset=utf-8"}
    put = send(shared, "PUT", form | {"content": content}, STATE)
    assert put.status_code == 204
    assert send(shared, "GET", OF_STATE, STATE).get_data(as_text=True) == content
