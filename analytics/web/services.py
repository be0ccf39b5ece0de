"""What the pages ask of the rest of the product: reports and accounts.

Protocols and the data that comes back; the pages know nothing else. Scope is the
service's to enforce: every call carries the account's unit as ``scope_unit``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Protocol

from analytics.reports.result import NO_PARAMETERS, ReportMeta, ReportResult
from lrs.access import Account

__all__ = [
    "NO_PARAMETERS",
    "Account",
    "AccountService",
    "HasLeft",
    "ReportMeta",
    "ReportResult",
    "ReportService",
    "nobody",
]


class ReportService(Protocol):
    """The catalogue of reports."""

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
        """Return a report's rows inside ``scope_unit`` and everything below it.

        ``as_of`` None means today; at most ``limit`` rows, those ``after`` a place that
        an answer gave. Raises Forbidden or NotFound (lrs.errors) for a
        unit or person outside the scope, BadRequest for a day it cannot answer.
        """


HasLeft = Callable[[str, str], bool]
"""Whether HR knows an e-mail address of a tenant as that of leavers only.

Or, as ``is_closed``, an identity provider as that of people whose access has ended."""


def nobody(_tenant: str, _address: str) -> bool:
    """Say of everybody that their access goes on."""
    return False


class AccountService(Protocol):
    """The people who may sign in to the pages."""

    def verify(self, email: str, password: str) -> Account | None:
        """Return the account, or None; as slow for an unknown e-mail as for a known."""

    def begin_session(self, account: Account) -> str:
        """Return the mark of a new session, from now on in ``account.sessions``."""

    def end_session(self, account: Account, mark: str) -> None:
        """Take the mark of a session away: a copy of its cookie holds no more."""

    def find(self, tenant: str, email: str) -> Account | None:
        """Return the account as it stands now, or None when its access has ended.

        Asked on every request, so that a lost access or another unit acts at once.
        """
