"""Off, warn and enforce: what becomes of Statements that break rules of cmi5."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from lrs.access import Scope
from lrs.app import create_app
from lrs.cmi5 import vocabulary as words
from lrs.services import Services, build
from lrs.tenants import Cmi5Mode, Tenant
from tests.builders import a_statement, a_void
from tests.cmi5_builders import (
    ABSENT,
    a_cmi5_statement,
    a_session,
    an_allowed_statement,
    extension,
)
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, page, post, problem, put

LISTED = "/api/v1/statements/cmi5-violations"
VERSIONS = ("1.0.3", "2.0.0")
InMode = Callable[[Cmi5Mode | None], Client]


@pytest.fixture
def tenant() -> str:
    """Give the name of a tenant that nobody else has."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def client(enter: Enter, tenant: str) -> Client:
    """Give a client of that tenant."""
    return enter(tenant)


@pytest.fixture
def be(common: Services, tenant: str) -> Callable[[Cmi5Mode | None], None]:
    """Put the tenant into a mode; None is the default."""
    return lambda mode: common.tenants.put(Tenant(tenant, mode))


def broken() -> dict[str, Any]:
    """A cmi5-defined Statement that says passed and failed at once."""
    return a_cmi5_statement("passed", {"result/success": False})


def send(client: Client, body: object, version: str = "1.0.3") -> Any:
    return client.post(
        STATEMENTS,
        data=json.dumps(body),
        content_type="application/json",
        headers={"X-Experience-API-Version": version},
    )


def listed(client: Client, query: str = "") -> Any:
    answer: Any = client.get(f"{LISTED}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_default_is_to_warn(client: Client) -> None:
    sent = broken()
    post(client, sent)
    assert page(client) == [sent["id"]]
    found = listed(client)["statements"]
    assert [item["statement_id"] for item in found] == [sent["id"]]
    assert [item["rule"] for item in found[0]["violations"]] == ["cmi5:9.5.2"]


def test_a_mode_of_its_own_wins_over_the_default(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.OFF)
    post(client, broken())
    assert listed(client) == {"statements": [], "more": ""}
    be(Cmi5Mode.ENFORCE)
    problem(send(client, broken()), 403)
    be(None)
    post(client, broken())
    assert len(listed(client)["statements"]) == 1
    assert len(page(client)) == 2


@pytest.mark.parametrize("mode", ["off", "warn", "enforce"])
def test_the_setting_is_the_default_of_every_tenant(
    common: Services, mode: str
) -> None:
    settings = replace(common.settings, cmi5_mode=mode)
    with closing(build(settings)) as services:
        name = f"t{uuid.uuid4().hex[:12]}"
        key, secret = services.credentials.add(name, [Scope.ALL])
        client = Client(create_app(services), key, secret)
        assert send(client, broken()).status_code == (403 if mode == "enforce" else 200)
        assert len(listed(client)["statements"]) == (1 if mode == "warn" else 0)


@pytest.mark.parametrize("version", VERSIONS)
def test_warn_stores_the_statement_as_it_came_and_the_violations_beside_it(
    client: Client, be: Callable[[Cmi5Mode | None], None], version: str
) -> None:
    be(Cmi5Mode.WARN)
    sent = a_cmi5_statement(
        "waived", {"actor": {"mbox": "mailto:a@example.com"}, "result": ABSENT}
    )
    post(client, sent, version=version)
    answer: Any = client.get(f"{STATEMENTS}?statementId={sent['id']}")
    assert answer.json["actor"] == sent["actor"]
    assert "cmi5" not in answer.json
    (found,) = listed(client)["statements"]
    assert found["stored"] == answer.json["stored"]
    for item in found["violations"]:
        assert item["message"].endswith(".")
    assert [(item["path"], item["rule"]) for item in found["violations"]] == [
        ("actor.account", "cmi5:9.2"),
        ("result.success", "cmi5:9.5.2"),
        ("result.completion", "cmi5:9.5.3"),
        ("context.contextActivities.category", "cmi5:9.6.2.2"),
        (f'result.extensions["{words.REASON}"]', "cmi5:9.5.5.2"),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_enforce_refuses_one_statement_and_stores_nothing(
    client: Client, be: Callable[[Cmi5Mode | None], None], version: str
) -> None:
    be(Cmi5Mode.ENFORCE)
    body = problem(send(client, broken(), version), 403)
    assert body["type"] == "urn:lrs:problem:cmi5"
    assert body["violations"] == [
        {
            "path": "result.success",
            "rule": "cmi5:9.5.2",
            "message": "The success must be true on passed.",
        }
    ]
    assert page(client) == []
    assert listed(client)["statements"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_enforce_tells_all_violations_of_a_batch_with_their_index(
    client: Client, be: Callable[[Cmi5Mode | None], None], version: str
) -> None:
    be(Cmi5Mode.ENFORCE)
    batch = [
        a_cmi5_statement("initialized"),
        a_cmi5_statement("terminated", {"result": ABSENT}),
        a_statement(),
        a_cmi5_statement(
            "completed", {"result/completion": False, "result/duration": ABSENT}
        ),
    ]
    body = problem(send(client, batch, version), 403)
    assert [(item["path"], item["rule"]) for item in body["violations"]] == [
        ("[1].result.duration", "cmi5:9.5.4.1"),
        ("[3].result.completion", "cmi5:9.5.3"),
        ("[3].result.duration", "cmi5:9.5.4.1"),
    ]
    assert body["detail"].startswith("2 of 4 Statements ")
    assert page(client) == []


def test_enforce_refuses_a_put(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    sent = broken()
    body = problem(put(client, sent["id"], sent), 403)
    assert body["violations"][0]["path"] == "result.success"
    assert page(client) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_enforce_takes_a_valid_session_and_whatever_is_not_defined_by_cmi5(
    client: Client, be: Callable[[Cmi5Mode | None], None], version: str
) -> None:
    be(Cmi5Mode.ENFORCE)
    session = a_session()
    free = an_allowed_statement({"result": {"completion": False}})
    post(client, *session, free, a_statement(), version=version)
    assert len(page(client)) == len(session) + 2
    assert listed(client)["statements"] == []


def test_a_category_that_stands_alone_without_an_array_counts(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    path = "context/contextActivities/category"
    sent = a_cmi5_statement("passed", {path: {"id": words.DEFINED}})
    body = problem(send(client, sent), 403)
    assert [item["rule"] for item in body["violations"]] == ["cmi5:9.6.2.2"]
    post(client, a_cmi5_statement("initialized", {path: {"id": words.DEFINED}}))


def test_numbers_of_any_size_in_extensions_are_judged_by_value(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    progress = extension("result", words.PROGRESS)
    for number, status in (("1E2", 200), ("1E400", 403), ("9" * 400, 403)):
        sent = a_cmi5_statement("terminated", {progress: 7777})
        answer: Any = client.post(
            STATEMENTS,
            data=json.dumps(sent).replace("7777", number),
            content_type="application/json",
        )
        assert answer.status_code == status, number


def test_what_is_no_valid_statement_is_refused_as_such_first(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    body = problem(send(client, [broken(), a_statement(object={})]), 400)
    assert all(not item["rule"].startswith("cmi5") for item in body["violations"])


def test_advice_is_recorded_and_refuses_nothing(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    progress = extension("result", words.PROGRESS)
    sent = a_cmi5_statement("completed", {progress: 100})
    post(client, sent)
    (found,) = listed(client)["statements"]
    assert [item["rule"] for item in found["violations"]] == ["cmi5:9.5.5.1"]


# -- repeats ------------------------------------------------------------------------


@pytest.mark.parametrize("first", [Cmi5Mode.OFF, Cmi5Mode.WARN])
def test_a_repeat_of_what_is_stored_is_answered_in_every_mode(
    client: Client, be: Callable[[Cmi5Mode | None], None], first: Cmi5Mode
) -> None:
    be(first)
    old = broken()
    stored = post(client, old)
    before = listed(client)
    be(Cmi5Mode.ENFORCE)
    assert post(client, old).json == stored.json
    assert put(client, old["id"], old).status_code == 204
    new = a_cmi5_statement("initialized")
    post(client, new, old)
    assert page(client) == [new["id"], old["id"]]
    assert listed(client) == before


def test_enforce_names_what_is_new_beside_a_repeat(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.WARN)
    old = broken()
    post(client, old)
    be(Cmi5Mode.ENFORCE)
    body = problem(send(client, [old, a_statement(), broken()]), 403)
    assert [item["path"] for item in body["violations"]] == ["[2].result.success"]
    assert page(client) == [old["id"]]


def test_enforce_does_not_hide_that_another_statement_has_the_id(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    sent = a_cmi5_statement("initialized")
    post(client, sent)
    problem(send(client, {**broken(), "id": sent["id"]}), 409)


def test_enforce_refuses_what_was_voided_before_it_came(
    client: Client, be: Callable[[Cmi5Mode | None], None]
) -> None:
    be(Cmi5Mode.ENFORCE)
    sent = broken()
    post(client, a_void(sent["id"]))
    problem(send(client, sent), 403)


# -- seeing them --------------------------------------------------------------------


def test_the_list_has_pages_the_newest_first(client: Client) -> None:
    ids: list[str] = []
    for _ in range(2):
        ids += post(client, broken(), a_statement(), broken(), broken()).json
    wanted = [made for at, made in enumerate(ids) if at % 4 != 1][::-1]
    found, answer = [], listed(client, "?limit=4")
    while True:
        found.append([item["statement_id"] for item in answer["statements"]])
        if not answer["more"]:
            break
        answer = client.get(answer["more"]).json  # type: ignore[attr-defined]
    assert found == [wanted[:4], wanted[4:]]
    assert listed(client, "?limit=6")["more"] == ""


def test_a_page_is_no_larger_than_the_settings_allow(
    client: Client, common: Services
) -> None:
    most = common.settings.max_page
    post(client, *(broken() for _ in range(most + 1)))
    for query in ("", f"?limit={most + 1}"):
        answer = listed(client, query)
        assert len(answer["statements"]) == most
        assert answer["more"]


def test_a_voided_statement_is_settled_and_leaves_the_list(client: Client) -> None:
    sent = broken()
    post(client, sent)
    post(client, a_void(sent["id"]))
    assert listed(client)["statements"] == []


def test_a_statement_that_was_voided_before_it_came_is_not_listed(
    client: Client,
) -> None:
    sent = broken()
    post(client, a_void(sent["id"]))
    post(client, sent)
    assert listed(client)["statements"] == []


def test_a_tenant_sees_its_own(client: Client, enter: Enter) -> None:
    other = enter(f"t{uuid.uuid4().hex[:12]}")
    post(client, *(broken() for _ in range(3)))
    assert listed(other)["statements"] == []
    more = listed(client, "?limit=1")["more"]
    assert other.get(more).json["statements"] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("scope", Scope)
def test_the_list_is_for_those_who_may_read_every_statement(
    enter: Enter, tenant: str, scope: Scope
) -> None:
    allowed = scope in (Scope.ALL, Scope.ALL_READ, Scope.STATEMENTS_READ)
    answer: Any = enter(tenant, scope).get(LISTED)
    assert answer.status_code == (200 if allowed else 403)
    if not allowed:
        assert "statements/read" in problem(answer, 403)["detail"]


@pytest.mark.parametrize(
    "query",
    [
        *("?limit=0", "?limit=-1", "?limit=x", "?limit=", f"?limit={'9' * 30}"),
        *("?colour=red", "?limit=1&limit=2", "?more=", "?more=x", "?more=AAAA"),
    ],
)
def test_wrong_parameters_are_refused(client: Client, query: str) -> None:
    problem(client.get(f"{LISTED}{query}"), 400)


def test_a_more_address_is_used_as_it_was_given(client: Client) -> None:
    post(client, broken(), broken())
    more = listed(client, "?limit=1")["more"]
    problem(client.get(f"{more}&limit=5"), 400)
