"""Schedules: which configured source is due, and when each was last taken.

In: the mapping files with a ``[schedule]``, and when each was last begun. Out: when
each is next to be taken.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.workforce.mapping import Schedule, load_mapping
from analytics.workforce.walks import Walks
from lrs.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Due:
    """A source, when its next walk is to begin, and what is wrong with its mapping."""

    name: str
    at: datetime.datetime
    wrong: str | None = None


def due(
    folder: Path, walks: Walks, tenant: str, now: datetime.datetime
) -> Iterator[Due]:
    """Yield the sources with a schedule, each with when it is next to be taken.

    One that was never taken is so at once.
    """
    for path in sorted(folder.glob("*.toml")):
        try:
            mapping = load_mapping(path)
        except BadRequest as error:
            yield Due(path.stem, now, wrong=error.message)
            continue
        if mapping.schedule is not None:
            yield Due(path.stem, _next(mapping.schedule, walks, tenant, path.stem, now))


def _next(
    schedule: Schedule, walks: Walks, tenant: str, name: str, now: datetime.datetime
) -> datetime.datetime:
    last = walks.last(tenant, name)
    return now if last is None else schedule.next_after(last.began)
