"""Shared by the tests of the timeline, and by those of raw requests: a live server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo.database import Database

from config.settings import Settings
from lrs import services
from lrs.store import mongo, schema
from lrs.store.timeline import MongoTimeline
from tests.integration import wire
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


@pytest.fixture(scope="session")
def wired(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[wire.Live]:
    """Give a server with one Statement, the same to all tests of raw requests."""
    with wire.live(mongodb_uri, tmp_path_factory.mktemp("wire")) as found:
        sent = wire.usual(
            b"POST /xapi/statements", wire.JSON, wire.CLOSE, body=wire.STATEMENT
        )
        assert wire.one(found, sent).status == 200
        yield found
