"""Held: who may not be made anonymous yet, since their training must be kept.

In: employee numbers. Out: a line for each person and requirement whose retention is not
over, by what the last enrichment pass knew. Requirements without the key hold nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from analytics.reports.catalogue import folder
from analytics.reports.reports import Reports
from analytics.reports.session import Asked, bound, moment, prepare, session
from analytics.requirements import load

_FOREVER = 9999


@dataclass(frozen=True, slots=True)
class Held:
    """``until``: the last day, None for ever; ``basis``: the rule's own words."""

    employee_id: str
    requirement: str
    until: date | None
    basis: str | None

    def told(self) -> str:
        """Return it in a line."""
        until = "for ever" if self.until is None else f"through {self.until}"
        basis = f" ({self.basis})" if self.basis else ""
        return f"{self.employee_id}: {self.requirement} is kept {until}{basis}"


def held(
    reports: Reports, tenant: str, ids: Sequence[str], day: date | None = None
) -> list[Held]:
    """Return what holds these people on a day (None: today, UTC).

    Raises NotFound where there is a retention to look after and nothing is enriched.
    """
    requirements = [r for r in load(reports.requirements_dir) if r.retention_years]
    if not requirements:
        return []
    (found,) = folder(Path(__file__).parent)
    tables, through = reports.tables_of(tenant)
    asked = Asked(as_of=day or datetime.now(UTC).date(), known_at=moment(through))
    # ``wanted`` is made here: the other tables are the reports'.
    query = replace(found, reads=tuple({*found.reads} - {"wanted"}))
    with session(tables, query, requirements=requirements) as connection:
        prepare(connection, query, asked)
        connection.execute(
            "CREATE TEMP TABLE wanted AS SELECT unnest(?::VARCHAR[]) AS employee_id",
            [list(ids)],
        )
        rows = connection.execute(found.sql, bound(found, asked)).fetchall()
    return [
        Held(who, code, None if until.year == _FOREVER else until, basis)
        for who, code, until, basis in rows
    ]
