"""A live server for the real clients: gunicorn, two workers, cmi5 rules enforced."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pymongo import MongoClient

from config import settings as configuration
from lrs.access import Scope
from lrs.services import build
from tests.conftest import KEY, SECRET, free_port, running, wait_until_ready

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder of the npm packages."""
    folder = HERE / "node_modules"
    if not folder.is_dir():
        pytest.fail("No npm packages: run `.venv/bin/npm ci --prefix tests/clients`.")
    return folder


@pytest.fixture(scope="session")
def endpoint(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of /xapi/ with one credential for everything."""
    folder = tmp_path_factory.mktemp("clients")
    settings = configuration.load(
        {
            "LRS_MONGODB_URI": mongodb_uri,
            "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
            "LRS_DATA_DIR": str(folder / "data"),
            "LRS_SECRET_KEY": "a key for tests",
            "LRS_BIND": f"127.0.0.1:{free_port()}",
            "LRS_CMI5_MODE": "enforce",
        }
    )
    with closing(build(settings)) as services:
        services.credentials.add("default", [Scope.ALL], key=KEY, secret=SECRET)
    log = folder / "serve.log"
    with running(settings, "serve", log=log):
        wait_until_ready(f"http://{settings.bind}", log)
        yield f"http://{settings.bind}/xapi/"
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(settings.database)
