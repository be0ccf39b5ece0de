"""What the reports need of others: the last pass, the imports, the ages of sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from analytics.enrichment.runs import LastRun
from analytics.workforce.run_records import RunRecord


class RunsReader(Protocol):
    """What the reports need to know of the last enrichment."""

    def get(self, tenant: str) -> LastRun | None:
        """Return the last pass of the tenant, or None."""
        ...


class ImportsReader(Protocol):
    """What the reports need to know of the imports."""

    def __call__(
        self, tenant: str, known_at: datetime | None, limit: int, /
    ) -> Sequence[RunRecord]:
        """Return the newest runs that had ended by then (None: until now)."""
        ...


def no_imports(
    tenant: str, known_at: datetime | None, limit: int, /
) -> Sequence[RunRecord]:
    """Return none: where no ledger is at hand."""
    return ()


class SourcesReader(Protocol):
    """What the reports need to know of the age of HR data."""

    def __call__(self, tenant: str, /) -> Mapping[str, datetime]:
        """Return when each source's last delivery was applied, UTC."""
        ...


def no_sources(tenant: str, /) -> Mapping[str, datetime]:
    """Return none: where no ledger is at hand."""
    return {}
