"""What identity providers told us by SCIM, as a source: changes not yet taken.

The first time everybody is taken, then whom a change concerns, until
``full_every_days`` are over, the mapping was changed, or somebody asks for all of it.
Only ``taken`` moves the cursor.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import ClassVar

from analytics.workforce.connectors.spool import Spool
from analytics.workforce.scim.changes import Changes
from analytics.workforce.sources.cursors import Cursor, Cursors
from analytics.workforce.sources.records import Delivery
from analytics.workforce.sources.source import Mode, Notify, Offer, silent


@dataclass(frozen=True, slots=True)
class ScimSource:
    """The source of one tenant's users; ``version`` is the mapping's."""

    name: str
    tenant: str
    version: str
    cursors: Cursors
    full_every_days: int
    take_all: bool = False
    is_asked: ClassVar[bool] = True

    @contextmanager
    def offers(
        self, notify: Notify = silent, again: str | None = None
    ) -> Iterator[Iterator[Offer]]:
        """Open a walk with one offer, or none where nothing has changed.

        ``again`` needs nothing: what was refused moved no cursor.
        """
        with Spool() as spool:
            yield self._walk(spool)

    def _walk(self, spool: Spool) -> Iterator[Offer]:
        now = datetime.datetime.now(datetime.UTC)
        changes = Changes(self.cursors.database, self.tenant)
        through = changes.last()
        last = self.cursors.get(self.tenant, self.name)
        delta = last if last is not None and not self._is_full(last, now) else None
        after = int(delta.cursor) if delta else 0
        if after >= through:
            return
        spool.fill(changes.records(after, through))
        full_at = delta.full_at if delta else now
        noted = Cursor(str(through), now, full_at, self.version)
        yield ScimOffer(self, spool, "delta" if delta else "full", noted)

    def _is_full(self, last: Cursor, now: datetime.datetime) -> bool:
        if self.take_all or last.full_at is None or last.version != self.version:
            return True
        return now - last.full_at >= datetime.timedelta(days=self.full_every_days)


@dataclass(frozen=True, slots=True)
class ScimOffer:
    """The changes of one walk; ``noted`` is the cursor behind them."""

    source: ScimSource
    spool: Spool
    mode: Mode
    noted: Cursor
    sequence: int | None = None
    people_are_whole: bool = False  # who was renumbered is two people for a while

    @property
    def file(self) -> str:
        """Return what it is called: the source, and up to which change."""
        return f"{self.source.name} to change {self.noted.cursor}"

    @property
    def changes_only(self) -> bool:
        """Tell whether it has only what has changed."""
        return self.mode == "delta"

    @property
    def as_of(self) -> str | None:
        """Return the day on which it was made."""
        return self.noted.at.date().isoformat()

    def opened(self) -> AbstractContextManager[Delivery]:
        """Open its records; raises BadRequest, also while they are read."""
        return self.spool.opened(self.file)

    def taken(self) -> None:
        """Let the next delta begin behind it."""
        self.source.cursors.set(self.source.tenant, self.source.name, self.noted)

    def refused(self, reason: str) -> None:
        """Leave the cursor where it is: the next walk brings the same."""
