"""A small made-up company in a live server, the way of a user's own data.

The real commands, Statements over HTTP, one enrichment; managers sign in by the form.
"""

from __future__ import annotations

import gzip
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from pymongo import MongoClient

from config import settings as configuration
from config.settings import Settings
from tests.conftest import free_port, run_lrs, running, wait_until_ready

DAY = "2026-06-30"
EMAIL = "{}@acme.example"
VERSION = {"X-Experience-API-Version": "1.0.3"}


@dataclass(frozen=True)
class Product:
    """A live server with the company in it, and a key for all of it."""

    url: str
    settings: Settings
    key: tuple[str, str]

    def report(self, name: str, **query: str) -> Any:
        path = f"{self.url}/api/v1/reports/{name}"
        return httpx.get(path, params={"as_of": DAY, **query}, auth=self.key)

    def rows(self, name: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.report(name, **query).json()
        return found

    def account(self, unit: str) -> str:
        """Make an account with the real command; return its password."""
        email = EMAIL.format(unit.lower())
        done = run_lrs(
            self.settings, "accounts", "put", "--email", email, "--unit", unit
        )
        return done.stdout.strip().removeprefix("password=")


@pytest.fixture(scope="session")
def product(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(folder / "data"),
        "LRS_SECRET_KEY": "a key for tests",
        "LRS_BIND": f"127.0.0.1:{free_port()}",
    }
    settings = replace(configuration.load(environment), workers=2)
    sample = folder / "sample"
    sizes = ("--people", "120", "--statements", "4000")
    run_lrs(settings, "sample", str(sample), "--end", DAY, *sizes)
    for kind in ("workforce", "kpi", "exemptions"):
        run_lrs(settings, kind, "import", str(sample / f"{kind}.csv"))
    made = run_lrs(settings, "credentials", "add", "--scope", "all").stdout.split()
    key, secret = (line.partition("=")[2] for line in made)
    with running(settings, "serve", log=folder / "serve.log"):
        url = f"http://{settings.bind}"
        wait_until_ready(url, folder / "serve.log")
        found = Product(url, settings, (key, secret))
        send(found, sample / "statements.ndjson.gz")
        wait_until_consistent(found)
        run_lrs(settings, "enrich")
        yield found
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(settings.database)


def wait_until_consistent(product: Product) -> None:
    """Wait until whoever asks from now on sees all that was sent."""
    asked, end = datetime.now(UTC), time.monotonic() + 60
    with httpx.Client(auth=product.key, headers=VERSION, timeout=30) as client:
        while True:
            answer = client.head(f"{product.url}/xapi/statements")
            through = answer.headers["X-Experience-API-Consistent-Through"]
            if datetime.fromisoformat(through) > asked:
                return
            assert time.monotonic() < end, through
            time.sleep(0.05)


def send(product: Product, file: Path) -> None:
    """POST the Statements; an id stands once in a batch, its repeats in a later one."""
    seen: set[str] = set()
    first: list[Any] = []
    again: list[Any] = []
    with gzip.open(file, "rt") as lines:
        for statement in map(json.loads, lines):
            (again if statement["id"] in seen else first).append(statement)
            seen.add(statement["id"])
    with httpx.Client(auth=product.key, headers=VERSION, timeout=30) as client:
        for some in (first, again):
            for at in range(0, len(some), 500):
                batch = some[at : at + 500]
                answer = client.post(f"{product.url}/xapi/statements", json=batch)
                assert answer.status_code == 200, answer.text[:500]


@pytest.fixture(scope="module")
def open_as(chromium: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """Open a path as the manager of a unit, signed in through the form, once each."""
    contexts: dict[str, Any] = {}
    errors: list[str] = []

    def open_page(unit: str, path: str, *, refused: bool = False) -> Page:
        if unit not in contexts:
            contexts[unit] = chromium.new_context(
                base_url=product.url, viewport={"width": 1440, "height": 900}
            )
            page = contexts[unit].new_page()
            page.goto("/login")
            page.get_by_label("E-mail").fill(EMAIL.format(unit.lower()))
            page.get_by_label("Password").fill(product.account(unit))
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"**/units/{unit}")
            page.close()
        page = contexts[unit].new_page()
        if not refused:  # a refused page is an error to the console
            page.on("console", lambda line: note(line.type, line.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        drawn(page)
        return page

    def note(kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            errors.append(text)

    yield open_page
    for context in contexts.values():
        context.close()
    assert not errors, errors


def drawn(page: Page) -> None:
    for chart in page.locator("[data-chart]").all():
        chart.locator("xpath=self::*[@data-drawn]").wait_for(timeout=15_000)
