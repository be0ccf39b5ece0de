"""Figures, days and statuses in words: the filters of the templates.

Rates are labelled where they stand, an interval comes with its rate, and nothing is
a bare zero where there was nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from analytics.charts.palette import STATUSES

NOTHING = "–"  # noqa: RUF001 - an en dash, as printed
_LABELS = {status.code: status.label for status in STATUSES}


def percent(value: object, digits: int = 1) -> str:
    """Return a share of 0 to 1 as a percentage, a dash for None."""
    if not isinstance(value, (int, float)):
        return NOTHING
    return f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}%"


def span(low: object, high: object) -> str:
    """Return an interval of shares, such as 79 to 88 %; a dash where unknown."""
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return NOTHING
    return f"{100 * low:.1f} to {percent(high)}"


def number(value: object) -> str:
    """Return a count with thousands apart, a dash for None."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.2f}"
    return f"{int(value):,}" if isinstance(value, (int, float)) else NOTHING


def signed(value: float) -> str:
    """Return a difference with its sign and two places."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def day(value: object) -> str:
    """Return a day as 3 Mar 2026, a dash for None; a moment gives its day."""
    if not isinstance(value, date):
        return str(value) if value else NOTHING
    return f"{value.day} {value:%b %Y}"


def moment(value: object) -> str:
    """Return a moment to the minute in UTC; without a zone it is taken as UTC."""
    if not isinstance(value, datetime):
        return day(value)
    at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{day(at)}, {at:%H:%M} UTC"


def status(code: object) -> str:
    """Return a status code's label; an unknown code stands as it is."""
    return _LABELS.get(str(code), str(code))


def tag(code: object) -> str:
    """Return a status code as the end of a CSS class."""
    return str(code).lower().replace("_", "-") if code in _LABELS else "unknown"


def age(earlier: datetime, later: datetime) -> str:
    """Return how long ago, in the largest whole unit: 3 minutes, 2 days."""
    seconds = max(0, int((later - earlier).total_seconds()))
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "under a minute"


FILTERS: dict[str, Callable[..., str]] = {
    "percent": percent,
    "number": number,
    "signed": signed,
    "day": day,
    "moment": moment,
    "status": status,
    "tag": tag,
}
