"""Schedules: which configured source is due, and when each was last taken.

In: the mapping files with a ``[schedule]``, and when each was last begun. Out: when
each is next to be taken.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.workforce.mapping import Schedule, load_mapping
from analytics.workforce.walks import LastWalk
from lrs.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Due:
    """A source, when its next walk is to begin, and what is wrong with its mapping.

    ``source`` is what its runs call it: the mapping's name.
    """

    name: str
    at: datetime.datetime
    wrong: str | None = None
    source: str = ""


def due(
    folder: Path, walks: Mapping[str, LastWalk], now: datetime.datetime
) -> Iterator[Due]:
    """Yield the sources with a schedule, each with when it is next to be taken.

    ``walks`` has the last walk over each, by name; one that was never taken is to be so
    at once.
    """
    for path in sorted(folder.glob("*.toml")):
        try:
            mapping = load_mapping(path)
        except BadRequest as error:
            yield Due(path.stem, now, wrong=error.message)
            continue
        if mapping.schedule is not None:
            at = _next(mapping.schedule, walks.get(path.stem), now)
            yield Due(path.stem, at, source=mapping.name)


def _next(
    schedule: Schedule, last: LastWalk | None, now: datetime.datetime
) -> datetime.datetime:
    return now if last is None else schedule.next_after(last.began)
