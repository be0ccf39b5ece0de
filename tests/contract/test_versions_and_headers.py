"""What stands around every answer: versions, times, media types; and About."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, ask, one, page, post, problem

VERSION = "X-Experience-API-Version"
THROUGH = "X-Experience-API-Consistent-Through"


@pytest.mark.parametrize("method", ["get", "post", "put", "head"])
@pytest.mark.parametrize(
    "sent",
    [
        None,
        " ",
        "0.9",
        "0.95",
        "1.1",
        "1.1.0",
        "2.1",
        "3",
        "x",
        "1.0.3,2.0.0",
        "v1.0.3",
    ],
)
def test_a_missing_or_foreign_version_is_refused(
    shared: Client, method: str, sent: str | None
) -> None:
    answer = getattr(shared, method)(STATEMENTS, headers={VERSION: sent})
    assert answer.status_code == 400
    if method != "head":
        assert VERSION in problem(answer, 400)["detail"]
    # Without the header nothing tells which version to answer with.
    assert answer.headers[VERSION] == ("0.95" if sent is None else "1.0.3")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("1.0", "1.0.3"),
        ("1.0.0", "1.0.3"),
        ("1.0.3", "1.0.3"),
        ("1.0.9", "1.0.3"),
        ("2.0", "2.0.0"),
        ("2.0.0", "2.0.0"),
        ("2.0.1", "2.0.0"),
    ],
)
def test_a_version_is_answered_with_its_line(
    shared: Client, sent: str, answered: str
) -> None:
    headers = {VERSION: sent}
    answers: list[Any] = [
        shared.post(STATEMENTS, json=a_statement(), headers=headers),
        ask(shared, headers, limit="1"),
        ask(shared, headers, limit="x"),
        one(shared, a_statement()["id"], headers=headers),
        shared.get(STATEMENTS, headers=headers, auth=("no", "body")),
    ]
    assert [item.status_code for item in answers] == [200, 200, 400, 404, 401]
    assert {item.headers[VERSION] for item in answers} == {answered}


def test_statements_of_either_version_are_read_under_the_other(shared: Client) -> None:
    old = post(shared, a_statement(version="1.0.1")).json[0]
    new = post(shared, a_statement(version="2.0.0"), version="2.0.0").json[0]
    seen = one(shared, old, headers={VERSION: "2.0.0"})
    assert (seen.json["version"], seen.headers[VERSION]) == ("1.0.1", "2.0.0")
    seen = one(shared, new)
    assert (seen.json["version"], seen.headers[VERSION]) == ("2.0.0", "1.0.3")


@pytest.mark.parametrize("version", ["0.9.9", "1.1.0", "2.0.0", "", "1", 1.0, None])
def test_a_statement_under_1_0_3_has_a_version_of_1_0(
    shared: Client, version: Any
) -> None:
    body = a_statement() | {"version": version}
    found = problem(shared.post(STATEMENTS, json=body), 400)
    assert [item["path"] for item in found["violations"]] == ["version"]


def test_contexts_of_2_0_need_the_version_2_0(shared: Client) -> None:
    agents = [{"objectType": "contextAgent", "agent": {"mbox": "mailto:t@x.example"}}]
    statement = a_statement(context={"contextAgents": agents})
    problem(shared.post(STATEMENTS, json=statement), 400)
    answer: Any = shared.post(STATEMENTS, json=statement, headers={VERSION: "2.0.0"})
    assert answer.status_code == 200
    assert one(shared, statement["id"]).json["context"] == statement["context"]


def test_about_needs_neither_credential_nor_version(shared: Client) -> None:
    answer: Any = shared.get("/xapi/about", headers={VERSION: None}, auth=None)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers[VERSION]
    assert {"1.0.3", "2.0.0"} <= set(answer.json["version"])
    assert all("://" in name for name in answer.json["extensions"])


def moment(answer: Any) -> datetime:
    """Return the consistent-through of an answer."""
    return datetime.fromisoformat(answer.headers[THROUGH])


def test_every_answer_about_statements_says_how_far_it_is_consistent(
    shared: Client,
) -> None:
    made = post(shared, a_statement()).json[0]
    answers: list[Any] = [
        shared.post(STATEMENTS, json=a_statement()),
        shared.put(f"{STATEMENTS}?statementId={made}", json={}),
        shared.post(STATEMENTS, json={}),
        one(shared, made),
        one(shared, a_statement()["id"]),
        ask(shared, limit="1"),
        ask(shared, limit="1", attachments="true"),
        ask(shared, limit="x"),
        shared.head(STATEMENTS),
        shared.get(STATEMENTS, auth=None),
        shared.get(STATEMENTS, headers={VERSION: None}),
    ]
    assert [item.status_code for item in answers] == [
        *(200, 400, 400, 200, 404, 200, 200, 400, 200, 401, 400)
    ]
    for answer in answers:
        assert abs(datetime.now(UTC) - moment(answer)) < timedelta(seconds=5)


def test_consistent_through_passes_a_statement_soon_and_never_goes_back(
    fresh: Client,
) -> None:
    made = post(fresh, a_statement()).json[0]
    stored = datetime.fromisoformat(one(fresh, made).json["stored"])
    seen = []
    end = time.monotonic() + 5
    while not seen or seen[-1] < stored:
        assert time.monotonic() < end
        seen.append(moment(ask(fresh)))
        time.sleep(0.05)
    assert seen == sorted(seen)


def test_a_poller_that_follows_the_header_misses_nothing(fresh: Client) -> None:
    sent, found = [], []
    since = "2000-01-01T00:00:00Z"
    for _ in range(12):
        sent += post(fresh, *(a_statement() for _ in range(3))).json
        until = ask(fresh, limit="1").headers[THROUGH]
        found += page(fresh, since=since, until=until, ascending="true")
        since = until
        time.sleep(0.04)
    time.sleep(0.4)
    found += page(fresh, since=since, ascending="true")
    assert found == sent


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8"]
)
def test_json_is_taken(shared: Client, kind: str) -> None:
    body = b'{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://v.example/v"},'
    body += b'"object":{"id":"http://a.example/a"}}'
    answer: Any = shared.post(STATEMENTS, data=body, content_type=kind)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "json",
    ],
)
def test_other_media_types_are_refused(shared: Client, kind: str) -> None:
    given = {"content_type": kind} if kind else {}
    problem(shared.post(STATEMENTS, data=b"{}", **given), 400, 415)


def test_every_request_has_an_id_of_its_own(shared: Client) -> None:
    ids = {ask(shared, limit="1").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    refused = ask(shared, limit="x")
    assert problem(refused, 400)["instance"].endswith(refused.headers["X-Request-Id"])
