"""Figures: what many records come to, by person and period (``[source.figures]``).

``person``, ``day`` and ``value`` are where a record holds whose it is, when it was, and
how much (absent: records are counted); ``counts`` where it says whether it counts at
all, such as IsWon; ``period`` is month, quarter or year, ``time_zone`` that of moments
(UTC). In: records, in any order. Out: one for each person and period of which there is
any, with ``person``, ``period_start``, ``period_end`` (days, both within), ``value``
and ``number``. A period in which nothing counted has 0: it may have had more before.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.workforce.connectors.connector import Record, Setup
from analytics.workforce.mapping.paths import Path
from analytics.workforce.sources.source_table import SourceTable
from lrs.errors import SetupError

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_KEYS = {"person", "day", "value", "counts", "period", "time_zone"}
_YES = ("true", "1", "yes")


@dataclass(frozen=True, slots=True)
class Figures:
    """How records of one system are summed up."""

    system: str
    person: Path
    day: Path
    value: Path | None
    counts: Path | None
    months: int
    zone: ZoneInfo

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of a record that are read."""
        read = (self.person, self.day, self.value, self.counts)
        return tuple(path.written for path in read if path is not None)

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the figures; raises SetupError where a record makes no sense."""
        sums: dict[tuple[str, datetime.date], tuple[Decimal, int]] = {}
        for record in records:
            person, day = self.person.of(record), self._day(record)
            if not isinstance(person, str | int) or day is None:
                continue  # nobody's, or not yet
            value, number = sums.get((str(person), day), (Decimal(0), 0))
            if self._counts(record):
                value, number = value + self._value(record), number + 1
            sums[str(person), day] = value, number
        for (whose, first), (value, number) in sorted(sums.items()):
            yield {
                "person": whose,
                "period_start": first.isoformat(),
                "period_end": self._last(first).isoformat(),
                "value": format(value, "f"),
                "number": number,
            }

    def _day(self, record: Record) -> datetime.date | None:
        """Return the first day of the period that a record is in."""
        told = self.day.of(record)
        if told is None or told == "":
            return None
        try:
            moment = datetime.datetime.fromisoformat(str(told))
        except ValueError:
            raise self._wrong(self.day, "is no day") from None
        day = moment.astimezone(self.zone).date() if moment.tzinfo else moment.date()
        return day.replace(month=day.month - (day.month - 1) % self.months, day=1)

    def _last(self, first: datetime.date) -> datetime.date:
        month = first.month + self.months - 1
        return first.replace(month=month, day=calendar.monthrange(first.year, month)[1])

    def _counts(self, record: Record) -> bool:
        if self.counts is None:
            return True
        return str(self.counts.of(record)).lower() in _YES

    def _value(self, record: Record) -> Decimal:
        told = 1 if self.value is None else self.value.of(record)
        try:
            value = Decimal(0 if told in (None, "") else str(told))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise self._wrong(self.value or self.day, "is no number")
        return value

    def _wrong(self, path: Path, reason: str) -> SetupError:
        return SetupError(
            f"{self.system} has a record whose {path.written} {reason}: see to "
            "[source.figures]."
        )


def figures_of(setup: Setup) -> Figures | None:
    """Return the figures of ``[source.figures]``; None where there is no such table.

    Raises BadRequest.
    """
    if not setup.read.has("figures"):
        return None
    read = setup.read.part("figures")
    read.only(_KEYS)
    value, counts = read.maybe("value"), read.maybe("counts")
    return Figures(
        system=setup.name,
        person=Path(read.text("person")),
        day=Path(read.text("day")),
        value=Path(value) if value else None,
        counts=Path(counts) if counts else None,
        months=_MONTHS[read.choice("period", _MONTHS, "month")],
        zone=_zone(read),
    )


def _zone(read: SourceTable) -> ZoneInfo:
    try:
        return ZoneInfo(read.text("time_zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise read.wrong("time_zone", "is not the name of a time zone") from None
