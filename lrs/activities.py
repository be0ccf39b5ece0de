"""Activities: the LRS's own definition of each Activity (xAPI-Communication 2.5).

In: what Statements say of Activities, noted after they are stored. Out: the Activity
with everything that was said of it, merged (lrs.xapi.definition has the rules).

Who may what (4.2). A Statement defines only where its sender has ``define``, or all;
without it the Statement is stored as it is and marks nothing. Reading is for those who
read Statements (all/read, statements/read, and statements/read/mine, which are shown
the same definitions by format=canonical), for ``define``, and for ``state`` and
``profile``, whose content asks what the Activity is that it keeps documents of. Who
only writes Statements reads nothing: definitions hold correct responses.

The definition is a pure function of the Statements that define. A note is written only
where it changes something, outside of the Statement's transaction, and must still lose
to what was stored later. So:

- a Statement is compared after it was stored, with the definition's present revision
  (a small cache knows what a revision holds), and is done where it says nothing new;
- a change takes place only while its revision stands there (compare and swap);
- whoever replaced something looks afterwards for Statements that were stored later
  than its own: they may have been compared with what stood there before, found
  nothing to do, and would be lost.

A process that is killed in between leaves a definition behind: the client, which got
no answer, repeats the Statement, and repeats are noted too. ``rebuild`` makes them all
again. Nothing is ever fetched from the Activity's own address.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson
from cachetools import LRUCache

from lrs.access import Principal, Scope
from lrs.errors import Unavailable
from lrs.xapi import definition
from lrs.xapi.definition import Merged, Parts, Place

_READERS = (
    *(Scope.ALL_READ, Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE),
    *(Scope.DEFINE, Scope.STATE, Scope.PROFILE),
)
_LARGEST = 8 << 20  # bytes of a definition with its times; a document has 16
_REMEMBERED = 50_000  # digests of 16 bytes
_ATTEMPTS = 40
_LONGEST_PAUSE = 0.05  # seconds between two of them
_LOOKED_AT = 100  # later Statements, the latest first; nearly always one says it all

Definitions = Mapping[str, tuple[bytes, ...]]  # by Activity id, as they were written


@dataclass(frozen=True, slots=True)
class Noted:
    """What one stored Statement says of Activities; ``stored`` in microseconds."""

    stored: int
    definitions: Definitions


@dataclass(frozen=True, slots=True)
class Kept:
    """A definition as it is kept: its text, the times of its parts, its revision.

    ``changed`` is microseconds since 1970, set by the store.
    """

    text: str
    times: str
    revision: str
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A definition that takes the place of a revision, None for nothing there."""

    activity: str
    former: str | None
    kept: Kept


@dataclass(frozen=True, slots=True)
class Activity:
    """The JSON text of an Activity, and when its definition changed, if ever."""

    text: bytes
    changed: int | None


class ActivityStore(Protocol):
    """What activities need of the store; what it returns is there to stay."""

    def revisions(self, tenant: str, activities: Sequence[str]) -> dict[str, str]:
        """Return the present revisions of those that have a definition."""
        ...

    def definitions(self, tenant: str, activities: Sequence[str]) -> dict[str, Kept]:
        """Return the definitions of those that have one."""
        ...

    def swap(self, tenant: str, changes: Sequence[Change]) -> None:
        """Make each change whose former revision stands there."""
        ...

    def later(
        self, tenant: str, activity: str, after: int, limit: int
    ) -> Iterator[tuple[int, str]]:
        """Yield (stored, text) of those that define, stored later, the latest first.

        They have to do with the Activity; up to ``limit`` of them.
        """
        ...

    def defining(self, tenant: str, *, everyone: bool) -> Iterator[tuple[int, str]]:
        """Yield (stored, text) of all that define, or of all Statements, in order."""
        ...

    def forget(self, tenant: str) -> None:
        """Remove every definition of the tenant."""
        ...


class Activities:
    """Keeps definitions; one for the whole process."""

    def __init__(self, store: ActivityStore) -> None:
        self._store = store
        self._known: LRUCache[bytes, bool] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()

    def one(self, principal: Principal, activity: str) -> Activity:
        """Return an Activity, one never heard of too (s43); raises Forbidden."""
        principal.require(*_READERS)
        kept = self._store.definitions(principal.tenant, [activity]).get(activity)
        members = f'"objectType":"Activity","id":{orjson.dumps(activity).decode()}'
        if kept is not None:
            members += f',"definition":{kept.text}'
        return Activity(f"{{{members}}}".encode(), kept.changed if kept else None)

    def definitions(self, tenant: str, activities: Iterable[str]) -> dict[str, str]:
        """Return the texts of those definitions that there are, by Activity id."""
        found = self._store.definitions(tenant, list(dict.fromkeys(activities)))
        return {activity: kept.text for activity, kept in found.items()}

    def note(self, tenant: str, statements: Iterable[Noted]) -> None:
        """Merge what stored Statements say; raises Unavailable, and then repeat it."""
        waiting = _gathered(statements)
        revisions = self._store.revisions(tenant, list(waiting)) if waiting else {}
        news = {
            activity: said
            for activity, said in waiting.items()
            if not self._is_known(tenant, revisions.get(activity), activity, said)
        }
        while news:
            replaced = self._write(tenant, news)
            news = self._passed(tenant, replaced)

    def rebuild(self, tenant: str, *, everyone: bool = False) -> Iterator[int]:
        """Make all definitions of a tenant again; yield counts of Statements read.

        ``everyone`` lets Statements define whose senders had not the scope, or that
        were stored before it was recorded. Meanwhile definitions are incomplete;
        Statements may come in.
        """
        self._store.forget(tenant)
        batch: list[Noted] = []
        count = 0
        for stored, text in self._store.defining(tenant, everyone=everyone):
            batch.append(Noted(stored, definition.defined(text)))
            if len(batch) == 500:
                self.note(tenant, batch)
                count += len(batch)
                batch = []
                yield count
        self.note(tenant, batch)
        yield count + len(batch)

    # -- the steps of a note -----------------------------------------------------

    def _write(
        self, tenant: str, news: Mapping[str, _Said]
    ) -> dict[str, tuple[int, set[Place]]]:
        """Merge into what stands there, again while others do too.

        Returns where something else stood before: since when the new stands there,
        and at which places.
        """
        replaced: dict[str, tuple[int, set[Place]]] = {}
        waiting = {activity: said.parts() for activity, said in news.items()}
        for attempt in range(_ATTEMPTS):
            if attempt:
                pause = min(attempt * 0.002, _LONGEST_PAUSE)
                time.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
            standing = self._store.definitions(tenant, list(waiting))
            changes = []
            for activity, said in list(waiting.items()):
                kept = standing.get(activity)
                merged = _merged(kept, said)
                change = _change(activity, kept, merged) if merged.changed else None
                if change is None:
                    del waiting[activity]
                    if kept is not None and definition.holds(merged.parts, said):
                        self._remember(tenant, kept.revision, activity, news[activity])
                    continue
                changes.append(change)
                if merged.replaced:
                    since = min(said[place].stored for place in merged.replaced)
                    before, places = replaced.get(activity, (since, set()))
                    replaced[activity] = (
                        min(before, since),
                        places | merged.replaced,
                    )
            if not changes:
                return replaced
            self._store.swap(tenant, changes)
        raise Unavailable(
            "Others keep changing the same Activity definitions. The Statements are "
            "stored; send them again to have what they define noted.",
            headers={"Retry-After": "1"},
        )

    def _passed(
        self, tenant: str, replaced: Mapping[str, tuple[int, set[Place]]]
    ) -> dict[str, _Said]:
        """Return what Statements say that were stored later than what we wrote."""
        passed: dict[str, _Said] = {}
        for activity, (since, places) in replaced.items():
            open_ = set(places)
            for stored, text in self._store.later(tenant, activity, since, _LOOKED_AT):
                texts = definition.defined(text).get(activity)
                if texts is None:
                    continue
                said = passed.setdefault(activity, _Said())
                said.add(activity, stored, texts)
                open_ -= said.parts().keys()
                if not open_:
                    break
        return passed

    # -- what a revision is known to hold ------------------------------------------

    def _is_known(
        self, tenant: str, revision: str | None, activity: str, said: _Said
    ) -> bool:
        if revision is None:
            return False
        keys = _keys(tenant, revision, said)
        with self._lock:
            return all(self._known.get(key, False) for key in keys)

    def _remember(
        self, tenant: str, revision: str, activity: str, said: _Said
    ) -> None:
        with self._lock:
            for key in _keys(tenant, revision, said):
                self._known[key] = True
