"""Voids and references that arrive with their targets, in several processes at once.

xAPI-Data 2.3.2 (voiding), xAPI-Communication 2.1.3 and 2.1.4 (what refers to a
Statement is found by its keys, also when it is voided). Real processes.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo import MongoClient

from config import settings as configuration
from lrs.access import Scope
from lrs.app import create_app
from lrs.services import Services, opened
from tests.builders import a_reference, a_statement, a_void
from tests.conftest import Client
from tests.contract.answers import one, page, voided, walk
from tests.integration.recorder import Recorders

Statement = dict[str, Any]
CONFLICT = "urn:lrs:problem:conflict"


@pytest.fixture(scope="module")
def common(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """Give services over a database that the tests here share."""
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(tmp_path_factory.mktemp("races")),
        "LRS_SECRET_KEY": "a key for tests",
    }
    loaded = configuration.load(environment)
    with opened(loaded) as services:
        yield services
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client.drop_database(loaded.database)


@pytest.fixture(scope="module")
def recorders(common: Services) -> Iterator[Recorders]:
    made = Recorders(common.settings, 3)
    yield made
    made.end()


@pytest.fixture(scope="module")
def app(common: Services) -> Flask:
    return create_app(common)


@pytest.fixture
def tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def client(common: Services, app: Flask, tenant: str) -> Client:
    return Client(app, *common.credentials.add(tenant, [Scope.ALL]))


def some_verb() -> str:
    return f"http://verbs.example.com/{uuid.uuid4()}"


def in_force(client: Client, statement: Statement) -> bool:
    """Tell whether it is read as it is; it must be read, voided or not."""
    plain, void = one(client, statement["id"]), voided(client, statement["id"])
    assert sorted([plain.status_code, void.status_code]) == [200, 404]
    return bool(plain.status_code == 200)


class Watcher:
    """Reads pages while others write: none may show a target beside its void."""

    def __init__(self, client: Client, verb: str, voids: dict[str, str]) -> None:
        self._client, self._verb, self._voids = client, verb, voids
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.both: set[str] = set()
        self.pages = 0

    def _watch(self) -> None:
        ascending = True
        while not self._stop.is_set():
            ascending = not ascending
            seen = set(
                page(self._client, verb=self._verb, ascending=str(ascending).lower())
            )
            self.both |= {
                target
                for void, target in self._voids.items()
                if void in seen and target in seen
            }
            self.pages += 1

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_void_beside_its_target_in_two_processes_always_voids(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    verb, rng = some_verb(), random.Random(1)
    # One turn is enough, unless the machine is so busy that few pages were read in it.
    turns = [rounds_of_voids(verb, rng) for _ in range(8)]
    every = {void: target for _, some in turns for void, target in some.items()}
    voids: dict[str, str] = {}
    answers: list[list[Any]] = []
    with Watcher(client, verb, every) as watcher:
        for rounds, some in turns:
            answers += recorders.together(tenant, rounds)
            voids |= some
            if watcher.pages > 20:
                break
    assert all(answer == ["done"] * 3 for answer in answers)
    assert not watcher.both
    assert watcher.pages > 20
    for target in set(voids.values()):
        assert not in_force(client, {"id": target})
    found = {item for part in walk(client, verb=verb) for item in part}
    assert found == set(voids)


def rounds_of_voids(
    verb: str, rng: random.Random
) -> tuple[list[list[list[Statement]]], dict[str, str]]:
    """Return rounds of three batches, and which void is of which target."""
    rounds: list[list[list[Statement]]] = []
    voids: dict[str, str] = {}
    for _ in range(60):
        targets = [a_statement(verb=verb) for _ in range(rng.choice((1, 1, 4)))]
        batches: list[list[Statement]] = [[], [], []]
        for target in targets:
            at = rng.randrange(3)
            batches[at].append(target)
            for _ in range(rng.choice((1, 1, 2))):
                void = a_void(target["id"])
                batches[at + rng.choice((1, 2)) - 3].append(void)
                voids[void["id"]] = target["id"]
        for batch in batches:
            batch += [a_statement() for _ in range(rng.choice((1, 1, 5)))]
            rng.shuffle(batch)
        rounds.append(batches)
    return rounds, voids


def test_a_void_of_a_void_at_the_same_time_never_voids_it(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    rng = random.Random(2)
    triples, rounds = [], []
    for _ in range(40):
        target = a_statement()
        void = a_void(target["id"])
        of_void = a_void(void["id"])
        name = str(uuid.uuid4())
        itself = a_void(name, id=name)
        triples.append((target, void, of_void, itself))
        batches = [[target], [void], [of_void, itself]]
        rng.shuffle(batches)
        rounds.append(batches)
    answers = recorders.together(tenant, rounds)
    assert all(answer == ["done"] * 3 for answer in answers)
    for target, *voids in triples:
        assert not in_force(client, target)
        assert all(in_force(client, void) for void in voids)


def test_voids_of_each_other_at_the_same_time_void_neither(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    pairs, rounds = [], []
    for _ in range(30):
        ids = [str(uuid.uuid4()) for _ in range(3)]
        circle = [a_void(ids[at - 1], id=ids[at]) for at in range(3)]
        pairs += circle
        rounds.append([[void] for void in circle])
    answers = recorders.together(tenant, rounds)
    assert all(answer == ["done"] * 3 for answer in answers)
    assert all(in_force(client, void) for void in pairs)


def test_a_chain_that_arrives_in_pieces_at_once_is_found_by_every_key_below(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    rng = random.Random(3)
    chains, rounds = [], []
    for _ in range(40):
        chain = [a_statement(verb=some_verb())]
        for _ in range(rng.choice((2, 2, 5))):
            chain.append(a_reference(chain[-1]["id"], verb=some_verb()))
        if rng.random() < 0.3:  # found all the same, but for the target itself
            chain[1] = a_void(chain[0]["id"], id=chain[1]["id"])
        chains.append(chain)
        batches: list[list[Statement]] = [[a_statement()] for _ in range(3)]
        for item in chain:
            batches[rng.randrange(3)].append(item)
        for batch in batches:
            rng.shuffle(batch)
        rounds.append(batches)
    answers = recorders.together(tenant, rounds)
    assert all(answer == ["done"] * 3 for answer in answers)
    for chain in chains:
        hidden = {chain[0]["id"]} if "voided" in chain[1]["verb"]["id"] else set()
        for at, item in enumerate(chain):
            verb = item["verb"]["id"]
            if "voided" not in verb:
                above = {found["id"] for found in chain[at:]} - hidden
                assert set(page(client, verb=verb)) == above


def test_a_circle_that_closes_in_several_processes_is_found_by_all_its_keys(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    circles, rounds = [], []
    for _ in range(30):
        ids = [str(uuid.uuid4()) for _ in range(3)]
        circle = [
            a_reference(ids[at - 1], id=ids[at], verb=some_verb()) for at in range(3)
        ]
        circles.append(circle)
        rounds.append([[item] for item in circle])
    answers = recorders.together(tenant, rounds)
    assert all(answer == ["done"] * 3 for answer in answers)
    for circle in circles:
        for item in circle:
            found = set(page(client, verb=item["verb"]["id"]))
            assert found == {other["id"] for other in circle}


def test_many_references_to_one_statement_at_once_all_find_it(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    target = a_statement(verb=some_verb())
    rounds = [
        [[a_reference(target["id"]) for _ in range(3)] for _ in range(3)]
        for _ in range(15)
    ]
    rounds[7][1].append(target)
    answers = recorders.together(tenant, rounds, every=0.0)
    assert all(answer == ["done"] * 3 for answer in answers)
    found = {item for part in walk(client, verb=target["verb"]["id"]) for item in part}
    sent = {item["id"] for batches in rounds for batch in batches for item in batch}
    assert found == sent


def test_one_statement_sent_by_all_at_once_is_stored_once(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    rounds = []
    for at in range(40):
        same = a_statement()
        beside = [a_void(same["id"])] if at % 2 else [a_reference(same["id"])]
        rounds.append([[same, *beside], [same], [a_statement(), same]])
    answers = recorders.together(tenant, rounds)
    assert all(answer == ["done"] * 3 for answer in answers)
    found = [item for part in walk(client) for item in part]
    assert len(found) == len(set(found))
    for at, batches in enumerate(rounds):
        assert in_force(client, batches[1][0]) == (not at % 2)


def test_of_different_statements_with_one_id_sent_at_once_one_is_stored(
    client: Client, tenant: str, recorders: Recorders
) -> None:
    rounds = []
    for at in range(40):
        name = str(uuid.uuid4())
        batches = [
            [a_statement(id=name, verb=some_verb()), a_statement()] for _ in range(3)
        ]
        if at % 2:
            batches[0].append(a_void(name))
        rounds.append(batches)
    answers = recorders.together(tenant, rounds)
    for batches, answer in zip(rounds, answers, strict=True):
        assert sorted(answer) == ["done", CONFLICT, CONFLICT]
        for batch, said in zip(batches, answer, strict=True):
            beside = one(client, batch[1]["id"])
            assert beside.status_code == (200 if said == "done" else 404)
            if said == "done":
                kept = one(client, batch[0]["id"])
                if len(batch) > 2:
                    kept = voided(client, batch[0]["id"])
                assert kept.json["verb"] == batch[0]["verb"]
                assert in_force(client, batch[0]) == (len(batch) == 2)


def test_voids_and_references_stay_in_their_tenant_also_at_the_same_time(
    common: Services, app: Flask, client: Client, tenant: str, recorders: Recorders
) -> None:
    other = Client(app, *common.credentials.add(f"{tenant}-other", [Scope.ALL]))
    verb = some_verb()
    targets = [a_statement(verb=verb) for _ in range(40)]
    here = [[target] for target in targets]
    there = [
        [a_void(item["id"]) if at % 2 else a_reference(item["id"])]
        for at, item in enumerate(targets)
    ]
    tenants = [tenant, f"{tenant}-other", tenant]
    answers = recorders.each(tenants, [here, there, here])
    assert all(set(answer) == {"done"} for answer in answers)
    assert {item for part in walk(client, verb=verb) for item in part} == {
        item["id"] for item in targets
    }
    assert all(in_force(client, target) for target in targets)
    assert page(other, verb=verb) == []
    assert len(page(other)) == len(there)
    for target in targets:
        assert one(other, target["id"]).status_code == 404
        assert voided(other, target["id"]).status_code == 404
