"""Schedules: which configured source is due, and whose people it delivers.

In: the mapping files with a ``[schedule]``, and when each was last begun. Out: when
each is next to be taken, for its tenant (``[source] tenant``). A file is read again
when it changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.workforce.mapping import Schedule, load_mapping
from analytics.workforce.sources.configured import tenant_of
from analytics.workforce.walks import LastWalk
from lrs.access import DEFAULT_TENANT
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
    tenant: str = DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file said: its schedule, or what is wrong with it."""

    state: tuple[int, ...]  # of the file when it was read
    source: str = ""
    tenant: str = DEFAULT_TENANT
    schedule: Schedule | None = None
    wrong: str | None = None


class Schedules:
    """The schedules of a folder of mappings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, _Read] = {}

    def due(
        self, walks: Mapping[tuple[str, str], LastWalk], now: datetime.datetime
    ) -> Iterator[Due]:
        """Yield the sources with a schedule, each with when it is next to be taken.

        ``walks`` has the last one over each, by tenant and name. A source that was
        never taken is due at once, and so is one whose walk did not come to its end.
        """
        paths = {path.stem: path for path in sorted(self._folder.glob("*.toml"))}
        self._read = {name: self._said(name, path) for name, path in paths.items()}
        for name, said in self._read.items():
            if said.wrong is not None:
                yield Due(name, now, said.wrong)
            elif said.schedule is not None:
                last = walks.get((said.tenant, name))
                at = now
                if last is not None and last.ended is not None:
                    at = said.schedule.next_after(last.began)
                yield Due(name, at, None, said.source, said.tenant)

    def _said(self, name: str, path: Path) -> _Read:
        state: tuple[int, ...] = ()  # what is wrong with it is told by reading
        try:
            told = path.stat()
            state = (told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino)
        except OSError:
            pass
        known = self._read.get(name)
        if known is not None and state and known.state == state:
            return known
        try:
            mapping = load_mapping(path)
            tenant = tenant_of(mapping.source, name)
        except BadRequest as error:
            return _Read(state, wrong=error.message)
        return _Read(state, mapping.name, tenant or DEFAULT_TENANT, mapping.schedule)
