"""SCIM refused: bad bodies, bad changes, wrong callers; always in SCIM's own form."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest

from tests.contract.provisioning import (
    CORE,
    ENTERPRISE,
    PATCH,
    Provider,
    a_user,
    read,
    refusal,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"user"',
        b"17",
        b'{"userName": "a", "userName": "b"}',
        b'{"userName": NaN}',
        b"\xff\xfe",
        b'{"userName": "\\ud800"}',
        b"[" * 10_000,
        b'{"a":' * 240 + b"1" + b"}" * 240,
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_that_is_no_object_is_refused(
    provider: Provider, user: dict[str, Any], method: str, body: bytes
) -> None:
    path = "/Users" if method == "POST" else f"/Users/{user['id']}"
    status, keyword = refusal(provider.send(method, path, body))
    assert status == 400
    assert keyword in ("invalidSyntax", "invalidValue")
    assert provider.get(user["id"]) == user


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"userName": ""},
        {"userName": "  "},
        {"userName": None},
        {"userName": ["a"]},
        {"userName": {"value": "a"}},
        {"userName": "a" * 513},
        {"userName": "a", "externalId": "e" * 513},
        {"userName": "a", "active": "perhaps"},
        {"userName": "a", "active": [True]},
        {"userName": "a", "name": "Ada"},
        {"userName": "a", "emails": "a@b.c"},
        {"userName": "a", "emails": ["a@b.c"]},
        {"userName": "a", "emails": [{"value": "a@b.c"}] * 101},
        {"userName": "a", "emails": [{"value": {}}]},
        {"userName": "a", "title": "t" * 70_000},
        {"userName": "a", ENTERPRISE: "Sales"},
        {"userName": "a", ENTERPRISE: {"manager": ["a", "b"]}},
        {"userName": "a", ENTERPRISE: {"manager": {"value": {"$gt": ""}}}},
    ],
)
def test_a_user_that_is_none_is_refused(
    provider: Provider, given: dict[str, Any]
) -> None:
    before = provider.search(count=0)["totalResults"]
    answer = provider.send("POST", "/Users", {"schemas": [CORE], **given})
    assert refusal(answer) == (400, "invalidValue"), answer.text
    assert provider.search(count=0)["totalResults"] == before


def test_what_no_schema_declares_is_not_kept(provider: Provider) -> None:
    made = provider.create(
        uuid.uuid4().hex,
        password="secret",
        phoneNumbers=[{"value": "1"}],
        photos=[{"value": "https://acme.example/a.png"}],
        id="mine",
        meta={"version": "mine"},
        groups=[{"value": "g"}],
        **{"urn:acme": {"a": 1}, "$where": 1, "a.b": 2, "__proto__": {}},
    )
    assert set(made) == {"schemas", "id", "meta", "userName", "active"}
    assert made["id"] != "mine"
    assert made["active"] is True


@pytest.mark.parametrize(
    ("operation", "keyword"),
    [
        ({"op": "move", "path": "title", "value": "x"}, "invalidValue"),
        ({"path": "title", "value": "x"}, "invalidValue"),
        ({"op": 5, "path": "title", "value": "x"}, "invalidValue"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "add", "path": "title"}, "invalidValue"),
        ({"op": "replace", "path": "nothing", "value": 1}, None),
        ({"op": "replace", "path": "((", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "a" * 1025, "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "name.givenName.x", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "meta.version", "value": "x"}, "mutability"),
        ({"op": "replace", "value": {"id": "x"}}, "mutability"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "replace", "path": "userName", "value": None}, "mutability"),
        ({"op": "replace", "path": "userName", "value": " "}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": "name", "value": "Ada"}, "invalidValue"),
        ({"op": "replace", "value": "Ada"}, "invalidValue"),
        ({"op": "replace", "value": ["Ada"]}, "invalidValue"),
        (
            {"op": "replace", "path": 'emails[value co "q"].value', "value": "x"},
            "noTarget",
        ),
        ("replace", "invalidValue"),
        (None, "invalidValue"),
        ({"op": "replace", "path": ["title"], "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": {"$ne": 1}, "value": "x"}, "invalidValue"),
    ],
)
def test_a_change_that_is_none_is_refused_whole(
    provider: Provider, user: dict[str, Any], operation: Any, keyword: str | None
) -> None:
    right = {"op": "replace", "path": "title", "value": "Chief"}
    answer = provider.patch(user["id"], right, operation)
    if keyword is None:  # what no schema declares is left alone, as when it is posted
        assert answer.status_code == 200
        return
    status, told = refusal(answer)
    assert (status, told) == (400, keyword), answer.text
    assert provider.get(user["id"]) == user


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"schemas": [PATCH]}, 400),
        ({"schemas": [PATCH], "Operations": []}, 400),
        ({"schemas": [PATCH], "Operations": {"op": "add"}}, 400),
        ({"schemas": [PATCH], "Operations": [{"op": "add"}] * 201}, 413),
        (
            {"schemas": [PATCH], "Operations": [{"op": "x", "value": "y" * 300_000}]},
            413,
        ),
    ],
)
def test_a_patch_without_operations_or_with_too_many_is_refused(
    provider: Provider, user: dict[str, Any], body: Any, status: int
) -> None:
    assert refusal(provider.send("PATCH", f"/Users/{user['id']}", body))[0] == status


def test_a_change_of_an_older_version_is_refused(
    provider: Provider, user: dict[str, Any]
) -> None:
    path, version = f"/Users/{user['id']}", user["meta"]["version"]
    change = {"op": "replace", "path": "title", "value": "Chief"}
    body = {"schemas": [PATCH], "Operations": [change]}
    first = provider.send("PATCH", path, body, If_Match=version)
    assert first.status_code == 200
    assert first.headers["ETag"] == read(first)["meta"]["version"] != version
    for method, given in (("PATCH", body), ("PUT", a_user("x")), ("DELETE", None)):
        assert refusal(provider.send(method, path, given, If_Match=version))[0] == 412
    same = provider.send("GET", path, If_None_Match=first.headers["ETag"])
    assert (same.status_code, same.data) == (304, b"")
    assert provider.send("DELETE", path, If_Match="*").status_code == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", ["nobody", "%00", "a%2Fb", "$where", "é" * 300])
def test_nobody_is_found_under_another_id(
    provider: Provider, method: str, name: str
) -> None:
    change = {"op": "replace", "path": "title", "value": "x"}
    body: Any = {"PUT": a_user("x")}.get(method)
    body = {"schemas": [PATCH], "Operations": [change]} if method == "PATCH" else body
    assert refusal(provider.send(method, f"/Users/{name}", body))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 404),
        ("POST", "", 404),
        ("GET", "/", 404),
        ("GET", "/Nothing", 404),
        ("POST", "/Bulk", 501),
        ("GET", "/Me", 501),
        ("POST", "/Users/.search", 501),
        ("DELETE", "/Groups/1", 404),
        ("PUT", "/Users", 404),
        ("POST", "/ServiceProviderConfig", 404),
    ],
)
def test_what_is_not_offered_says_so(
    provider: Provider, method: str, path: str, status: int
) -> None:
    answer = provider.send(method, path, {} if method == "POST" else None)
    assert refusal(answer)[0] in (status, 405)


def test_a_body_of_another_type_or_size_is_refused(provider: Provider) -> None:
    body = orjson.dumps(a_user("x"))
    for kind in ("text/plain", "application/xml"):
        answer = provider.send("POST", "/Users", body, Content_Type=kind)
        assert refusal(answer)[0] == 415
    large = orjson.dumps(a_user("x", title="t" * 300_000))
    assert refusal(provider.send("POST", "/Users", large))[0] == 413
    name = uuid.uuid4().hex
    fine = provider.send(
        "POST", "/Users", a_user(name), Content_Type="application/json; charset=utf-8"
    )
    assert fine.status_code == 201
