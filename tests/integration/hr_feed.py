"""A source of HR files whose mapping can be mended, and what came of its deliveries."""

from __future__ import annotations

import csv
import uuid
from importlib.resources import files
from pathlib import Path
from typing import Any

from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.replaying import replay
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, load_mapping
from analytics.workforce.quarantine import Aside, asides, waiting
from analytics.workforce.run_records import record
from analytics.workforce.source_records import SourceRecords

CANONICAL = Path(str(files("config") / "hris" / "canonical.toml")).read_text()
DAYS = 'date_format = ["%d.%m.%Y", "iso"]'


class Feed:
    """A source whose mapping can be mended, and what came of its deliveries."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self.ledger, self.folder = ledger, folder
        self.mapping = self.mended(CANONICAL)

    def mended(self, text: str) -> Mapping:
        path = self.folder / "feed.toml"
        path.write_text('name = "feed"\n' + text.replace('name = "canonical"', ""))
        self.mapping = load_mapping(path)
        return self.mapping

    def deliver(self, *rows: dict[str, str], end: str = "") -> ImportResult:
        path = self.folder / f"{uuid.uuid4().hex}.csv"
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
            file.write(end)
        return self.read(path)

    def read(self, path: Path) -> ImportResult:
        return import_file(self.ledger, "default", "workforce", path, self.mapping)

    def replay(self, run: str, *chosen: str) -> ImportResult:
        its = record(self.ledger, "default", run)
        return replay(self.ledger, "default", its, self.mapping, chosen=chosen)

    def asides(self, run: str) -> dict[str, Aside]:
        return {one.record: one for one in asides(self.ledger, "default", run)}

    def states(self, run: str) -> dict[str, str]:
        return {name: one.state for name, one in self.asides(run).items()}

    def waiting(self, run: str) -> int:
        return waiting(self.ledger, "default", run)

    def open(self) -> int:
        sources = SourceRecords(self.ledger.collections.sources).all()
        return {one.source: one.open for one in sources}["feed"]

    def units(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for batch in self.ledger.rows("default", "workforce"):
            found |= {row["employee_id"]: row["org_unit_id"] for row in batch}
        return found


def row(person: str, unit: str = "OPS", parent: str = "", **given: str) -> Any:
    day = "2024-01-01"
    base = {"employee_id": person, "effective_date": day, "hire_date": day}
    return base | {"org_unit_id": unit, "org_parent_id": parent} | given
