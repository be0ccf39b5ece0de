"""Schedules: when a source is fetched, as a cron expression in a time zone.

Debian's cron decides what an expression means, in the nights of a changed clock too: a
time that is left out runs right after it, one that comes twice runs once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

LONGEST = 200  # characters


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression of five fields and the IANA zone whose clock it follows."""

    cron: str
    time_zone: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """Return the next run after an aware moment, in UTC."""
        there = moment.astimezone(ZoneInfo(self.time_zone))
        found: datetime = next(CronSim(self.cron, there))
        return found.astimezone(UTC)


def check_cron(written: str) -> None:
    """Raise ValueError where it is no cron expression, or one that never comes."""
    if len(written) > LONGEST or len(written.split()) != 5:
        raise ValueError('is not a cron expression of five fields ("0 3 * * *")')
    try:
        next(CronSim(written, datetime(2024, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration, ValueError, OverflowError):
        raise ValueError(
            'is not a cron expression that ever comes ("0 3 * * *": daily at 3)'
        ) from None
