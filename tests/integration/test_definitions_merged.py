"""Definitions after two processes have contradicted each other, and after kill -9.

What must have come out is read from the Statements themselves: at each place what the
latest of them says, one after the other in the order in which they were stored.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from config.settings import Settings
from lrs.store.definitions import MongoDefinitions
from lrs.xapi.definition import defined, put_together, take_apart
from tests.integration.definer import ACTIVITIES, a_defining_statement
from tests.integration.peer import LEASE, Peer

TENANT = "merged"


@pytest.fixture
def definers(settings: Settings, database: Database[Any]) -> Iterator[list[Peer]]:
    """Two processes that store and define."""
    made = [Peer(settings, LEASE, "definer") for _ in range(2)]
    yield made
    for one in made:
        one.end()


def expected(database: Database[Any]) -> dict[str, Any]:
    """Return the definitions that the Statements make."""
    said: dict[str, dict[Any, Any]] = {activity: {} for activity in ACTIVITIES}
    rows = database["statements"].find({"_id.t": TENANT}).sort("stored", 1)
    for row in rows:
        for activity, texts in defined(row["statement"]).items():
            for written in texts:
                said[activity] |= take_apart(written)
    return {
        activity: json.loads(put_together(parts)) for activity, parts in said.items()
    }


def kept(database: Database[Any]) -> dict[str, Any]:
    found = MongoDefinitions(database).definitions(TENANT, ACTIVITIES)
    return {activity: json.loads(found[activity].text) for activity in ACTIVITIES}


def test_two_processes_lose_no_merge(
    definers: list[Peer], database: Database[Any]
) -> None:
    for seed in range(4):
        for number, peer in enumerate(definers):
            peer.tell(
                "churn", tenant=TENANT, seconds=0.7, threads=3, seed=2 * seed + number
            )
        assert all(peer.hear()["stored"] > 5 for peer in definers)
        assert all(peer.ask("settle") for peer in definers)
        assert kept(database) == expected(database)


def test_repeats_heal_what_a_killed_process_has_left(
    definers: list[Peer], database: Database[Any], settings: Settings
) -> None:
    healer = definers[1]
    rng = random.Random(7)
    for _ in range(6):
        killed = Peer(settings, LEASE, "definer")
        statements = [a_defining_statement(rng) for _ in range(12)]
        killed.ask("send", tenant=TENANT, statement=statements[0])
        for statement in statements[1:]:
            killed.tell("send", tenant=TENANT, statement=statement)
        for _ in range(rng.randrange(6)):
            killed.hear()
        killed.kill()
        killed.end()
        # The client had no answer to some, and does not know of which.
        for statement in statements:
            healer.ask("send", tenant=TENANT, statement=statement)
        healer.ask("settle")
        assert kept(database) == expected(database)
