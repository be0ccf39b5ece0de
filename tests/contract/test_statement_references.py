"""A query that a Statement matches also finds those that refer to it (2.1.3, 2.1.4)."""

from __future__ import annotations

import threading
import uuid
from itertools import permutations
from typing import Any

import pytest

from tests.builders import a_statement, a_void

STATEMENTS = "/xapi/statements"
MOVED = "http://verbs.example.com/moved"


def a_reference(target: str, **properties: Any) -> dict[str, Any]:
    return a_statement(
        verb="http://verbs.example.com/mentioned",
        object={"objectType": "StatementRef", "id": target},
        **properties,
    )


def found(client: Any, **query: str) -> set[str]:
    answer = client.get(STATEMENTS, query_string=query)
    assert answer.status_code == 200, answer.json
    return {item["id"] for item in answer.json["statements"]}


def send(client: Any, *statements: dict[str, Any]) -> None:
    answer = client.post(STATEMENTS, json=list(statements))
    assert answer.status_code == 200, answer.json


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_chain_of_references_is_found_in_whatever_order_it_came(
    client: Any, order: tuple[int, ...]
) -> None:
    target = a_statement(verb=MOVED, actor="tess@example.com")
    first = a_reference(target["id"])
    second = a_reference(first["id"])
    chain = [target, first, second]
    for at in order:
        send(client, chain[at])
    assert found(client, verb=MOVED) == {item["id"] for item in chain}
    agent = '{"mbox":"mailto:tess@example.com"}'
    assert found(client, agent=agent) == {item["id"] for item in chain}


def test_a_chain_in_one_batch_is_found(client: Any) -> None:
    target = a_statement(verb=MOVED)
    first = a_reference(target["id"])
    second = a_reference(first["id"])
    send(client, second, first, target)
    assert found(client, verb=MOVED) == {second["id"], first["id"], target["id"]}


def test_a_circle_of_references_comes_to_an_end(client: Any) -> None:
    one, other = str(uuid.uuid4()), str(uuid.uuid4())
    send(client, a_reference(other, id=one))
    send(client, a_reference(one, id=other))
    assert found(client) == {one, other}


def test_a_reference_to_a_voided_statement_is_still_found(client: Any) -> None:
    target = a_statement(verb=MOVED)
    void = a_void(target["id"])
    send(client, target)
    send(client, void)
    assert found(client, verb=MOVED) == {void["id"]}


def test_a_reference_that_came_first_does_not_void_its_target(client: Any) -> None:
    target = a_statement(verb=MOVED)
    send(client, a_reference(target["id"]))
    send(client, target)
    answer = client.get(STATEMENTS, query_string={"statementId": target["id"]})
    assert answer.status_code == 200


def test_a_statement_that_is_only_referred_to_does_not_exist(client: Any) -> None:
    missing = str(uuid.uuid4())
    reference = a_reference(missing)
    send(client, reference)
    answer = client.get(STATEMENTS, query_string={"statementId": missing})
    assert answer.status_code == 404
    assert found(client) == {reference["id"]}


def test_a_target_and_its_reference_at_the_same_time_find_each_other(
    client: Any,
) -> None:
    for _ in range(15):
        verb = f"http://verbs.example.com/{uuid.uuid4()}"
        target = a_statement(verb=verb)
        reference = a_reference(target["id"])
        threads = [
            threading.Thread(target=send, args=(client, item))
            for item in (target, reference)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found(client, verb=verb) == {target["id"], reference["id"]}
