"""Who may do what: credentials, scopes, tenants, authority."""

from __future__ import annotations

import base64
import time
import uuid
from typing import Any

import pytest
from werkzeug.security import generate_password_hash

from lrs.access import Scope
from lrs.errors import Conflict, NotFound
from lrs.services import Services
from lrs.store import credentials
from lrs.store.credentials import MongoCredentials
from tests.builders import a_statement, a_void
from tests.conftest import Client
from tests.contract.answers import (
    STATEMENTS,
    Enter,
    ask,
    one,
    page,
    post,
    problem,
    put,
    voided,
)

WRITERS = {Scope.ALL, Scope.STATEMENTS_WRITE}
READERS = {Scope.ALL, Scope.ALL_READ, Scope.STATEMENTS_READ}
MINE = Scope.STATEMENTS_READ_MINE


def a_tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


@pytest.mark.parametrize("method", ["get", "post", "put", "head"])
def test_every_method_needs_a_credential(shared: Client, method: str) -> None:
    answer = getattr(shared, method)(STATEMENTS, json=a_statement(), auth=None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic é",
        "Bearer token",
        basic(b""),
        basic(b"nocolon"),
        basic(b":"),
        basic(b"\xff\xfe:\xff"),
        basic(b"a\0b:c\0d"),
        basic(b"key:" + b"s" * 4000),
        basic("schlüssel:ключ".encode()),
    ],
)
def test_without_a_valid_credential_nothing_is_done(
    shared: Client, authorization: str | None
) -> None:
    headers = {"Authorization": authorization}
    answer: Any = shared.get(STATEMENTS, headers=headers, auth=None)
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_a_wrong_secret_and_a_wrong_key_are_refused_alike(shared: Client) -> None:
    key, secret = shared.auth
    wrong = [
        ask(shared.signed_in_as(*pair), limit="1")
        for pair in ((key, secret + "x"), (key, ""), (key + "x", secret), ("", secret))
    ]
    assert len({problem(answer, 401)["detail"] for answer in wrong}) == 1
    assert ask(shared, limit="1").status_code == 200


def test_a_credential_of_any_script_is_taken(common: Services, shared: Client) -> None:
    pair = (f"schlüssel {uuid.uuid4()}", "ключ:😀 :")
    common.credentials.add("shared", [Scope.ALL], key=pair[0], secret=pair[1])
    header = {"Authorization": basic(":".join(pair).encode())}
    answer: Any = shared.get(f"{STATEMENTS}?limit=1", headers=header, auth=None)
    assert answer.status_code == 200


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_allows_its_own_and_nothing_else(enter: Enter, scope: Scope) -> None:
    tenant = a_tenant()
    client, other = enter(tenant, scope), enter(tenant)
    theirs = a_statement()
    post(other, theirs)
    ours = a_statement()
    writes = [
        client.post(STATEMENTS, json=ours),
        put(client, ours["id"], ours),
        client.post(STATEMENTS, json=[a_void(ours["id"])]),
    ]
    reads = [
        ask(client),
        one(client, theirs["id"]),
        voided(client, theirs["id"]),
    ]
    if scope in WRITERS:
        assert [item.status_code for item in writes] == [200, 204, 200]  # type: ignore[attr-defined]
    else:
        for answer in writes:
            assert "statements/write" in problem(answer, 403)["detail"]
        assert page(other) == [theirs["id"]]
    if scope in READERS:
        assert [item.status_code for item in reads] == [200, 200, 404]
    elif scope is MINE:
        assert reads[0].json["statements"] == []
        for answer in reads[1:]:
            problem(answer, 404)
    else:
        for answer in reads:
            problem(answer, 403)


def test_scopes_add_up(enter: Enter) -> None:
    client = enter(a_tenant(), Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ)
    made = post(client, a_statement()).json
    assert page(client) == made


def test_mine_is_what_this_credential_wrote(enter: Enter) -> None:
    tenant = a_tenant()
    mine, other = enter(tenant, Scope.STATEMENTS_WRITE, MINE), enter(tenant)
    ours = post(mine, *(a_statement() for _ in range(3))).json
    theirs = post(other, *(a_statement() for _ in range(3))).json
    post(other, a_void(ours[0]), a_void(theirs[0]))
    assert page(mine) == ours[:0:-1]
    assert page(mine, limit="50", ascending="true") == ours[1:]
    assert one(mine, ours[1]).status_code == 200
    assert voided(mine, ours[0]).status_code == 200
    problem(one(mine, theirs[1]), 404)
    problem(voided(mine, theirs[0]), 404)
    more = ask(other, limit="1", ascending="true").json["more"]
    following: Any = mine.get(more)
    assert [item["id"] for item in following.json["statements"]] == ours[2:]


def test_a_revoked_credential_ends(common: Services, enter: Enter) -> None:
    tenant = a_tenant()
    client, other = enter(tenant), enter(tenant)
    assert ask(client).status_code == ask(other).status_code == 200
    with pytest.raises(NotFound):
        common.credentials.revoke("shared", client.auth[0])
    assert ask(client).status_code == 200
    common.credentials.revoke(tenant, client.auth[0])
    problem(ask(client), 401)
    assert ask(other).status_code == 200
    listed = {item.key: item.revoked for item in common.credentials.list(tenant)}
    assert listed == {client.auth[0]: True, other.auth[0]: False}


def test_another_process_sees_the_end_of_a_credential_within_its_memory(
    common: Services,
) -> None:
    there = MongoCredentials(common.database, "http://a.example", remember_seconds=0.5)
    pair = common.credentials.add("shared", [Scope.ALL])
    assert there.verify(*pair)
    common.credentials.revoke("shared", pair[0])
    time.sleep(0.6)
    assert there.verify(*pair) is None


def test_a_remembered_credential_still_needs_its_secret(common: Services) -> None:
    key, secret = common.credentials.add("shared", [Scope.ALL])
    assert common.credentials.verify(key, secret)
    assert common.credentials.verify(key, secret[:-1]) is None
    assert common.credentials.verify(key + secret[:1], secret[1:]) is None


def test_a_key_is_given_once(common: Services) -> None:
    key, secret = common.credentials.add("shared", [Scope.ALL])
    with pytest.raises(Conflict):
        common.credentials.add(a_tenant(), [Scope.ALL], key=key, secret=secret)
    found = common.credentials.verify(key, secret)
    assert found
    assert found.tenant == "shared"


def test_secrets_are_stored_hashed_with_a_salt_each(
    common: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in the program, where the tests do it at little cost.
    monkeypatch.setattr(credentials, "generate_password_hash", generate_password_hash)
    secret = f"secret-{uuid.uuid4()}"
    keys = [
        common.credentials.add("shared", [Scope.ALL], secret=secret)[0] for _ in "ab"
    ]
    rows = list(common.database["credentials"].find({"_id": {"$in": keys}}))
    assert len({row["secret_hash"] for row in rows}) == 2
    for row in rows:
        assert row["secret_hash"].startswith("scrypt:32768:8:1$")
    for name in common.database.list_collection_names():
        for row in common.database[name].find({"tenant": "shared"}):
            assert secret not in repr(row)
