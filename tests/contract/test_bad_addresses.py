"""Wrong parameters, methods and paths, at every resource: each a problem, none a fault.

xAPI-Communication 1.1, 1.4, 2.1.3, 3.2; RFC 9110 15.5.5, 15.5.6; RFC 9457.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, problem
from tests.contract.every_resource import API, EVERY, XAPI, Good

VERSION = "X-Experience-API-Version"
PARAMETERS = [(name, key) for name, good in EVERY.items() for key in good.parameters]


def refused(client: Client, name: str, query: str) -> dict[str, Any]:
    """Send a request with this query; it must be refused."""
    good = EVERY[name]
    answer = good.send(client, query=query)
    found = problem(answer, 400)
    if name in XAPI:
        assert answer.headers[VERSION] == "1.0.3"
    return found


# -- parameters ---------------------------------------------------------------------

NAMES = ("foo", "$where", "agent[]", "agent.mbox", "", "\x00", "é", "A" * 3000, "Agent")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("unknown", NAMES)
def test_an_unknown_parameter_is_refused(
    shared: Client, name: str, unknown: str
) -> None:
    good = EVERY[name]
    found = refused(shared, name, f"{good.query}&{quote(unknown, safe='')}=geheim")
    assert "geheim" not in found["detail"]
    assert len(found["detail"]) < 300


@pytest.mark.parametrize("name", EVERY)
def test_what_is_no_name_is_not_repeated_to_the_sender(
    shared: Client, name: str
) -> None:
    query = f"{EVERY[name].query}&" + quote('{"mbox":"mailto:geheim@a.example"}')
    assert "geheim" not in refused(shared, name, query)["detail"]


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_a_repeated_parameter_is_refused(shared: Client, name: str, key: str) -> None:
    good = EVERY[name]
    again = urlencode({key: good.parameters[key]})
    assert key in refused(shared, name, f"{good.query}&{again}")["detail"]
    assert key in refused(shared, name, f"{again}&{good.query}")["detail"]
    assert key in refused(shared, name, f"{good.query}&{key}=")["detail"]


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_a_parameter_in_another_letter_case_is_unknown(
    shared: Client, name: str, key: str
) -> None:
    given = dict(EVERY[name].parameters)
    given[key.upper()] = given.pop(key)
    refused(shared, name, urlencode(given))


NO_TEXT = ("%FF", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%E2%98", "x%80", "%FF%FE%00")


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_a_parameter_that_is_no_utf_8_is_refused(
    shared: Client, name: str, key: str
) -> None:
    for wrong in NO_TEXT:
        given = {
            other: EVERY[name].parameters[other] for other in EVERY[name].parameters
        }
        del given[key]
        refused(shared, name, f"{urlencode(given)}&{key}={wrong}")


# What each parameter cannot be; ids of documents can be any text.
WRONG: dict[str, tuple[str, ...]] = {
    "agent": (
        *("", "x", "null", "[]", "1", "true", '""', "{", '{"mbox":1}', '{"name":"x"}'),
        *('{"mbox":"a@b.example"}', '{"objectType":"Person"}', '{"account":{}}'),
        '{"mbox":"mailto:a@b.example","openid":"http://a.example/"}',
        '{"mbox":"mailto:a@b.example","mbox":"mailto:a@b.example"}',
        '{"mbox":"mailto:a@b.example"}x',
        '{"account":{"homePage":"http://h.example","name":"\x00',
        '{"mbox":"mailto:a@b.example","name":"\\ud800"}',
        '{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}',
    ),
    "activityId": (
        "",
        "x",
        "/a",
        "a b:c",
        "http://a b",
        "http://a/\x00",
        "{}",
        "x" * 99,
    ),
    "statementId": ("", "x", "1", "{}", "fd41c918b88b4b20a0a5a4c32391aaa0", "\x00"),
    "since": ("", "x", "0", "2020", "2020-01-01", "2020-02-30T00:00:00Z", "-1", "now"),
    "limit": ("", "x", "-1", "1.0", "1e3", "9" * 400, "+1", " 1", "٣", "0x1", "NaN"),
    "format": ("", "x", "IDS", "exact,ids", "\x00"),
    "attachments": ("", "1", "yes", "TRUE", "null", "\x00"),
    "version": ("", "1.0", "x", "1.0.3,2.0.0", "\x00"),
}
WRONG["verb"] = WRONG["activity"] = WRONG["activityId"]
WRONG["registration"] = WRONG["statementId"]
WRONG["until"] = WRONG["since"]
WRONG["related_agents"] = WRONG["related_activities"] = WRONG["attachments"]
WRONG["ascending"] = WRONG["cmi5"] = WRONG["attachments"]


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_a_wrong_value_is_refused_by_the_name_of_its_parameter(
    shared: Client, name: str, key: str
) -> None:
    for value in WRONG.get(key, ("",)) if name in XAPI else ("", "x", "\x00", "-1"):
        given = EVERY[name].parameters | {key: value}
        assert key in refused(shared, name, urlencode(given))["detail"], value


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_a_required_parameter_that_is_missing_is_named(
    shared: Client, name: str, key: str
) -> None:
    required = {"activityId", "agent", "profileId", "stateId", "statementId"}
    if key not in required or name == "GET statements" or "list" in name:
        return
    if key.endswith(("profileId", "stateId")) and name.startswith(("GET", "DELETE st")):
        return
    given = {
        it: EVERY[name].parameters[it] for it in EVERY[name].parameters if it != key
    }
    assert key in refused(shared, name, urlencode(given))["detail"]


FOREIGN = (
    "&&&",
    "=",
    "=&=",
    "%",
    "%zz",
    "?",
    "a=b=c",
    "a;b",
    "[]=1",
    "&".join("ab" * 900),
)


@pytest.mark.parametrize("name", EVERY)
def test_no_query_is_a_fault(shared: Client, name: str) -> None:
    for query in FOREIGN:
        answer = EVERY[name].send(shared, query=query)
        assert answer.status_code < 500, query
        if answer.status_code >= 400:
            problem(answer, 400)


# -- methods ------------------------------------------------------------------------

METHODS = (
    "TRACE",
    "PATCH",
    "CONNECT",
    "PROPFIND",
    "QUERY",
    "LOCK",
    "FOO",
    "GE",
    "X" * 40,
)
PATHS = {good.path: good for good in EVERY.values()} | {
    "/xapi/about": Good("GET", "/xapi/about")
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_is_not_there_is_told_which_are(
    shared: Client, path: str, method: str
) -> None:
    answer: Any = shared.open(
        path, method=method, data=b"{}", content_type="application/json"
    )
    found = problem(answer, 405)
    assert found["title"] == "Method Not Allowed"
    allowed = {item.strip() for item in answer.headers["Allow"].split(",")}
    there = {good.method for good in EVERY.values() if good.path == path}
    assert there <= allowed
    assert method not in allowed
    assert (VERSION in answer.headers) == path.startswith("/xapi")


def test_every_method_that_is_allowed_is_there(shared: Client) -> None:
    for path in PATHS:
        answer: Any = shared.open(path, method="FOO")
        for method in answer.headers["Allow"].split(", "):
            again: Any = shared.open(path, method=method)
            assert again.status_code not in (405, 501), (path, method)


# -- paths --------------------------------------------------------------------------

UNKNOWN = (
    *(
        "/xapi",
        "/xapi/",
        "/xapi/x",
        "/xapi/statement",
        "/xapi/statements/",
        "/xapi/x/y",
    ),
    *(
        "/xapi/Statements",
        "/xapi/statements/more",
        "/xapi/activities/State",
        "/xapi/..",
    ),
    *("/xapi/statements.json", "/xapi/statements;a=b", "/xapi/%00", "/xapi/%FF%FE"),
    *(
        "/xapi/%0d%0aX-Evil:%201",
        "/xapi//statements",
        "/xapi/./statements",
        "/xapi/%2e",
    ),
    *(
        "/xapi/../xapi/statements",
        "/xapi/statements%2F",
        "/xapi/statements%20",
        "/xapi/%",
    ),
    *(
        "/xapi/" + "a" * 5000,
        "/xapi" + "/a" * 900,
        "/xapi/\u00e9",
        "/xapi/{}",
        "/xapi/*",
    ),
    *("/api/v1", "/api/v1/", "/api/v1/x", "/api/v1//reports", "/api/v1/reports/"),
    *("/api/v1/statements", "/api/v1/statements/validate/"),
    *("/api/v1/statements/x/signatures", "/api/v1/%FF", "/api/v2/reports", "/api"),
)


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_an_unknown_address_is_a_problem(
    shared: Client, path: str, method: str
) -> None:
    answer: Any = shared.open(path, method=method)
    if method == "HEAD":
        assert (answer.status_code, answer.data) == (404, b"")
    else:
        found = problem(answer, 404)
        assert "Location" not in answer.headers
        assert "evil" not in answer.text.lower()
        assert found["title"] == "Not Found" or found["detail"]
    if path.startswith("/xapi") and ".." not in path:
        assert VERSION in answer.headers


def test_an_unknown_address_needs_no_version_to_be_one(shared: Client) -> None:
    answer: Any = shared.get("/xapi/x", headers={VERSION: ""}, auth=None)
    problem(answer, 404)
    assert answer.headers[VERSION] == "0.95"


# -- and all that is wrong at once --------------------------------------------------


def test_everything_that_is_wrong_in_a_batch_is_told_with_its_position(
    shared: Client,
) -> None:
    wrong = a_statement(verb="x") | {"actor": {"mbox": "a"}, "timestamp": "soon"}
    batch = [a_statement(), wrong, a_statement(), a_statement(object={"id": "x"})]
    answer: Any = shared.post(STATEMENTS, json=batch)
    found = problem(answer, 400)
    assert {item["path"] for item in found["violations"]} == {
        *("[1].verb.id", "[1].actor.mbox", "[1].timestamp", "[3].object.id"),
    }
    assert found["detail"].startswith("2 of 4 Statements break the rules")
    assert answer.headers[VERSION] == "1.0.3"
    alone: Any = shared.post(STATEMENTS, json=wrong)
    assert {item["path"] for item in problem(alone, 400)["violations"]} == {
        *("verb.id", "actor.mbox", "timestamp"),
    }


def test_the_api_answers_with_problems_too(shared: Client) -> None:
    for good in API.values():
        problem(good.send(shared, auth=None), 401)
        problem(good.send(shared, query="x=1"), 400)
