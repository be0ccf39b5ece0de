"""What a report gives back, and what its caller may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

MOST_ROWS = 100_000  # of one page
NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReportMeta:
    """What a report holds for.

    ``as_of``: the day, to its end; ``known_at``: what was recorded by then, UTC;
    ``enriched_through``: Statements stored until then are in, UTC;
    ``unresolved_share``: of Statements whose person is not known, 0 to 1;
    ``sources``: when the last delivery of each HR source was applied, UTC, by name;
    ``former_manager_days``: so long people count under a former manager (a setting);
    ``asked``: the parameters beside day and time, unit and person among them.
    """

    as_of: date
    known_at: datetime
    enriched_through: datetime | None
    unresolved_share: float | None
    sources: Mapping[str, datetime] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    former_manager_days: int = 0


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Rows of a report, a dict by column, and what they hold for.

    ``extra`` may carry: ``path`` (compliance_by_unit: unit_id and unit_name of each
    unit from the scope's down to the one asked for), ``schema`` (the columns' types, as
    an Arrow schema), ``titles`` (of requirements, by code), and for the reports on
    effects ``estimate`` (an Estimate or None), ``refusal`` (why there is none),
    ``roll_out`` (a date), ``outcome`` and ``unit`` (the figure's name and its unit).
    ``total`` is how many rows there are in all, ``after`` where the next page begins.
    """

    columns: list[str]
    rows: list[dict[str, object]]
    meta: ReportMeta
    extra: Mapping[str, object] = field(default_factory=dict)
    total: int | None = None
    after: str | None = None
