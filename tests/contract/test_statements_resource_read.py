"""GET statements: one by its id, formats, attachments, wrong parameters, HEAD."""

from __future__ import annotations

import email.utils
import hashlib
import json
import uuid
from email import message_from_bytes
from typing import Any

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, ask, one, page, post, problem

AN_ID = str(uuid.uuid4())


def test_one_statement_comes_with_its_time_and_etag(shared: Client) -> None:
    made = post(shared, a_statement()).json[0]
    answer = one(shared, made)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["ETag"] == f'"{hashlib.sha1(answer.data).hexdigest()}"'
    modified = email.utils.parsedate_to_datetime(answer.headers["Last-Modified"])
    seconds = modified.strftime("%Y-%m-%dT%H:%M:%S")
    assert answer.json["stored"].startswith(seconds)


def test_ids_of_the_address_may_be_upper_case(shared: Client) -> None:
    made = post(shared, a_statement()).json[0]
    assert one(shared, made.upper()).json["id"] == made


def test_an_unknown_id_is_not_found(shared: Client) -> None:
    problem(one(shared, AN_ID), 404)
    problem(shared.get(f"{STATEMENTS}?voidedStatementId={AN_ID}"), 404)


@pytest.mark.parametrize(
    "query",
    [
        f"statementId={AN_ID}&voidedStatementId={AN_ID}",
        f"statementId={AN_ID}&limit=1",
        f"statementId={AN_ID}&ascending=true",
        f"voidedStatementId={AN_ID}&verb=http://a.example/",
        f"voidedStatementId={AN_ID}&since=2020-01-01T00:00:00Z",
        f"statementId={AN_ID}&more=x",
        f"statementId={AN_ID}&x=y",
        f"statementId={AN_ID}&statementId={AN_ID}",
        f"statementId={AN_ID[:-1]}",
        f"statementId={AN_ID.replace('-', '')}",
        "statementId=",
        f"statementid={AN_ID}",
        f"statementId={AN_ID}&format=Exact",
        f"statementId={AN_ID}&attachments=1",
        "x=y",
        "Verb=http://a.example/",
        "AGENT=%7B%22mbox%22%3A%22mailto%3Aa%40b.example%22%7D",
        "verb=http://a.example/&verb=http://a.example/",
        "limit=1&limit=1",
        "limit=-1",
        "limit=1.0",
        "limit=",
        "limit=x",
        "limit=%2B1",
        "limit=%D9%A1",
        "limit=99999999999999999999",
        "verb=passed",
        "verb=",
        "verb=http://a.example/%00",
        "activity=a%20b",
        "registration=1",
        "registration=",
        "ascending=TRUE",
        "ascending=1",
        "ascending=",
        "related_agents=TRUE",
        "related_activities=yes",
        "attachments=null",
        "format=",
        "format=full",
        "format=IDS",
        "%00=1",
        "=1",
        "%FF=%FF",
    ],
)
def test_wrong_parameters_are_refused(shared: Client, query: str) -> None:
    problem(shared.get(f"{STATEMENTS}?{query}"), 400)


def test_no_match_is_an_empty_page(fresh: Client) -> None:
    answer = ask(fresh)
    assert (answer.status_code, answer.json) == (200, {"statements": [], "more": ""})


RICH = a_statement(
    actor="ann@example.com",
    verb="http://v.example/did",
    object={
        "id": "http://a.example/quiz",
        "definition": {
            "name": {"en-US": "Quiz", "de": "Prüfung", "fr": "Épreuve"},
            "description": {"de": "Nur deutsch"},
            "extensions": {"http://e.example/n": {"en": 1.10, "de": 1}},
        },
    },
    context={"instructor": {"mbox": "mailto:tim@example.com", "name": "Tim"}},
)
RICH["verb"]["display"] = {"en": "did", "de": "machte"}
RICH["actor"]["name"] = "Ann"


@pytest.fixture(scope="module")
def rich(enter: Enter) -> Client:
    """Give a client of a tenant with one Statement in several languages."""
    client = enter("rich")
    post(client, RICH)
    return client


def answers(client: Client, language: str = "", **given: str) -> list[dict[str, Any]]:
    """Return the Statement by its id and from the list."""
    headers = {"Accept-Language": language}
    single = ask(client, headers, statementId=RICH["id"], **given).json
    listed = ask(client, headers, **given).json["statements"]
    assert [single] == listed
    return listed  # type: ignore[no-any-return]


@pytest.mark.parametrize("given", [{}, {"format": "exact"}])
def test_exact_is_as_received(rich: Client, given: dict[str, str]) -> None:
    found = answers(rich, "de", **given)[0]
    assert {name: found[name] for name in RICH} == RICH


def test_ids_is_what_identifies(rich: Client) -> None:
    found = answers(rich, format="ids")[0]
    assert found["actor"] == {"mbox": "mailto:ann@example.com"}
    assert found["verb"] == {"id": "http://v.example/did"}
    assert found["object"] == {"id": "http://a.example/quiz"}
    assert found["context"] == {"instructor": {"mbox": "mailto:tim@example.com"}}
    assert found["id"] == RICH["id"]


@pytest.mark.parametrize(
    ("language", "name", "display"),
    [
        ("de", "de", "de"),
        ("en", "en-US", "en"),
        ("en-GB", "en-US", "en"),
        ("fr, de;q=0.5", "fr", "de"),
        ("fr;q=0.2, de;q=0.9", "de", "de"),
        ("fr;q=0, de;q=0.1", "de", "de"),
        ("xx;q=1, *;q=0.1", "en-US", "en"),
        ("", "en-US", "en"),
        (";;q=,,x=;q=nan", "en-US", "en"),
    ],
)
def test_canonical_has_one_language_a_map(
    rich: Client, language: str, name: str, display: str
) -> None:
    found = answers(rich, language, format="canonical")[0]
    definition = RICH["object"]["definition"]
    assert found["object"]["definition"] == {
        "name": {name: definition["name"][name]},
        "description": definition["description"],
        "extensions": definition["extensions"],
    }
    assert list(found["verb"]["display"]) == [display]
    assert found["actor"] == RICH["actor"]


@pytest.mark.parametrize("format_", ["ids", "canonical"])
@pytest.mark.parametrize(
    "value", ["1.10", "1E400", "9" * 400, "[" * 240 + "0.50" + "]" * 240]
)
def test_every_format_keeps_values_as_written(
    shared: Client, format_: str, value: str
) -> None:
    statement = a_statement(result={"extensions": {"http://e.example/x": 0}})
    body = json.dumps(statement).replace('x": 0', f'x":{value}')
    answer: Any = shared.post(STATEMENTS, data=body, content_type="application/json")
    assert answer.status_code == 200, answer.json
    found = shared.get(f"{STATEMENTS}?statementId={statement['id']}&format={format_}")
    assert f'"http://e.example/x":{value}}}' in found.get_data(as_text=True)  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", [{}, {"statementId": RICH["id"]}])
def test_attachments_true_answers_in_parts(rich: Client, query: dict[str, str]) -> None:
    plain = ask(rich, **query, attachments="false")
    assert plain.headers["Content-Type"] == "application/json"
    answer = ask(rich, **query, attachments="true")
    kind = answer.headers["Content-Type"]
    message = message_from_bytes(
        b"Content-Type: %b\r\n\r\n" % kind.encode() + answer.data
    )
    assert message.get_content_type() == "multipart/mixed"
    parts: Any = message.get_payload()
    assert [part.get_content_type() for part in parts] == ["application/json"]
    assert parts[0].get_payload(decode=True) == plain.data
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize(
    "query", ["", f"?statementId={RICH['id']}", f"?statementId={AN_ID}", "?limit=x"]
)
def test_head_has_the_headers_of_get_and_no_body(rich: Client, query: str) -> None:
    get: Any = rich.get(STATEMENTS + query)
    head: Any = rich.head(STATEMENTS + query)
    assert (head.status_code, head.data) == (get.status_code, b"")
    changing = {"X-Request-Id", "X-Experience-API-Consistent-Through", "Date"}
    assert {k: v for k, v in head.headers if k not in changing} == {
        k: v for k, v in get.headers if k not in changing
    }
    assert changing - {"Date"} <= set(head.headers.keys())


@pytest.mark.parametrize("method", ["delete", "patch"])
def test_other_methods_are_refused(shared: Client, method: str) -> None:
    answer = getattr(shared, method)(STATEMENTS)
    problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_a_list_is_in_descending_order_unless_asked_otherwise(fresh: Client) -> None:
    ids = post(fresh, *(a_statement() for _ in range(3))).json
    assert page(fresh) == ids[::-1]
    assert page(fresh, ascending="false") == ids[::-1]
    assert page(fresh, ascending="true") == ids
