"""What tests share: a real MongoDB, the services over a fresh database, a live server.

The MongoDB is LRS_MONGODB_URI where that is set, else the embedded one, started once
a run. Every test that asks for ``settings`` has a database and a lake of its own.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright
from pymongo import MongoClient

from config import settings as configuration
from config.settings import Settings
from lrs.access import Scope
from lrs.services import Services, opened
from tests import programs, quick
from tests.strategies import profile

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # pages of one context share what was compiled
)
ROOT = programs.ROOT
KEY, SECRET = "test-key", "test-secret"

# Each module is compiled once, and not anew in every process, whatever the environment
# says of that.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
hypothesis.settings.load_profile(profile.STEADY)
quick.hash_at_little_cost()
quick.close_clients_at_once()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Draw the same ids in every process while tests are found: some are named so.

    What is found stays until the end: nobody need look for garbage in it.
    """
    drawn, real = random.Random(0), uuid.uuid4
    uuid.uuid4 = lambda: uuid.UUID(int=drawn.getrandbits(128), version=4)
    gc.disable()
    try:
        return (yield)
    finally:
        uuid.uuid4 = real
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """Let what was found go like all else: DuckDB would call it a leak."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what mostly waits among what mostly works, and the long files first.

    Some processes share the files in this order: so the processors have always
    something to do, and no long file is begun when the others are done.
    """
    files: dict[Path, bool] = {}  # whether it is long
    for item in items:
        long = files.get(item.path, False)
        files[item.path] = long or item.get_closest_marker("long") is not None
    place: dict[Path, tuple[bool, float]] = {}
    for long in (True, False):
        for waits in (True, False):
            some = [
                path
                for path, is_long in files.items()
                if is_long == long and ("integration" in path.parts) == waits
            ]
            for at, path in enumerate(some):
                place[path] = (not long, (at + 0.5) / len(some))
    items.sort(key=lambda item: place[item.path])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Let some files stay together, where files do."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import Scheduling

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real MongoDB with transactions."""
    given = os.environ.get("LRS_MONGODB_URI")
    if given:
        yield given
        return
    from lrs.store.embedded import attach

    with (
        quick.in_memory(tmp_path_factory.mktemp("mongodb")) as folder,
        attach(folder) as attachment,
    ):
        yield attachment.uri


@pytest.fixture
def settings(mongodb_uri: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a database and folders that no other test uses."""
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(tmp_path / "data"),
        "LRS_SECRET_KEY": "a key for tests",
    }
    loaded = configuration.load(environment)
    yield loaded
    with MongoClient(mongodb_uri) as client:
        client.drop_database(loaded.database)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """The services over the fresh database, with one credential for everything."""
    with opened(settings) as found:
        found.credentials.add("default", [Scope.ALL], key=KEY, secret=SECRET)
        programs.WRITING.append(found)
        yield found
        programs.WRITING.remove(found)


@pytest.fixture
def client(services: Services) -> Client:
    """A client of the application in this process, as xAPI 1.0.3 with all scopes."""
    from lrs.app import create_app

    return Client(create_app(services))


class Client:
    """Sends xAPI requests to the application in this process."""

    def __init__(self, app: object, key: str = KEY, secret: str = SECRET) -> None:
        self.app = app
        self.auth = (key, secret)

    def signed_in_as(self, key: str, secret: str) -> Client:
        """The same application for another credential."""
        return Client(self.app, key, secret)

    def __getattr__(self, method: str) -> Callable[..., object]:
        """``get``, ``post``, ``put``, ``head``, ... with version and credential."""

        def send(path: str, **given: object) -> object:
            headers = {"X-Experience-API-Version": "1.0.3"}
            headers |= given.pop("headers", {})  # type: ignore[arg-type]
            headers = {name: value for name, value in headers.items() if value}
            given.setdefault("auth", self.auth)
            act = getattr(self.app.test_client(), method)  # type: ignore[attr-defined]
            return act(path, headers=headers, **given)

        return send


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium, one for all tests that look at pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def running(settings: Settings, *command: str, log: Path) -> Iterator[programs.Running]:
    """Run ``lrs COMMAND`` as a process of its own; ended with the block."""
    with log.open("ab") as out:
        process = programs.start(
            command, environment_of(settings), out, out, session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that gives a process these settings."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("LRS_")
    }
    return kept | {
        "LRS_MONGODB_URI": settings.mongodb_uri or "",
        "LRS_DATABASE": settings.database,
        "LRS_DATA_DIR": str(settings.data_dir),
        "LRS_LAKE_URL": settings.lake_url,
        "LRS_BIND": settings.bind,
        "LRS_WORKERS": str(settings.workers),
        "LRS_THREADS": str(settings.threads),
        "LRS_DATABASE_SECONDS": str(settings.database_seconds),
        "LRS_WRITE_CONCERN": settings.write_concern,
        "LRS_MAX_CONNECTIONS": str(settings.max_connections),
        "LRS_REQUEST_SECONDS": str(settings.request_seconds),
        "LRS_SILENCE_SECONDS": str(settings.silence_seconds),
        "LRS_IDLE_SECONDS": str(settings.idle_seconds),
        "LRS_SECRET_KEY": settings.secret_key or "",
        "LRS_CMI5_MODE": settings.cmi5_mode,
        "LRS_METRICS_TOKEN": settings.metrics_token or "",
        "LRS_REQUIREMENTS_DIR": str(settings.requirements_dir),
        "LRS_IDENTITY_FILE": str(settings.identity_file),
        "LRS_HRIS_DIR": str(settings.hris_dir),
    }


def run_lrs(
    settings: Settings, *command: str, check: bool = True, seconds: float = 240
) -> subprocess.CompletedProcess[str]:
    """Run one ``lrs`` command to its end; it sees all that this process has written.

    Others learn within a beat of the timeline that a writer has written; such a command
    may be there before.
    """
    for services in programs.WRITING:
        if services.settings.database == settings.database:
            services.timeline.consistent_through()
    return programs.run(command, environment_of(settings), check=check, timeout=seconds)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(services: Services, tmp_path: Path) -> Iterator[str]:
    """The address of a live server: gunicorn with two workers, over the database."""
    bound = replace(services.settings, bind=f"127.0.0.1:{free_port()}", workers=2)
    with running(bound, "serve", log=tmp_path / "serve.log"):
        url = f"http://{bound.bind}"
        wait_until_ready(url, tmp_path / "serve.log")
        yield url


def wait_until_ready(url: str, log: Path, seconds: float = 40) -> None:
    """Wait for /health/ready; fails with the log where it does not come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"the server did not become ready:\n{log.read_text()[-2000:]}")
