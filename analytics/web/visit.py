"""One request of a signed-in account: who asks, for which day, with what scope.

Every report of the pages is asked for here, so that none can leave out the scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from flask import g, request, url_for

from analytics.web.services import (
    NO_PARAMETERS,
    Account,
    ReportMeta,
    ReportResult,
    ReportService,
)
from lrs.errors import BadRequest, NotFound


@dataclass(slots=True)
class Visit:
    """The account and the day asked for; ``meta`` is that of the last report."""

    account: Account
    as_of: date | None
    reports: ReportService
    meta: ReportMeta | None = None

    def report(
        self,
        name: str,
        *,
        unit: str | None = None,
        person: str | None = None,
        parameters: Mapping[str, str] = NO_PARAMETERS,
        known_at: datetime | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> ReportResult:
        """Return a report inside the account's unit; raises what the service does."""
        result = self.reports.run(
            name,
            self.account.tenant,
            as_of=self.as_of,
            known_at=known_at,
            unit=unit,
            scope_unit=self.account.unit,
            person=person,
            parameters=parameters,
            limit=limit,
            after=after,
        )
        self.meta = result.meta
        return result

    def rows(
        self, name: str, *, unit: str | None = None, person: str | None = None
    ) -> ReportResult:
        """Return a report that has rows; none is as good as not there (NotFound)."""
        result = self.report(name, unit=unit, person=person)
        if not result.rows:
            raise NotFound("Nothing is known of this unit or person on this day.")
        return result

    @property
    def day(self) -> str:
        """Return the day that the last report held for, for a file's name."""
        return self.meta.as_of.isoformat() if self.meta else "today"


def current() -> Visit:
    """Return the visit of this request."""
    return cast(Visit, g.visit)


def asked_day() -> date | None:
    """Return the day of the query's ``as_of``; None if absent, BadRequest if none."""
    text = request.args.get("as_of", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest("as_of takes a day such as 2026-01-31.") from None


def link(endpoint: str, **values: object) -> str:
    """Return the address of a page, the day asked for carried along."""
    visit: Visit | None = g.get("visit")
    if visit is not None and visit.as_of is not None:
        values.setdefault("as_of", visit.as_of.isoformat())
    kept: dict[str, Any] = {
        name: str(value) for name, value in values.items() if value is not None
    }
    return url_for(f"pages.{endpoint}", **kept)
