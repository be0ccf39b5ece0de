"""A small company in a database of its own, asked by HTTP and on the command line.

It is that of tests/sql/scope, brought in by the real imports, with one person whose
name a spreadsheet would run as a formula, and rich take for markup.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo import MongoClient

from analytics.workforce.engine.importing import import_file
from config import settings as configuration
from lrs.access import Scope
from lrs.app import create_app
from lrs.services import Services, opened
from tests.conftest import Client
from tests.sql.world import statements_of, write_requirements

GIVEN = Path(__file__).parents[1] / "sql" / "scope"
FORMULA = '=HYPERLINK("https://evil.example"'
EVIL = f'EVIL,2026-01-01,"{FORMULA.replace(chr(34), chr(34) * 2)}",[bold]Lee'
DAY = "as_of=2026-06-30"


@dataclass(frozen=True)
class Company:
    """The services over the company's database, and the application."""

    services: Services
    app: Flask

    def caller(self, *scopes: Scope, unit: str | None = None) -> Client:
        made = self.services.credentials.add("default", list(scopes), unit=unit)
        return Client(self.app, *made)


@pytest.fixture(scope="module")
def company(
    mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    (folder / "requirements").mkdir()
    write_requirements(GIVEN / "given_requirements.toml", folder / "requirements")
    environment = {
        "LRS_MONGODB_URI": mongodb_uri,
        "LRS_DATABASE": f"test_{uuid.uuid4().hex[:12]}",
        "LRS_DATA_DIR": str(folder / "data"),
        "LRS_SECRET_KEY": "a key for tests",
        "LRS_REQUIREMENTS_DIR": str(folder / "requirements"),
    }
    loaded = configuration.load(environment)
    with opened(loaded) as services:
        found = Company(services, create_app(services))
        bring_in(found, folder)
        yield found
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(loaded.database)


def bring_in(company: Company, folder: Path) -> None:
    people = (GIVEN / "given_workforce.csv").read_text()
    evil = f"{EVIL},evil@example.com,active,2026-01-01,SALES,Sales,ACME,AC1\n"
    (folder / "workforce.csv").write_text(people + evil)
    analytics = company.services.analytics()
    for kind, path in (
        ("workforce", folder / "workforce.csv"),
        ("kpi", GIVEN / "given_kpi.csv"),
    ):
        result = import_file(analytics.ledger, "default", kind, path)
        assert result.quarantined == []
    texts = [item.text for item in statements_of(GIVEN / "given_statements.csv")]
    sent: Any = company.caller(Scope.ALL).post(
        "/xapi/statements",
        data=f"[{','.join(texts)}]",
        content_type="application/json",
    )
    assert sent.status_code == 200, sent.text
    analytics.enrichment.run("default")


@pytest.fixture(scope="module")
def tool(company: Company) -> Client:
    """Give a reporting tool's credential, for the whole company."""
    return company.caller(Scope.REPORTS_READ)


def rows(client: Client, path: str) -> list[dict[str, Any]]:
    answer: Any = client.get(path)
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert isinstance(found, list)
    return found
