"""Which report has a chart, of which rows, and where a click on it leads.

plotly is loaded when the first chart is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: the report whose rows it takes, at most how many, and what it shows."""

    report: str
    draw: Callable[[Sequence[Row]], Any]
    says: str
    most: int = 2000
    leads_to_units: bool = False


def _heat_map(rows: Sequence[Row]) -> Any:
    from analytics.charts.heat_map import heat_map

    return heat_map(rows)


def _ageing(rows: Sequence[Row]) -> Any:
    from analytics.charts.time_bands import ageing_bars

    return ageing_bars(rows)


def _calendar(rows: Sequence[Row]) -> Any:
    from analytics.charts.time_bands import expiry_calendar

    return expiry_calendar(rows)


def _trend(rows: Sequence[Row]) -> Any:
    from analytics.charts.trend import trend

    return trend(rows)


def _managers(rows: Sequence[Row]) -> Any:
    from analytics.charts.ranked_managers import ranked_managers

    return ranked_managers(rows)


def _bars(name: str, title: str) -> Callable[[Sequence[Row]], Any]:
    def draw(rows: Sequence[Row]) -> Any:
        from analytics.charts.compliance_by_unit import compliance_by_unit

        called = [
            {
                **row,
                "unit_id": row[name] or "",
                "unit_name": row.get(title) or row[name] or "None",
            }
            for row in rows
        ]
        return compliance_by_unit(called)

    return draw


_AGEING = Chart("overdue_ageing", _ageing, "What is overdue, by days.")
_CALENDAR = Chart("expiry_calendar", _calendar, "How much runs out on which day.")
CHARTS = {
    "unit_requirement_matrix": Chart(
        "unit_requirement_matrix",
        _heat_map,
        "Strict rate of the area and the units right below it, by requirement; "
        "a click on a unit shows those below it.",
        leads_to_units=True,
    ),
    "overdue_people": _AGEING,
    "overdue_ageing": _AGEING,
    "expiring": _CALENDAR,
    "expiry_calendar": _CALENDAR,
    "compliance_trend": Chart(
        "compliance_trend",
        _trend,
        "Rates at the end of each month, reorganisations marked.",
    ),
    "compliance_by_manager": Chart(
        "compliance_by_manager",
        _managers,
        "Managers by their people's strict rate, the lowest first; thirty at most.",
        most=60,
    ),
    "compliance_by_location": Chart(
        "compliance_by_location",
        _bars("location_id", "location_id"),
        "Statuses by location.",
        most=40,
    ),
    "compliance_by_job": Chart(
        "compliance_by_job", _bars("job_code", "job_title"), "Statuses by job.", most=40
    ),
}
