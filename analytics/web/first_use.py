"""The reports of a web worker: there from the start, made when the first is asked for.

DuckDB, Delta tables and Arrow take 30 MB of a process and half a second. A worker that
only takes Statements in has no need of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from threading import Lock

from analytics.web.services import NO_PARAMETERS, ReportResult, ReportService


class ReportsAtFirstUse:
    """A ReportService that is made at the first call; one for all threads."""

    def __init__(self, make: Callable[[], ReportService]) -> None:
        """``make`` loads and wires the reports; where it fails it is called again."""
        self._make = make
        self._made: ReportService | None = None
        self._lock = Lock()

    def run(
        self,
        name: str,
        tenant: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        unit: str | None = None,
        scope_unit: str | None = None,
        person: str | None = None,
        parameters: Mapping[str, str] = NO_PARAMETERS,
        limit: int | None = None,
        after: str | None = None,
    ) -> ReportResult:
        """Return a report's rows; see ``ReportService``."""
        return self._reports().run(
            name,
            tenant,
            as_of=as_of,
            known_at=known_at,
            unit=unit,
            scope_unit=scope_unit,
            person=person,
            parameters=parameters,
            limit=limit,
            after=after,
        )

    def _reports(self) -> ReportService:
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made
