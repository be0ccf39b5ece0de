"""Tenants do not know of each other; the authority says who wrote a Statement."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.builders import a_statement, a_void
from tests.conftest import Client
from tests.contract.answers import Enter, ask, one, page, post, problem, put, voided


def a_tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


def test_the_authority_comes_from_the_credential(enter: Enter) -> None:
    tenant = a_tenant()
    client, other = enter(tenant), enter(tenant)
    sent = a_statement(
        authority={"mbox": "mailto:root@example.com"}, stored="2001-01-01T00:00:00Z"
    )
    post(client, sent)
    found = one(client, sent["id"]).json
    assert found["authority"]["account"]["name"] == client.auth[0]
    assert found["authority"]["objectType"] == "Agent"
    assert found["stored"] > "2020"
    assert page(client, agent=sent["authority"], related_agents="true") == []
    post(other, sent)
    assert one(client, sent["id"]).json == found


@pytest.fixture
def two(enter: Enter) -> tuple[Client, Client]:
    """Give clients of two tenants, with all scopes."""
    return enter(a_tenant()), enter(a_tenant())


def test_a_tenant_sees_nothing_of_another(two: tuple[Client, Client]) -> None:
    ours, theirs = two
    ids = post(theirs, *(a_statement() for _ in range(3))).json
    post(theirs, a_void(ids[0]))
    assert page(ours) == []
    assert page(ours, agent={"mbox": "mailto:ann@example.com"}) == []
    for made in ids:
        problem(one(ours, made), 404)
        problem(voided(ours, made), 404)


def test_a_more_address_of_another_tenant_gives_ones_own(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    first = post(theirs, *(a_statement() for _ in range(3))).json
    own = post(ours, a_statement()).json
    more = ask(theirs, limit="1", ascending="true").json["more"]
    answer: Any = ours.get(more)
    assert [item["id"] for item in answer.json["statements"]] == own
    assert not set(first) & set(own)
    assert theirs.auth[0] not in more


def test_tenants_use_the_same_id_without_knowing(two: tuple[Client, Client]) -> None:
    ours, theirs = two
    made = str(uuid.uuid4())
    post(theirs, a_statement(id=made, activity="http://theirs.example/"))
    post(ours, a_statement(id=made, activity="http://ours.example/"))
    assert one(theirs, made).json["object"]["id"] == "http://theirs.example/"
    assert one(ours, made).json["object"]["id"] == "http://ours.example/"
    problem(put(ours, made, a_statement(id=made, activity="http://x.example/")), 409)
    post(ours, a_void(made))
    problem(one(ours, made), 404)
    assert one(theirs, made).status_code == 200
    assert page(theirs) == [made]
