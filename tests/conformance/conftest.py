"""One application and one database for the whole folder, and every test twice.

Thousands of small requests: a database for each test would take most of the time. A
test that looks at lists takes ``empty_lrs``, which is a tenant of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from pymongo import MongoClient

from config import settings as configuration
from lrs.access import Scope
from lrs.app import create_app
from lrs.services import Services, build
from tests.conformance.caller import Lrs
from tests.conftest import Client

VERSIONS = ("1.0.3", "2.0.0")
# Marks of tests that only one of the versions has.
ONLY_1_0_3 = pytest.mark.parametrize("version", ["1.0.3"], indirect=True)
ONLY_2_0 = pytest.mark.parametrize("version", ["2.0.0"], indirect=True)


@pytest.fixture(scope="session")
def conforming(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """Give services over a database that all conformance tests share."""
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(tmp_path_factory.mktemp("conformance")),
        "LRS_SECRET_KEY": "a key for tests",
    }
    loaded = configuration.load(environment)
    with closing(build(loaded)) as services:
        yield services
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(loaded.database)


@pytest.fixture(scope="session")
def conforming_app(conforming: Services) -> Flask:
    """Give the application over the shared database."""
    return create_app(conforming)


@pytest.fixture(scope="session")
def shared_client(conforming: Services, conforming_app: Flask) -> Client:
    """Give a client of the tenant that most tests share, with all scopes."""
    key, secret = conforming.credentials.add("conformance", [Scope.ALL])
    return Client(conforming_app, key, secret)


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Run the test once for each version."""
    return str(request.param)


@pytest.fixture
def lrs(shared_client: Client, version: str) -> Lrs:
    """Give the LRS as the version speaks to it; others have written there too."""
    return Lrs(shared_client, version)


@pytest.fixture
def empty_lrs(
    conforming: Services, conforming_app: Flask, shared_client: Client, version: str
) -> Lrs:
    """Give the same of a tenant where nothing is stored."""
    # The hash of a secret takes long: here is one already.
    known, secret = shared_client.auth
    key, tenant = uuid.uuid4().hex, f"t{uuid.uuid4().hex[:12]}"
    credentials = conforming.database["credentials"]
    row = credentials.find_one({"_id": known})
    assert row
    credentials.insert_one({**row, "_id": key, "tenant": tenant})
    return Lrs(Client(conforming_app, key, secret), version)
