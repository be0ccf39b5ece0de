"""Who may speak SCIM, of whose people, several at a time; and what is told of it."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from flask import Flask

from lrs.access import Scope, bearer_token
from lrs.services import Services
from tests.contract.provisioning import (
    LIST,
    MEDIA_TYPE,
    Enroll,
    Provider,
    a_user,
    read,
    refusal,
)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer \x80",
        "Bearer " + "A" * 8000,
        "Basic eDp5",
        "Digest x",
        f"Bearer {bearer_token('nobody', 'nothing')}",
    ],
)
def test_whoever_has_no_token_is_nobody(app: Flask, given: str) -> None:
    answer = Provider(app, "").send("GET", "/Users", Authorization=given)
    assert refusal(answer) == (401, None)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="SCIM"'


def test_a_token_is_for_scim_and_a_credential_needs_the_scope(
    common: Services, app: Flask, enroll: Enroll
) -> None:
    reader = enroll(None, Scope.ALL_READ, Scope.REPORTS_READ, Scope.STATEMENTS_WRITE)
    assert refusal(reader.send("GET", "/Users")) == (403, None)
    key, secret = common.credentials.add("default", [Scope.SCIM])
    basic = app.test_client().get("/scim/v2/Users", auth=(key, secret))
    assert basic.status_code == 200
    bearer = {"Authorization": f"Bearer {bearer_token(key, secret)}"}
    bearer["X-Experience-API-Version"] = "1.0.3"
    for path in ("/xapi/statements", "/api/v1/reports"):
        assert app.test_client().get(path, headers=bearer).status_code == 401
        refused = app.test_client().get(
            path, auth=(key, secret), headers={"X-Experience-API-Version": "1.0.3"}
        )
        assert refused.status_code == 403
    common.credentials.revoke("default", key)
    assert refusal(Provider(app, bearer_token(key, secret)).send("GET", "/Users")) == (
        401,
        None,
    )


def test_a_rate_holds_for_scim_too(common: Services, app: Flask) -> None:
    pair = common.credentials.add("rated", [Scope.SCIM], rate_limit="2/minute")
    provider = Provider(app, bearer_token(*pair))
    answers = [provider.send("GET", "/Users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refusal(answers[2]) == (429, None)
    assert int(answers[2].headers["Retry-After"]) > 0


def test_a_token_has_key_and_secret_whatever_they_are() -> None:
    from lrs.access import of_bearer_token

    for pair in (("k", "s"), ("a b", "ü:~"), ("key", ""), ("ключ", "?" * 99)):
        token = bearer_token(*pair)
        assert of_bearer_token(token) == pair
        assert set(token) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        )


def test_another_tenant_sees_and_changes_nothing(enroll: Enroll) -> None:
    ours, theirs = enroll(), enroll()
    made = ours.create("ann@acme.example", externalId="1")
    path = f"/Users/{made['id']}"
    assert theirs.names() == []
    assert theirs.names('userName eq "ann@acme.example"') == []
    assert theirs.names(f'id eq "{made["id"]}"') == []
    assert theirs.names("userName pr") == []
    change = {"op": "replace", "path": "active", "value": False}
    for answer in (
        theirs.send("GET", path),
        theirs.patch(made["id"], change),
        theirs.send("PUT", path, a_user("x")),
        theirs.send("DELETE", path),
    ):
        assert refusal(answer)[0] == 404
    assert theirs.create("ann@acme.example", externalId="1")["id"] != made["id"]
    assert ours.get(made["id"]) == made


def test_changes_at_the_same_time_lose_nothing(provider: Provider) -> None:
    user = provider.create(uuid.uuid4().hex)["id"]
    names = ("title", "displayName", "nickName", "locale", "userType", "timezone")
    answers: list[int] = []

    def change(name: str) -> None:
        for turn in range(5):
            operation = {"op": "replace", "path": name, "value": f"{name} {turn}"}
            answers.append(provider.patch(user, operation).status_code)

    threads = [threading.Thread(target=change, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 30
    now = provider.get(user)
    assert {name: now[name] for name in names} == {name: f"{name} 4" for name in names}


def test_one_name_is_given_once_however_many_ask_for_it(provider: Provider) -> None:
    name, answers = uuid.uuid4().hex, []

    def create() -> None:
        answers.append(provider.send("POST", "/Users", a_user(name)))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert provider.search(f'userName eq "{name}"')["totalResults"] == 1


def test_an_answer_is_of_scim(provider: Provider, user: dict[str, Any]) -> None:
    answer = provider.send("GET", f"/Users/{user['id']}")
    assert answer.mimetype == MEDIA_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["ETag"] == user["meta"]["version"]


def test_groups_are_none_and_cannot_be_made(provider: Provider) -> None:
    assert read(provider.send("GET", "/Groups?startIndex=1&count=100")) == {
        "schemas": [LIST],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }
    assert refusal(provider.send("POST", "/Groups", {"displayName": "x"})) == (
        501,
        None,
    )
    assert refusal(provider.send("GET", "/Groups/1")) == (404, None)


def test_the_service_says_what_it_is(provider: Provider) -> None:
    config = read(provider.send("GET", "/ServiceProviderConfig"))
    assert config["patch"]["supported"]
    assert config["etag"]["supported"]
    assert not config["bulk"]["supported"]
    types = read(provider.send("GET", "/ResourceTypes"))
    assert [one["id"] for one in types["Resources"]] == ["User"]
    assert read(provider.send("GET", "/ResourceTypes/User"))["endpoint"] == "/Users"
    schemas = read(provider.send("GET", "/Schemas"))
    for one in schemas["Resources"]:
        assert read(provider.send("GET", f"/Schemas/{one['id']}")) == one
    assert schemas["totalResults"] == 3
    assert refusal(provider.send("GET", "/Schemas/urn:none")) == (404, None)
