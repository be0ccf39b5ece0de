"""What the pages ask of the rest of the product: reports and accounts.

Protocols and the data that comes back; the pages know nothing else. Scope is the
service's to enforce: every call carries the account's unit as ``scope_unit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in; ``unit`` and everything below it is theirs to see."""

    tenant: str
    email: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class ReportMeta:
    """What a report holds for.

    ``as_of``: the day, to its end; ``known_at``: what was recorded by then, UTC;
    ``enriched_through``: Statements stored until then are in, UTC;
    ``unresolved_share``: of Statements whose person is not known, 0 to 1.
    """

    as_of: date
    known_at: datetime
    enriched_through: datetime | None
    unresolved_share: float | None


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Rows of a report, a dict by column, and what they hold for.

    ``extra`` may carry: ``path`` (compliance_by_unit: unit_id and unit_name of each
    unit from the scope's down to the one asked for), and for training_effect
    ``estimate`` (an effects Estimate, the same fields as a mapping, or None),
    ``refusal`` (the sentence why there is none), ``roll_out`` (a date), ``outcome``
    and ``unit`` (the figure's name and its unit, to read).
    """

    columns: list[str]
    rows: list[dict[str, object]]
    meta: ReportMeta
    extra: Mapping[str, object] = field(default_factory=dict)


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
    ) -> ReportResult:
        """Return a report's rows inside ``scope_unit`` and everything below it.

        ``as_of`` None means today. Raises Forbidden or NotFound (lrs.errors) for a
        unit or person outside the scope, BadRequest for a day it cannot answer.
        """


class AccountService(Protocol):
    """The people who may sign in to the pages."""

    def verify(self, email: str, password: str) -> Account | None:
        """Return the account, or None; as slow for an unknown e-mail as for a known."""

    def find(self, tenant: str, email: str) -> Account | None:
        """Return the account as it stands now, or None when its access has ended.

        Asked on every request, so that a lost access or another unit acts at once.
        """
