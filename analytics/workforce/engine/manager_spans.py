"""Spans: on which days a person stands below whom, by the rows that hold of them.

A row holds until the person's next; its manager from the hire date on and until the
last day of the employment, which a later row may say. In: what the rows say, days as
ordinals. Out: ManagerLinks; of one that was known on all of its days the record is
KNOWN, since it says nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from analytics.workforce.manager_chain import EVER, KNOWN, ManagerLink
from analytics.workforce.model import Row

OPEN = 0  # in the place of a last day


class Said(NamedTuple):
    """A row: the day it takes effect, whom it names, hire date, last day (or OPEN)."""

    day: int
    manager: str | None
    hire: int
    last: int
    record: int = KNOWN


def links_of(
    person: str, rows: Iterable[Said], former: Iterable[Said]
) -> list[ManagerLink]:
    """Return who stands above a person by these rows, where others held before."""
    old = _spans(person, former)
    return [
        link._replace(record=KNOWN) if _is_known(link, old) else link
        for link in _spans(person, rows)
    ]


def said_by(row: Row) -> Said:
    """Return what a canonical row says."""
    manager = row.get("manager_id")
    return Said(
        ordinal(row.get("effective_date")) or 0,
        None if manager is None else str(manager),
        ordinal(row.get("hire_date")) or 0,
        last_day(row),
    )


def last_day(row: Row) -> int:
    """Return the last day of the employment that a row says, or OPEN."""
    last = ordinal(row.get("termination_date"))
    if last is None and row.get("status") == "terminated":
        return (ordinal(row.get("effective_date")) or 1) - 1
    return last or OPEN


def ordinal(day: object) -> int | None:
    """Return the number of a day (``YYYY-MM-DD``)."""
    return None if day is None else _ordinal(str(day))


@lru_cache(maxsize=100_000)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _spans(person: str, rows: Iterable[Said]) -> list[ManagerLink]:
    """Return the links of a person, the latest first."""
    found: list[ManagerLink] = []
    after, lasts = EVER, list[int]()
    for row in sorted(rows, reverse=True):
        if row.last != OPEN:
            lasts.append(row.last)
        ends = [last + 1 for last in lasts if last >= row.hire]
        begin, end = max(row.day, row.hire), min([after, *ends])
        after = row.day
        if row.manager is not None and begin < end:
            found.append(ManagerLink(begin, end, person, row.manager, row.record))
    return found


def _is_known(link: ManagerLink, former: list[ManagerLink]) -> bool:
    """Tell whether the same stood there on all of its days."""
    end = link.end
    for old in former:  # the latest first
        if old.manager == link.manager and old.begin < end <= old.end:
            end = old.begin
            if end <= link.begin:
                return True
    return False
