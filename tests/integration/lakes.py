"""What the tests of the enrichment share: filling the truth, reading the tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analytics.enrichment.enrichment import Enrichment
from analytics.enrichment.runs import MongoRuns
from analytics.lake.lake import Lake
from analytics.lake.tables import TABLES
from analytics.workforce.engine.importing import ImportResult, import_file
from lrs.access import Principal, Scope
from lrs.recording import Recorded
from lrs.services import Services
from lrs.store.feed import MongoFeed
from lrs.xapi import text
from lrs.xapi.versions import Version

AGENT: dict[str, object] = {
    "account": {"homePage": "https://lrs.example", "name": "tests"}
}
Rows = dict[str, list[str]]


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
    path = folder / f"{tenant}-{kind}.csv"
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    result = import_file(services.analytics().ledger, tenant, kind, path)
    assert not result.quarantined
    return result


def enrichment(
    services: Services, lake: Lake, *, chunk: int = 100_000, batch: int = 5_000
) -> Enrichment:
    """Return an enrichment into a lake of its own, in small pieces where wanted."""
    return Enrichment(
        MongoFeed(services.database, services.timeline, batch=batch),
        services.analytics().ledger,
        lake,
        MongoRuns(services.database),
        chunk,
        identity=(decisions := services.analytics().decisions),
        veils=decisions,
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
