"""Who may read and write documents: scopes (xAPI-Communication 4.2) and tenants."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lrs.access import Scope
from tests.conftest import Client
from tests.contract.answers import Enter, problem
from tests.contract.document_requests import (
    RESOURCES,
    Address,
    a_state,
    create,
    delete,
    each_resource,
    each_version,
    etag,
    get,
    ids,
    post,
    put,
    send,
)

Make = Callable[..., Address]
STORED = b'{"a":1}'
OWN = {
    "state": Scope.STATE,
    "activity profile": Scope.PROFILE,
    "agent profile": Scope.PROFILE,
}


def a_tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_allows_its_own_and_nothing_else(enter: Enter, scope: Scope) -> None:
    tenant = a_tenant()
    client, other = enter(tenant, scope), enter(tenant)
    for name, make in RESOURCES.items():
        at, new = make(), make()
        create(other, at, STORED)
        writes: list[Any] = [
            put(client, at, b'{"b":2}', If_Match=etag(STORED)),
            put(client, new, b"1", If_None_Match="*"),
            post(client, at, b'{"c":3}'),
            post(client, new.named("x"), b"{}"),
            delete(client, at.named("none")),
        ]
        if name == "state":
            writes.append(delete(client, new.context))
        reads: list[Any] = [
            get(client, at),
            get(client, at.context),
            send(client, "head", at),
            get(client, at.named("none")),
        ]
        if scope in (Scope.ALL, OWN[name]):
            assert [item.status_code for item in writes] == [204] * len(writes)
        else:
            for answer in writes:
                assert OWN[name].value in problem(answer, 403)["detail"]
            assert get(other, at).data == STORED
            assert ids(other, new) == []
        if scope in (Scope.ALL, Scope.ALL_READ, OWN[name]):
            assert [item.status_code for item in reads] == [200, 200, 200, 404]
        else:
            assert {item.status_code for item in reads} == {403}
            assert STORED not in reads[0].data


@each_resource
@each_version
@pytest.mark.parametrize("method", ["get", "head", "put", "post", "delete"])
def test_every_method_needs_a_credential(
    shared: Client, make: Make, version: str, method: str
) -> None:
    headers = {"X-Experience-API-Version": version}
    answer = getattr(shared, method)(str(make()), headers=headers, auth=None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@each_resource
@pytest.mark.parametrize("method", ["get", "put", "post", "delete"])
def test_every_method_needs_a_version(shared: Client, make: Make, method: str) -> None:
    headers = {"X-Experience-API-Version": None}
    answer = getattr(shared, method)(str(make()), headers=headers)
    assert "X-Experience-API-Version" in problem(answer, 400)["detail"]


@pytest.fixture(scope="module")
def two(enter: Enter) -> tuple[Client, Client]:
    """Give clients of two tenants, with all scopes."""
    return enter(a_tenant()), enter(a_tenant())


@each_resource
@each_version
def test_a_tenant_sees_nothing_of_another(
    two: tuple[Client, Client], make: Make, version: str
) -> None:
    ours, theirs = two
    at = make()
    create(theirs, at, STORED)
    problem(get(ours, at, version=version), 404)
    problem(get(ours, at, version=version, If_None_Match=etag(STORED)), 404)
    assert ids(ours, at, version=version) == []
    assert "Last-Modified" not in get(ours, at.context, version=version).headers
    missing = get(ours, make().context, version=version)
    assert (
        get(ours, at.context, version=version).headers["ETag"]
        == (missing.headers["ETag"])
    )


@each_resource
@each_version
def test_a_tenant_changes_nothing_of_another(
    two: tuple[Client, Client], make: Make, version: str
) -> None:
    ours, theirs = two
    at = make()
    create(theirs, at, STORED)
    for change in (put, post):
        answer = change(ours, at, b"{}", version=version, If_Match=etag(STORED))
        problem(answer, 412)
    problem(delete(ours, at, version=version, If_Match="*"), 412)
    assert delete(ours, at, version=version).status_code == 204
    assert get(theirs, at).data == STORED
    create(ours, at, b'{"ours":1}')
    assert post(ours, at, b'{"more":2}', version=version).status_code == 204
    assert get(ours, at).data == b'{"ours":1,"more":2}'
    assert get(theirs, at).data == STORED


def test_deleting_a_context_leaves_that_of_another_tenant(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    at = a_state()
    for client in two:
        create(client, at)
        create(client, at.named("other"))
    assert delete(ours, at.context).status_code == 204
    assert ids(ours, at) == []
    assert ids(theirs, at) == ["bookmark", "other"]
