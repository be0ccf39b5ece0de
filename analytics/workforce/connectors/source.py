"""A connector as a source: each walk asks the system, and offers what it said.

The first time everybody is taken, then what has changed, until ``full_every_days`` are
over, the mapping was changed, the system no longer knows the cursor, or somebody asks
for a full one: that one repairs whatever deltas have missed. Only ``taken`` moves the
cursor; where nothing has changed there is no offer, and nothing to move it past (but
where the system waits for it: ``Fetch.settled``). A system that tells of changes one by
one is asked again once one was applied.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from analytics.workforce.connectors.connector import Fetch, Stale, System
from analytics.workforce.connectors.session import Session
from analytics.workforce.connectors.shelf import Shelf
from analytics.workforce.connectors.spool import Spool
from analytics.workforce.sources.cursors import Cursor, Cursors
from analytics.workforce.sources.records import Delivery
from analytics.workforce.sources.source import Mode, Notify, Offer, silent

_MOST_ROUNDS = 10_000  # deltas of one walk, of a system that asks for another


@dataclass(frozen=True, slots=True)
class ConnectorSource:
    """The source of a system that is asked.

    ``version`` is the mapping's; ``cursors`` None: nothing is remembered, and every
    walk takes everybody. ``take_all``: somebody asks for a full one.
    ``only_looks``: nothing will be applied, so nothing is remembered or acknowledged.
    """

    system: System
    tenant: str
    version: str = ""
    cursors: Cursors | None = None
    take_all: bool = False
    only_looks: bool = False
    remarks: list[str] = field(default_factory=list)  # of the last walk
    is_asked: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """Return the source's name: that of its mapping."""
        return self.system.name

    @contextmanager
    def asking(self, last: Cursor | None = None) -> Iterator[Fetch]:
        """Open a session, and the shelf for what it brings.

        ``last`` is the cursor that the last fetch has left.
        """
        with ExitStack() as stack:
            session = stack.enter_context(Session(self.system.reach, self.system.login))
            yield Fetch(
                session,
                stack.enter_context(Shelf()),
                former=last.cursor if last else "",
                known_until=last.at.isoformat() if last else "",
                only_looks=self.only_looks,
                remarks=self.remarks,
            )

    @contextmanager
    def offers(
        self, notify: Notify = silent, again: str | None = None
    ) -> Iterator[Iterator[Offer]]:
        """Open a walk with one offer, none where nothing has changed, or a few.

        ``again`` needs nothing: what was refused moved no cursor, so the system is
        asked for it anyway; it is the same as long as nothing changes there.
        """
        self.remarks.clear()
        with Spool() as spool:
            walk = self._walk(spool)
            try:
                yield walk
            finally:
                walk.close()

    def _walk(self, spool: Spool) -> Generator[Offer]:
        take_all = self.take_all
        for _ in range(_MOST_ROUNDS):
            offer, fetch = self._asked(spool, take_all=take_all)
            if offer.mode == "full" or spool.number:
                yield offer
            elif self.only_looks:
                return
            elif fetch.settled:
                offer.taken()
            else:
                self.end(fetch.afterwards)
            if not fetch.more or not offer.is_remembered:
                return
            take_all = False

    def _asked(self, spool: Spool, *, take_all: bool) -> tuple[ConnectorOffer, Fetch]:
        """Ask for what has changed, or for everybody; the answer is in the spool."""
        now = datetime.datetime.now(datetime.UTC)
        last = self.cursors.get(self.tenant, self.name) if self.cursors else None
        delta = None if take_all else self._delta_from(last, now)
        if delta is not None:
            with self.asking(delta) as fetch:
                try:
                    spool.fill(self.system.connector.delta(fetch, delta.cursor))
                    return self._offer(spool, "delta", fetch, delta.full_at), fetch
                except Stale as stale:
                    self.remarks.append(f"Everybody is taken: {stale.why}")
        with self.asking(last) as fetch:
            spool.fill(self.system.connector.full(fetch))
            return self._offer(spool, "full", fetch, now), fetch

    def end(self, afterwards: Callable[[Fetch], None] | None) -> None:
        """Do what a connector does when all was applied."""
        if afterwards is not None:
            with self.asking() as fetch:
                afterwards(fetch)

    def _delta_from(self, last: Cursor | None, now: datetime.datetime) -> Cursor | None:
        """Return the cursor of a delta, None where everybody is to be taken."""
        if last is None or not self.system.connector.has_delta:
            return None
        if not last.cursor or last.full_at is None or last.version != self.version:
            return None
        age = now - last.full_at
        every = datetime.timedelta(days=self.system.full_every_days)
        return None if age >= every else last

    def _offer(
        self,
        spool: Spool,
        mode: Mode,
        fetch: Fetch,
        full_at: datetime.datetime | None,
    ) -> ConnectorOffer:
        whole = mode == "delta" and self.system.connector.people_are_whole
        began = fetch.moment
        told = (mode, whole, fetch.cursor, began, full_at, fetch.afterwards)
        return ConnectorOffer(self, spool, *told)


@dataclass(slots=True)
class ConnectorOffer:
    """What a system said in one walk."""

    source: ConnectorSource
    spool: Spool
    mode: Mode
    people_are_whole: bool
    cursor: str
    began: datetime.datetime
    full_at: datetime.datetime | None
    afterwards: Callable[[Fetch], None] | None
    sequence: int | None = None
    is_remembered: bool = False  # the cursor moved

    @property
    def file(self) -> str:
        """Return what it is called: the source, and when it was asked."""
        return f"{self.source.name} {self.began:%Y-%m-%dT%H:%MZ}"

    @property
    def changes_only(self) -> bool:
        """Tell whether it is a delta."""
        return self.mode == "delta"

    @property
    def as_of(self) -> str | None:
        """Return the day on which it was asked, none that has not come."""
        today = datetime.datetime.now(datetime.UTC).date()
        return min(self.began.date(), today).isoformat()

    def opened(self) -> AbstractContextManager[Delivery]:
        """Open its records; raises BadRequest, also while they are read."""
        return self.spool.opened(self.file)

    def taken(self) -> None:
        """Let the next delta begin behind it."""
        if self.source.cursors is not None:
            now = datetime.datetime.now(datetime.UTC)
            noted = Cursor(self.cursor, now, self.full_at, self.source.version)
            self.source.cursors.set(self.source.tenant, self.source.name, noted)
            self.is_remembered = True
        self.source.end(self.afterwards)

    def refused(self, reason: str) -> None:
        """Leave the cursor where it is: the next walk asks for the same."""
