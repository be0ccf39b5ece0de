"""What the tests of the enrichment share: filling the truth, reading the tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.enrichment.enrichment import Enrichment
from analytics.enrichment.runs import MongoRuns
from analytics.identity.decisions import Signed
from analytics.lake.lake import Lake
from analytics.lake.tables import TABLES
from analytics.lake.upkeep import Upkeep
from analytics.workforce.engine.importing import ImportResult, import_file
from lrs.access import Principal, Scope
from lrs.recording import Recorded
from lrs.services import Services
from lrs.store.feed import MongoFeed
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.builders import a_statement, a_void

AGENT: dict[str, object] = {
    "account": {"homePage": "https://lrs.example", "name": "tests"}
}
Rows = dict[str, list[str]]
UPKEEP = Upkeep()


def record(
    services: Services, tenant: str, statements: Sequence[dict[str, Any]]
) -> Recorded:
    """Store Statements in one batch."""
    writer = Principal(tenant, "key", frozenset({Scope.ALL}), AGENT)
    received, _ = text.split(json.dumps(list(statements)).encode())
    return services.recording.record(writer, received, Version.V1_0_3)


def deliver(
    services: Services,
    folder: Path,
    rows: Sequence[dict[str, str]],
    *,
    tenant: str = "default",
    kind: str = "workforce",
) -> ImportResult:
    """Import rows as one file of the canonical columns."""
    path = written(folder / f"{tenant}-{kind}.csv", rows)
    result = import_file(services.analytics().ledger, tenant, kind, path)
    assert not result.quarantined
    return result


def written(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write rows as a CSV file of their columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def enrichment(
    services: Services,
    lake: Lake,
    *,
    chunk: int = 100_000,
    batch: int = 5_000,
    upkeep: Upkeep = UPKEEP,
) -> Enrichment:
    """Return an enrichment into a lake, in small pieces where wanted."""
    return Enrichment(
        MongoFeed(services.database, services.timeline, batch=batch),
        services.analytics().ledger,
        lake,
        MongoRuns(services.database),
        chunk,
        identity=(decisions := services.analytics().decisions),
        veils=decisions,
        upkeep=upkeep,
    )


def content(lake: Lake, tenant: str = "default") -> Rows:
    """Return every row of every table, in an order of its own."""
    found: Rows = {}
    for table in TABLES:
        opened = lake.open(tenant, table)
        rows = opened.to_pyarrow_table().to_pylist() if opened else []
        found[table] = sorted(repr(row) for row in rows)
    return found


def versions(lake: Lake, tenant: str = "default") -> dict[str, int]:
    """Return the Delta version of every table that there is."""
    opened = {table: lake.open(tenant, table) for table in TABLES}
    return {table: one.version() for table, one in opened.items() if one}


def rebuilt(services: Services, folder: Path, tenant: str = "default") -> Rows:
    """Return the tables as made anew in another lake."""
    lake = Lake(str(folder))
    enrichment(services, lake).rebuild(tenant)
    return content(lake, tenant)


def facts(lake: Lake, statement_id: str, tenant: str = "default") -> list[Any]:
    """Return the fact rows of a Statement in the order in which they became known."""
    opened = lake.open(tenant, "facts")
    assert opened
    rows = opened.to_pyarrow_table().to_pylist()
    mine = [row for row in rows if row["statement_id"] == statement_id]
    return sorted(mine, key=lambda row: row["recorded_at"])


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class DyingLake(Lake):
    """A lake whose user is killed when so many commits are made."""

    left: list[int]

    def _live_on(self) -> None:
        if self.left[0] == 0:
            raise Killed
        self.left[0] -= 1

    def _write(self, *given: Any, **named: Any) -> None:
        self._live_on()
        Lake._write(self, *given, **named)


def fill(services: Services, folder: Path, turn: int) -> None:
    """Statements, voids, people and corrections: something for every table."""
    sent = [a_statement(actor=f"{who}@example.com") for who in ("ann", "bob", turn)]
    row = {"hire_date": "2025-01-01", "org_unit_id": f"U{turn}"}
    people = [
        {"employee_id": who, "email": f"{who}@example.com", **row}
        for who in ("ann", "bob")
    ]
    figure = {"employee_id": "ann", "metric": "tickets", "value": str(turn)}
    days = {"period_start": "2025-01-01", "period_end": "2025-01-31", "unit": "a day"}
    record(services, "default", [*sent[:2], a_void(sent[0]["id"])])
    deliver(services, folder, people)
    deliver(services, folder, [figure | days], kind="kpi")
    record(services, "default", [*sent[2:], a_void(sent[1]["id"])])
    who, why = "mailto:0@example.com", Signed("tests", "It is so.")
    services.analytics().decisions.link("default", who, ("ann", "bob")[turn], why)
