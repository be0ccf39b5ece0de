"""POST /api/v1/statements/validate: the same rules as storing, and nothing stored."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from lrs.access import Scope
from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, page, problem
from tests.contract.bad_statements import BODIES, MARK
from tests.unit.test_validation import defined
from tests.unit.xapi.samples import a_full_statement

VALIDATE = "/api/v1/statements/validate"
JSON, NDJSON = "application/json", "application/x-ndjson"
NO_VERSION = {"X-Experience-API-Version": ""}
ID = "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"
WRONG = a_statement(verb="relative")


def send(client: Client, body: Any, *, query: str = "", **given: Any) -> Any:
    """Post a body, anything but bytes as JSON; without the header of a version."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given.setdefault("content_type", JSON)
    given["headers"] = NO_VERSION | given.get("headers", {})
    return client.post(f"{VALIDATE}{query}", data=data, **given)


def verdicts(client: Client, body: Any, **given: Any) -> list[dict[str, Any]]:
    answer = send(client, body, **given)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["statements"]
    return found


def test_one_valid_statement_is_said_to_be_valid(shared: Client) -> None:
    answer = send(shared, a_statement(id=ID))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json() == {
        "statements": [
            {
                "position": 1,
                "line": 1,
                "id": ID,
                "version": "1.0.3",
                "valid": True,
                "violations": [],
                "violations_total": 0,
            }
        ],
        "totals": {"statements": 1, "valid": 1, "invalid": 0, "violations": 0},
        "rules": [],
    }


@pytest.mark.parametrize("kind", [JSON, NDJSON])
def test_each_statement_of_a_body_gets_its_own_verdict(
    shared: Client, kind: str
) -> None:
    texts = [json.dumps(item) for item in (a_statement(), WRONG, a_statement())]
    body = f"[{','.join(texts)}]" if kind == JSON else "\n\n".join(texts)
    answer = send(shared, body.encode(), content_type=kind).get_json()
    assert [item["valid"] for item in answer["statements"]] == [True, False, True]
    assert [item["position"] for item in answer["statements"]] == [1, 2, 3]
    lines = [item["line"] for item in answer["statements"]]
    assert lines == ([1, 1, 1] if kind == JSON else [1, 3, 5])
    assert answer["statements"][1]["violations"] == [
        {
            "path": "verb.id",
            "rule": "xapi-data:2.4.3",
            "message": "This must be an absolute IRI.",
        }
    ]
    assert answer["totals"] == {
        "statements": 3,
        "valid": 2,
        "invalid": 1,
        "violations": 1,
    }
    assert answer["rules"] == [
        {"rule": "xapi-data:2.4.3", "violations": 1, "statements": 1}
    ]


@pytest.mark.parametrize("name", BODIES)
def test_what_storing_refuses_is_told_with_the_same_violations(
    shared: Client, name: str
) -> None:
    stored: Any = shared.post(STATEMENTS, data=BODIES[name], content_type=JSON)
    refused = problem(stored, 400).get("violations", [])
    answer = send(shared, BODIES[name], query="?version=1.0.3")
    assert MARK not in answer.text
    if not BODIES[name].strip():
        problem(answer, 400)
        return
    assert answer.status_code == 200
    broken = [item for item in answer.get_json()["statements"] if not item["valid"]]
    assert broken
    if all(item["version"] for item in broken):  # else it is told better here
        told = [violation for item in broken for violation in item["violations"]]
        shown = [item["rule"] for item in refused]
        assert [item["rule"] for item in told][: len(shown)] == shown


def test_nothing_is_stored(fresh: Client) -> None:
    statement = a_statement()
    assert verdicts(fresh, [statement, statement | {"id": ID}])[0]["valid"]
    assert page(fresh) == []
    stored: Any = fresh.get(f"{STATEMENTS}?statementId={ID}")
    assert stored.status_code == 404


# -- by which version ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "header", "own", "judged_by"),
    [
        ("?version=2.0.0", "1.0.3", "1.0.0", "2.0.0"),
        ("?version=1.0.3", "2.0.0", "1.0.0", "1.0.3"),
        ("", "2.0", "1.0.0", "2.0.0"),
        ("", "1.0.2", "2.0.0", "1.0.3"),
        ("", "", "2.0.0", "2.0.0"),
        ("", "", "1.0.0", "1.0.3"),
        ("", "", None, "1.0.3"),
    ],
)
def test_the_parameter_wins_over_the_header_and_both_over_the_statements_own(
    shared: Client, query: str, header: str, own: str | None, judged_by: str
) -> None:
    statement = a_full_statement(version=own)
    if own is None:
        del statement["version"]
    headers = {"X-Experience-API-Version": header}
    found = verdicts(shared, statement, query=query, headers=headers)[0]
    assert found["version"] == judged_by
    assert found["valid"] == (judged_by == "2.0.0")  # it has contextAgents


@pytest.mark.parametrize("wanted", ["", "?cmi5=false", "?cmi5=true"])
def test_cmi5_is_judged_where_it_is_asked_for(shared: Client, wanted: str) -> None:
    found = verdicts(shared, defined(), query=wanted)[0]
    assert found["valid"] == (wanted != "?cmi5=true")
    assert all(item["rule"].startswith("cmi5:") for item in found["violations"])


# -- what is no JSON, and what is too much ------------------------------------------


def test_broken_lines_are_told_with_their_line_and_column(shared: Client) -> None:
    good = json.dumps(a_statement(with_id=False))
    body = f'{good}\n{{"actor":}}\n{good}\n{{"id":1,"id":2}}\n'.encode()
    found = verdicts(shared, body, content_type=NDJSON)
    assert [item["valid"] for item in found] == [True, False, True, False]
    assert [item["line"] for item in found] == [1, 2, 3, 4]
    assert found[1]["violations"] == [
        {
            "path": "",
            "rule": "xapi-data:2.1",
            "message": "A value is expected here (line 2, column 10).",
        }
    ]
    assert "repeats a key" in found[3]["violations"][0]["message"]


def test_an_array_is_told_as_far_as_it_can_be_taken_apart(shared: Client) -> None:
    whole = json.dumps([a_statement(), {"a": 1}, a_statement()], indent=1)
    inside = whole.replace('"a": 1', '"a" 1').encode()
    found = verdicts(shared, inside)
    assert [item["valid"] for item in found] == [True, False, True]
    cut = verdicts(shared, whole.encode()[:-9])
    assert [item["valid"] for item in cut] == [True, False, False]
    assert "breaks off" in cut[2]["violations"][0]["message"]


def test_an_id_that_stands_twice_is_told(shared: Client) -> None:
    found = verdicts(shared, [a_statement(id=ID), a_statement(id=ID.upper())])
    assert [item["valid"] for item in found] == [True, False]
    assert found[1]["violations"][0]["path"] == "id"


@pytest.mark.parametrize("body", [b"", b" \n "])
@pytest.mark.parametrize("kind", [JSON, NDJSON])
def test_an_empty_body_is_400(shared: Client, body: bytes, kind: str) -> None:
    problem(send(shared, body, content_type=kind), 400)


def test_an_empty_array_has_no_verdicts(shared: Client) -> None:
    assert verdicts(shared, []) == []


@pytest.mark.parametrize("kind", ["text/plain", "multipart/mixed", "text/csv", ""])
def test_another_media_type_is_415(shared: Client, kind: str) -> None:
    problem(send(shared, a_statement(), content_type=kind), 415)


def test_a_packed_body_is_unpacked(shared: Client) -> None:
    packed = gzip.compress(json.dumps(WRONG).encode())
    found = verdicts(shared, packed, headers={"Content-Encoding": "gzip"})
    assert not found[0]["valid"]


def test_too_many_statements_are_413(shared: Client) -> None:
    statement = a_statement(with_id=False)
    assert len(verdicts(shared, [statement] * 200)) == 200  # the limit here
    for body, kind in (
        (json.dumps([statement] * 201).encode(), JSON),
        ((json.dumps(statement) + "\n").encode() * 201, NDJSON),
    ):
        said = problem(send(shared, body, content_type=kind), 413)
        assert "LRS_MAX_STATEMENTS" in said["detail"]


def test_too_large_a_body_is_413(shared: Client) -> None:
    problem(send(shared, b" " * ((32 << 20) + 1)), 413)


def test_the_answer_stays_of_a_size_however_much_is_wrong(shared: Client) -> None:
    wrong = a_statement(**{f"x{number}": 1 for number in range(300)}, with_id=False)
    answer = send(shared, [wrong] * 150)
    found = answer.get_json()
    shown = [len(item["violations"]) for item in found["statements"]]
    assert shown[0] == 200
    assert sum(shown) == 10_000
    assert {item["violations_total"] for item in found["statements"]} == {300}
    assert found["totals"]["violations"] == 150 * 300


@pytest.mark.parametrize(
    ("query", "header"),
    [
        ("?version=1.0.2", ""),
        ("?version=", ""),
        ("?cmi5=yes", ""),
        ("?colour=red", ""),
        ("?cmi5=true&cmi5=true", ""),
        ("", "0.9"),
        ("", "3.0.0"),
    ],
)
def test_a_wrong_parameter_or_header_is_400(
    shared: Client, query: str, header: str
) -> None:
    headers = {"X-Experience-API-Version": header}
    problem(send(shared, a_statement(), query=query, headers=headers), 400)


# -- who may ------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [*Scope])
def test_validating_is_for_those_who_may_store(enter: Enter, scope: Scope) -> None:
    answer = send(enter("shared", scope), a_statement())
    if scope in {Scope.ALL, Scope.STATEMENTS_WRITE}:
        assert answer.status_code == 200
    else:
        assert "statements/write" in problem(answer, 403)["detail"]


def test_without_a_credential_it_is_401_whatever_the_body(shared: Client) -> None:
    problem(send(shared, b"{", auth=None), 401)
    problem(send(shared, b"{", auth=("nobody", "nothing")), 401)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_it_is_only_posted_to(shared: Client, method: str) -> None:
    answer: Any = getattr(shared, method)(VALIDATE)
    problem(answer, 405)
    assert "POST" in answer.headers["Allow"]
