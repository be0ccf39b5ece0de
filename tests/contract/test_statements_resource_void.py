"""Voiding (xAPI-Data 2.3.2): before, after, beside its target, and at the same time."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.builders import VOIDED, a_statement, a_void
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
    walk,
)


def assert_voided(client: Client, statement_id: str) -> None:
    """Check that a Statement is seen as a voided one, and only so."""
    problem(one(client, statement_id), 404)
    found = voided(client, statement_id)
    assert found.status_code == 200
    assert found.json["id"].lower() == statement_id.lower()
    assert found.headers["ETag"]
    assert found.headers["Last-Modified"]


def assert_in_force(client: Client, statement_id: str) -> None:
    """Check that a Statement is not voided."""
    assert one(client, statement_id).json["id"] == statement_id
    problem(voided(client, statement_id), 404)


def test_a_void_after_its_target(fresh: Client) -> None:
    target = a_statement()
    post(fresh, target)
    assert_in_force(fresh, target["id"])
    text = one(fresh, target["id"]).data
    void = a_void(target["id"])
    post(fresh, void)
    assert_voided(fresh, target["id"])
    assert voided(fresh, target["id"]).data == text
    assert_in_force(fresh, void["id"])
    assert page(fresh) == [void["id"]]


def test_a_void_before_its_target(fresh: Client) -> None:
    target = a_statement()
    void = a_void(target["id"])
    post(fresh, void)
    problem(one(fresh, target["id"]), 404)
    problem(voided(fresh, target["id"]), 404)
    assert page(fresh) == [void["id"]]
    post(fresh, target)
    assert_voided(fresh, target["id"])
    assert page(fresh) == [void["id"]]
    problem(
        put(fresh, target["id"], target | {"verb": {"id": "http://x.example/"}}), 409
    )
    assert post(fresh, target).json == [target["id"]]
    assert_voided(fresh, target["id"])


@pytest.mark.parametrize("void_first", [True, False])
def test_a_void_in_the_batch_of_its_target(fresh: Client, *, void_first: bool) -> None:
    target = a_statement()
    void = a_void(target["id"].upper())
    post(fresh, *((void, target) if void_first else (target, void)))
    assert_voided(fresh, target["id"])
    assert page(fresh) == [void["id"]]


def test_a_batch_of_targets_whose_voids_came_before(fresh: Client) -> None:
    targets = [a_statement() for _ in range(20)]
    post(fresh, *(a_void(item["id"]) for item in targets[::2]))
    post(fresh, *targets)
    for at, item in enumerate(targets):
        (assert_in_force if at % 2 else assert_voided)(fresh, item["id"])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_voiding_a_void_has_no_effect(fresh: Client, order: tuple[int, ...]) -> None:
    target = a_statement()
    void = a_void(target["id"])
    void_of_void = a_void(void["id"])
    chain = (target, void, void_of_void)
    for at in order:
        post(fresh, chain[at])
    assert_voided(fresh, target["id"])
    assert_in_force(fresh, void["id"])
    assert_in_force(fresh, void_of_void["id"])


def test_a_void_of_itself_has_no_effect(fresh: Client) -> None:
    made = str(uuid.uuid4())
    post(fresh, a_void(made, id=made))
    assert_in_force(fresh, made)


def test_a_second_void_changes_nothing(fresh: Client) -> None:
    target = a_statement()
    voids = [a_void(target["id"]) for _ in range(3)]
    post(fresh, voids[0])
    post(fresh, voids[1])
    post(fresh, target)
    post(fresh, voids[2])
    assert_voided(fresh, target["id"])
    assert page(fresh, ascending="true") == [item["id"] for item in voids]


def test_another_verb_about_a_statement_does_not_void_it(shared: Client) -> None:
    target = a_statement()
    ref = {"objectType": "StatementRef", "id": target["id"]}
    post(shared, target, a_statement(object=ref))
    post(shared, a_statement(verb=VOIDED.upper(), object=ref))
    assert_in_force(shared, target["id"])


def test_a_void_in_a_substatement_or_context_does_not_void(shared: Client) -> None:
    target = a_statement()
    ref = {"objectType": "StatementRef", "id": target["id"]}
    inner = a_void(target["id"], with_id=False) | {"objectType": "SubStatement"}
    post(
        shared,
        target,
        a_statement(object=inner),
        a_statement(context={"statement": ref}),
    )
    assert_in_force(shared, target["id"])


@pytest.mark.parametrize(
    "target",
    [
        {"id": "http://a.example/1"},
        {"objectType": "Agent", "mbox": "mailto:a@b.example"},
        {"objectType": "StatementRef", "id": "1"},
        {"objectType": "StatementRef"},
    ],
)
def test_a_void_needs_a_reference(shared: Client, target: Any) -> None:
    problem(shared.post(STATEMENTS, json=a_statement(verb=VOIDED, object=target)), 400)


def test_a_refused_batch_voids_nothing(fresh: Client) -> None:
    target, other = a_statement(), a_statement()
    post(fresh, target, other)
    differing = other | {"verb": {"id": "http://x.example/"}}
    problem(fresh.post(STATEMENTS, json=[a_void(target["id"]), differing]), 409)
    assert_in_force(fresh, target["id"])


def test_a_void_stays_in_its_tenant(fresh: Client, enter: Enter) -> None:
    other = enter(f"t{uuid.uuid4().hex[:12]}")
    target = a_statement()
    post(fresh, target)
    post(other, target)
    post(other, a_void(target["id"]))
    assert_in_force(fresh, target["id"])
    assert_voided(other, target["id"])


def test_a_voided_one_is_found_by_no_parameter(fresh: Client) -> None:
    target = a_statement()
    post(fresh, target)
    stored = one(fresh, target["id"]).json["stored"]
    post(fresh, a_void(target["id"]))
    for parameters in (
        {"agent": target["actor"], "verb": target["verb"]["id"]},
        {"activity": target["object"]["id"]},
        {"until": stored},
    ):
        assert target["id"] not in page(fresh, **parameters)


@pytest.mark.parametrize("format_", ["ids", "exact", "canonical"])
def test_a_voided_one_is_read_in_every_format(fresh: Client, format_: str) -> None:
    target = a_statement()
    post(fresh, target, a_void(target["id"]))
    found = ask(fresh, voidedStatementId=target["id"], format=format_)
    assert found.json["verb"] == target["verb"]


def test_void_and_target_at_the_same_time_always_void(fresh: Client) -> None:
    targets = [a_statement() for _ in range(60)]
    start = threading.Barrier(2)

    def send(*statements: dict[str, Any]) -> None:
        start.wait()
        post(fresh, *statements)

    with ThreadPoolExecutor(2) as pool:
        for at, target in enumerate(targets):
            beside = [a_statement() for _ in range(at % 4)]
            sent = [
                pool.submit(send, *beside, target),
                pool.submit(send, a_void(target["id"])),
            ]
            for item in sent:
                item.result()
    seen = {item for part in walk(fresh, limit="50") for item in part}
    for target in targets:
        assert target["id"] not in seen
        assert_voided(fresh, target["id"])


def test_crossing_batches_of_voids_and_targets_always_void(fresh: Client) -> None:
    start = threading.Barrier(2)

    def send(statements: list[dict[str, Any]]) -> None:
        start.wait()
        post(fresh, *statements)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            targets = [a_statement() for _ in range(6)]
            voids = [a_void(item["id"]) for item in targets]
            # Each batch voids what the other brings: the orders cross.
            one_way = targets[:3] + voids[3:]
            other_way = [*voids[:3], *targets[3:]][::-1]
            for item in [pool.submit(send, one_way), pool.submit(send, other_way)]:
                item.result()
            for target in targets:
                assert_voided(fresh, target["id"])
