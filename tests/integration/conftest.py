"""Shared by the tests of the timeline: its database, one here, others beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo.database import Database

from config.settings import Settings
from lrs import services
from lrs.store import mongo, schema
from lrs.store.timeline import MongoTimeline
from tests.integration.peer import LEASE, Peer


@pytest.fixture
def database(settings: Settings) -> Iterator[Database[Any]]:
    client = mongo.connect(settings.mongodb_uri or "")
    found = mongo.database(client, settings.database)
    schema.upgrade(found, services.STEPS)
    found.create_collection("written")
    yield found
    client.close()


@pytest.fixture
def timeline(database: Database[Any]) -> Iterator[MongoTimeline]:
    made = MongoTimeline(database, slots=8, beat=0.1, lease=LEASE)
    yield made
    made.close()


@pytest.fixture
def peer(settings: Settings) -> Iterator[Callable[[], Peer]]:
    made: list[Peer] = []

    def start() -> Peer:
        made.append(Peer(settings, LEASE))
        return made[-1]

    yield start
    for one in made:
        one.end()
