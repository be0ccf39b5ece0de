"""One application for all contract tests; a tenant of its own where a test needs it.

A fresh database costs a third of a second, a fresh tenant a tenth. ``shared`` is for
tests that look at their own ids only, ``fresh`` for those that look at lists.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from pymongo import MongoClient

from config import settings as configuration
from lrs.access import Scope, bearer_token
from lrs.app import create_app
from lrs.services import Services, build
from tests.conftest import Client
from tests.contract.answers import Enter
from tests.contract.provisioning import Enroll, Provider


@pytest.fixture(scope="session")
def common(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """Give services over a database that all contract tests share."""
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(tmp_path_factory.mktemp("contract")),
        "LRS_SECRET_KEY": "a key for tests",
        "LRS_MAX_STATEMENTS": "200",
        "LRS_MAX_PAGE": "50",
    }
    loaded = configuration.load(environment)
    with closing(build(loaded)) as services:
        yield services
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(loaded.database)


@pytest.fixture(scope="session")
def app(common: Services) -> Flask:
    """Give the application over the common services."""
    return create_app(common)


@pytest.fixture(scope="session")
def enter(common: Services, app: Flask) -> Enter:
    """Make a client for a new credential: ``enter("tenant", Scope.ALL_READ)``."""

    def make(tenant: str, *scopes: Scope) -> Client:
        return Client(app, *common.credentials.add(tenant, scopes or [Scope.ALL]))

    return make


@pytest.fixture(scope="session")
def shared(enter: Enter) -> Client:
    """Give a client of a tenant with the Statements of many tests."""
    return enter("shared")


@pytest.fixture
def fresh(common: Services, app: Flask, shared: Client) -> Client:
    """Give a client of a tenant without Statements."""
    # The hash of a secret takes long: here is one already.
    known, secret = shared.auth
    key, tenant = uuid.uuid4().hex, f"t{uuid.uuid4().hex[:12]}"
    credentials = common.database["credentials"]
    row = credentials.find_one({"_id": known})
    assert row
    credentials.insert_one({**row, "_id": key, "tenant": tenant})
    return Client(app, key, secret)


@pytest.fixture(scope="module")
def enroll(common: Services, app: Flask) -> Enroll:
    """Make a provider of a new tenant, or of one by name."""

    def make(tenant: str | None = None, *scopes: Scope) -> Provider:
        name = tenant or f"t{uuid.uuid4().hex[:12]}"
        pair = common.credentials.add(name, scopes or [Scope.SCIM])
        return Provider(app, bearer_token(*pair))

    return make


@pytest.fixture(scope="module")
def provider(enroll: Enroll) -> Provider:
    return enroll()


@pytest.fixture
def user(provider: Provider) -> dict[str, Any]:
    return provider.create(
        uuid.uuid4().hex, emails=[{"type": "work", "value": "a@b.c"}]
    )
