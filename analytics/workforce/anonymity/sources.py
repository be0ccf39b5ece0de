"""Sources: the mappings by which records that were set aside can be read again.

In: the folder of mapping files, and a run's source and kind. Out: the source's mapping
as it is now (a run keeps none), or None. What has none is told of.
"""

from __future__ import annotations

from pathlib import Path

from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, canonical, load_mapping
from analytics.workforce.model import TABLES
from lrs.errors import BadRequest


class Sources:
    """The mappings of one tenant's runs, each file read once."""

    def __init__(self, ledger: Ledger, tenant: str, folder: Path) -> None:
        self._ledger, self._tenant = ledger, tenant
        self._known = {
            (kind, "canonical"): canonical(table) for kind, table in TABLES.items()
        }
        for path in sorted(folder.glob("*.toml")):
            try:
                mapping = load_mapping(path)
            except BadRequest:
                continue  # its sources are told of as unreadable
            self._known[mapping.table.kind, mapping.name] = mapping
        self._runs: dict[str, tuple[str, str]] = {}
        self.lacking: set[str] = set()

    def of(self, run: str) -> Mapping | None:
        """Return the mapping of a run's source; None, and noted, where none is."""
        if run not in self._runs:
            shown = {"kind": 1, "source": 1}
            place = {"_id": {"t": self._tenant, "run": run}}
            item = self._ledger.collections.runs.find_one(place, shown) or {}
            self._runs[run] = item.get("kind", ""), item.get("source", "")
        found = self._known.get(self._runs[run])
        if found is None:
            self.lacking.add(self._runs[run][1])
        return found
