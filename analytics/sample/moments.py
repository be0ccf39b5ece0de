"""Days, months and instants: everything counts back from the last day.

Nothing here reads a clock. An instant is a whole number of milliseconds since 1970
in UTC; a local day and time of day become one in the zone of a location.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Window:
    """The time the sample covers: whole months, then the days up to ``end``.

    ``months`` are first days; ``rollout`` is the day the course is rolled out, in the
    middle of the last month before ``effect_from``, the first month with the effect.
    """

    start: date
    end: date
    months: tuple[date, ...]
    rollout: date
    effect_from: date

    @property
    def limit(self) -> int:
        """Return the instant before which every Statement lies: ``end`` 00:00Z."""
        return (self.end.toordinal() - _EPOCH_DAY) * DAY

    @property
    def days(self) -> int:
        """Return the number of days from ``start`` to ``end``."""
        return (self.end - self.start).days


def window(end: date, months: int) -> Window:
    """Return the window of so many whole months before the month of ``end``.

    Raises ValueError for fewer than four: there is no before and after to compare.
    """
    if months < 4:
        raise ValueError("The sample needs at least 4 months.")
    firsts = [month_after(end, k - months) for k in range(months)]
    half = months // 2
    rollout = firsts[half - 1] + timedelta(days=14)
    return Window(firsts[0], end, tuple(firsts), rollout, firsts[half])


def month_after(day: date, months: int) -> date:
    """Return the first day of the month so many months after that of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def last_of_month(day: date) -> date:
    """Return the last day of the month of ``day``."""
    return month_after(day, 1) - timedelta(days=1)


@lru_cache(maxsize=65_536)
def offset_minutes(zone: str, day: date) -> int:
    """Return how far ahead of UTC a zone is at noon of a day, in minutes."""
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    ahead = noon.utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds()) // 60


def instant(day: date, zone: str, rng: random.Random, limit: int) -> int:
    """Return a moment in working hours of a local day, well before ``limit``.

    West of Greenwich the afternoon of the last day lies after 00:00Z of the next:
    such a moment is moved to earlier on the same local day.
    """
    local = (day.toordinal() - _EPOCH_DAY) * DAY + rng.randrange(7 * HOUR, 18 * HOUR)
    moment = local - offset_minutes(zone, day) * MINUTE
    latest = limit - 5 * HOUR
    return moment if moment < latest else latest - rng.randrange(2 * HOUR)


def day_of(moment: int) -> date:
    """Return the UTC day of an instant."""
    return date.fromordinal(moment // DAY + _EPOCH_DAY)


def utc(moment: int) -> str:
    """Return an instant as RFC 3339 in UTC with a Z."""
    at = _EPOCH + timedelta(milliseconds=moment)
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def local(moment: int, zone: str) -> str:
    """Return an instant as RFC 3339 with the offset of a zone on that day."""
    ahead = offset_minutes(zone, day_of(moment))
    shifted = _EPOCH + timedelta(milliseconds=moment, minutes=ahead)
    sign, size = ("-", -ahead) if ahead < 0 else ("+", ahead)
    text = shifted.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{text}{sign}{size // 60:02d}:{size % 60:02d}"


def duration(seconds: int) -> str:
    """Return seconds as an ISO 8601 duration."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    head = f"PT{hours}H" if hours else "PT"
    return f"{head}{minutes}M{left}S"


def on_workday(day: date, last: date) -> date:
    """Return the day, or the Monday after a weekend where ``last`` allows it."""
    monday = day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
    return monday if monday <= last else day
