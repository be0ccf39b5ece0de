"""A query that a Statement matches also finds those that refer to it (2.1.3, 2.1.4)."""

from __future__ import annotations

import random
import threading
import uuid
from itertools import permutations
from typing import Any

import pytest

from tests.builders import a_reference, a_statement, a_void
from tests.conftest import Client

STATEMENTS = "/xapi/statements"
MOVED = "http://verbs.example.com/moved"


@pytest.fixture
def client(fresh: Client) -> Client:
    return fresh


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


@pytest.mark.parametrize("turn", range(4))
def test_a_circle_in_one_batch_is_found_by_all_its_keys(client: Any, turn: int) -> None:
    ids = [str(uuid.uuid4()) for _ in range(4)]
    after = {0: 1, 1: 2, 2: 3, 3: 1}  # the first only leads into it
    sent = [
        a_reference(ids[after[at]], id=ids[at], verb=f"{MOVED}/{at}") for at in after
    ]
    send(client, *sent[turn:], *sent[:turn])
    assert found(client, verb=f"{MOVED}/0") == {ids[0]}
    for at in (1, 2, 3):
        assert found(client, verb=f"{MOVED}/{at}") == set(ids)


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


def above(links: dict[str, str], target: str) -> set[str]:
    """Return who refers to a Statement, directly or not, and itself: the slow way."""
    reached = {target}
    while True:
        more = {one for one, other in links.items() if other in reached} - reached
        if not more:
            return reached
        reached |= more


@pytest.mark.parametrize("seed", range(8))
def test_any_web_of_references_in_any_batches_is_found_as_it_stands(
    client: Any, seed: int
) -> None:
    rng = random.Random(seed)
    ids = [str(uuid.uuid4()) for _ in range(24)]
    verbs = {one: f"http://verbs.example.com/{uuid.uuid4()}" for one in ids}
    # Chains, trees, and circles of one and more; some targets never come.
    links = {one: rng.choice(ids) for one in ids if rng.random() < 0.8}
    voids = {one for one in links if rng.random() < 0.15}
    coming = rng.sample(ids, 21)
    waiting = [
        a_void(links[one], id=one)
        if one in voids
        else a_reference(links[one].upper(), id=one, verb=verbs[one])
        if one in links
        else a_statement(id=one, verb=verbs[one])
        for one in coming
    ]
    while waiting:
        size = rng.choice((1, 1, 3, 12))
        send(client, *waiting[:size])
        waiting = waiting[size:]
    come = {one: links[one] for one in coming if one in links}
    hidden = {come[one] for one in voids if one in come} - voids
    for one in coming:
        if one not in voids:
            assert found(client, verb=verbs[one]) == above(come, one) - hidden
    assert found(client) == set(coming) - hidden


def test_time_and_limit_are_asked_of_the_reference_not_of_its_target(
    client: Any,
) -> None:
    target = a_statement(verb=MOVED)
    send(client, target)
    shown = client.get(STATEMENTS, query_string={"statementId": target["id"]})
    between = shown.json["stored"]
    first, second = a_reference(target["id"]), a_reference(target["id"])
    send(client, first)
    send(client, second)
    assert found(client, verb=MOVED, since=between) == {first["id"], second["id"]}
    assert found(client, verb=MOVED, until=between) == {target["id"]}
    assert found(client, verb=MOVED, limit="1") == {second["id"]}
    assert found(client, verb=MOVED, limit="1", ascending="true") == {target["id"]}


def test_every_filter_of_a_target_finds_its_reference(client: Any) -> None:
    target = a_statement(
        actor="tess@example.com",
        verb=MOVED,
        activity="http://activities.example.com/box",
        context={
            "registration": str(uuid.uuid4()),
            "instructor": {"mbox": "mailto:ivo@example.com"},
            "contextActivities": {"parent": [{"id": "http://activities.example.com/"}]},
        },
    )
    reference = a_reference(target["id"].upper())
    send(client, reference, target, a_statement())
    both = {target["id"], reference["id"]}
    tess, ivo = (f'{{"mbox":"mailto:{name}@example.com"}}' for name in ("tess", "ivo"))
    assert found(client, agent=tess) == both
    assert found(client, activity="http://activities.example.com/box") == both
    registration = target["context"]["registration"]
    assert found(client, registration=registration.upper()) == both
    assert found(client, agent=ivo) == set()
    assert found(client, agent=ivo, related_agents="true") == both
    parent = "http://activities.example.com/"
    assert found(client, activity=parent) == set()
    assert found(client, activity=parent, related_activities="true") == both
    assert found(client, agent=tess, verb=MOVED, registration=registration) == both


def test_a_reference_in_the_context_or_a_substatement_hands_nothing_on(
    client: Any,
) -> None:
    target = a_statement(verb=MOVED)
    ref = {"objectType": "StatementRef", "id": target["id"]}
    inner = a_reference(target["id"], with_id=False) | {"objectType": "SubStatement"}
    send(client, target, a_statement(context={"statement": ref}))
    send(client, a_statement(object=inner))
    assert found(client, verb=MOVED) == {target["id"]}


def test_a_reference_that_would_outgrow_the_database_is_refused(client: Any) -> None:
    def crowd(name: str) -> dict[str, Any]:
        mails = [f"mailto:{name}{n:08}@{'e' * 40}.example" for n in range(90_000)]
        return {"objectType": "Group", "member": [{"mbox": mail} for mail in mails]}

    target = a_statement() | {"actor": crowd("a")}
    send(client, target)
    reference = a_reference(target["id"]) | {"actor": crowd("b")}
    answer = client.post(STATEMENTS, json=reference)
    assert answer.status_code == 413, answer.json
    assert "refers to" in answer.json["detail"]
    assert found(client) == {target["id"]}
