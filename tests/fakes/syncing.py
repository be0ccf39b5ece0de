"""How tests sync from a fake: a folder of mappings, the real engine and ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics.workforce.engine.syncing import Walk, configured, sync
from analytics.workforce.sources.cursors import Cursor, cursors_of
from analytics.workforce.sources.source import Source
from lrs.services import Services

QUICK = (
    "tries = 3\nbackoff_seconds = 0.001\nlongest_wait_seconds = 2\ntimeout_seconds = 1"
)


@dataclass
class Hris:
    """One configured source over a fresh database."""

    services: Services
    folder: Path
    name: str = "acme"
    secrets: dict[str, str] = field(default_factory=dict)

    def write(self, mapping: str) -> None:
        """Write the mapping."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{self.name}.toml").write_text(mapping)

    def configured(self, *, take_all: bool = False) -> Any:
        """The mapping, its source and its tenant, as the command has them."""
        return configured(
            self.folder,
            self.name,
            lambda _: self.secrets,
            cursors=cursors_of(self.services.database),
            take_all=take_all,
        )

    def sync(self, *, take_all: bool = False) -> Walk:
        """Take what there is; raises as syncing does."""
        return self.take(self.configured(take_all=take_all)[1])

    def take(self, source: Source) -> Walk:
        """Take what a source has."""
        mapping, _, tenant = self.configured()
        walk = sync(self.services.analytics().ledger, tenant, mapping, source)
        assert not walk.refused, walk.refused
        return walk

    @property
    def cursor(self) -> Cursor | None:
        """Where the source stands."""
        return cursors_of(self.services.database).get("default", self.name)

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every row that holds, by employee_id and effective_date."""
        newest: dict[tuple[str, str], dict[str, Any]] = {}
        ledger = self.services.analytics().ledger
        for batch in ledger.rows("default", "workforce"):
            for row in batch:
                newest[row["employee_id"], row["effective_date"]] = row
        return {key: row for key, row in newest.items() if not row["retracted"]}

    def people(self) -> set[str]:
        """Who is employed, by the last row of each."""
        last: dict[str, dict[str, Any]] = {}
        for (person, _), row in sorted(self.rows().items()):
            last[person] = row
        return {name for name, row in last.items() if row["status"] != "terminated"}
