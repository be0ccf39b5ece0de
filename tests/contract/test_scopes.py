"""Every scope on every resource and method (xAPI-Communication 4.2), both versions.

What stands here is the whole table: a scope that is not named for a request is refused
with 403, and the refusal names the scopes that would do.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lrs.access import Scope
from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, post

AGENT = json.dumps({"mbox": "mailto:ann@example.com"})
ACTIVITY = "https://courses.example.com/fire-safety"
STATE = {"activityId": ACTIVITY, "agent": AGENT, "stateId": "s"}
ACTIVITY_PROFILE = {"activityId": ACTIVITY, "profileId": "p"}
AGENT_PROFILE = {"agent": AGENT, "profileId": "p"}

ALL = {Scope.ALL}
READ_STATEMENTS = {Scope.ALL_READ, Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE}
READ_DEFINED = {
    *READ_STATEMENTS,
    Scope.DEFINE,
    Scope.STATE,
    Scope.PROFILE,
}


@dataclass(frozen=True)
class Ask:
    """One request and the scopes that allow it, beside all."""

    method: str
    path: str
    scopes: set[Scope]
    query: dict[str, str] = field(default_factory=dict)
    body: Callable[[], Any] | None = None

    def __str__(self) -> str:
        single = "-one" if self.query.get("statementId") else ""
        return f"{self.method}-{self.path.removeprefix('/xapi/')}{single}"


def document(path: str, query: dict[str, str], scope: Scope) -> list[Ask]:
    """The requests of a document resource: its scope, and all/read for reading."""
    listing = {name: query[name] for name in query if not name.endswith("Id")} | (
        {"activityId": query["activityId"]} if "activityId" in query else {}
    )
    return [
        *(Ask(verb, path, {scope, Scope.ALL_READ}, query) for verb in ("get", "head")),
        Ask("get", path, {scope, Scope.ALL_READ}, listing),
        Ask("put", path, {scope}, query, lambda: {"a": 1}),
        Ask("post", path, {scope}, query, lambda: {"a": 1}),
        Ask("delete", path, {scope}, query),
    ]


REQUESTS = [
    Ask("post", STATEMENTS, {Scope.STATEMENTS_WRITE}, body=a_statement),
    Ask(
        "put",
        STATEMENTS,
        {Scope.STATEMENTS_WRITE},
        {"statementId": "new"},
        lambda: a_statement(with_id=False),
    ),
    Ask("get", STATEMENTS, READ_STATEMENTS),
    Ask("head", STATEMENTS, READ_STATEMENTS),
    Ask("get", STATEMENTS, READ_STATEMENTS, {"statementId": "new"}),
    Ask("get", STATEMENTS, READ_STATEMENTS, {"voidedStatementId": "new"}),
    *document("/xapi/activities/state", STATE, Scope.STATE),
    *document("/xapi/activities/profile", ACTIVITY_PROFILE, Scope.PROFILE),
    *document("/xapi/agents/profile", AGENT_PROFILE, Scope.PROFILE),
    Ask("get", "/xapi/activities", READ_DEFINED, {"activityId": ACTIVITY}),
    Ask("head", "/xapi/activities", READ_DEFINED, {"activityId": ACTIVITY}),
    Ask("get", "/xapi/agents", READ_DEFINED, {"agent": AGENT}),
    Ask("head", "/xapi/agents", READ_DEFINED, {"agent": AGENT}),
]


@pytest.fixture(scope="module")
def holders(enter: Enter) -> dict[Scope, Client]:
    """A client of one tenant for every scope, which has that one alone."""
    return {scope: enter("scopes", scope) for scope in Scope}


def send(client: Client, asked: Ask, version: str) -> Any:
    query = {
        name: str(uuid.uuid4()) if value == "new" else value
        for name, value in asked.query.items()
    }
    headers = {"X-Experience-API-Version": version}
    if asked.method == "put" and asked.path != STATEMENTS:
        headers["If-None-Match"] = '"0000000000000000000000000000000000000000"'
    given = {"json": asked.body()} if asked.body else {}
    return getattr(client, asked.method)(
        asked.path, query_string=query, headers=headers, **given
    )


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("asked", REQUESTS, ids=map(str, itertools.chain(REQUESTS)))
def test_a_scope_allows_what_the_table_says_and_nothing_else(
    holders: dict[Scope, Client], asked: Ask, version: str
) -> None:
    answers = {
        scope: send(client, asked, version).status_code
        for scope, client in holders.items()
    }
    allowed = {scope for scope, status in answers.items() if status != 403}
    assert allowed == asked.scopes | ALL
    assert {answers[scope] for scope in allowed} <= {200, 204, 404}


@pytest.mark.parametrize("asked", REQUESTS, ids=map(str, REQUESTS))
def test_a_refusal_names_the_scopes_that_would_do(
    holders: dict[Scope, Client], asked: Ask
) -> None:
    answer = send(holders[Scope.REPORTS_READ], asked, "1.0.3")
    assert answer.status_code == 403
    if asked.method != "head":
        told = answer.get_json()["detail"]
        assert all(scope.value in told for scope in asked.scopes)


@pytest.mark.parametrize("scope", list(Scope))
def test_about_needs_none(holders: dict[Scope, Client], scope: Scope) -> None:
    assert holders[scope].get("/xapi/about").status_code == 200
    assert holders[scope].get("/xapi/about", auth=None).status_code == 200


def test_refused_writing_leaves_nothing(
    enter: Enter, holders: dict[Scope, Client]
) -> None:
    tenant = f"t{uuid.uuid4().hex[:12]}"
    reader, owner = enter(tenant, Scope.ALL_READ), enter(tenant)
    post(owner, a_statement())
    for asked in REQUESTS:
        if asked.method in ("post", "put"):
            assert send(reader, asked, "1.0.3").status_code == 403
    assert len(owner.get(STATEMENTS).get_json()["statements"]) == 1
    for path, query in (
        ("/xapi/activities/state", STATE),
        ("/xapi/activities/profile", ACTIVITY_PROFILE),
        ("/xapi/agents/profile", AGENT_PROFILE),
    ):
        assert owner.get(path, query_string=query).status_code == 404
