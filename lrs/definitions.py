"""Definitions: what the LRS itself knows of Activities, kept up to date by Statements.

Spec: xAPI-Data 2.4.4.1, xAPI-Communication 4.2 (``define``). In: stored Statements
whose senders have the scope ``define``, or all; those of others are stored as they are
and define nothing. Out: for each Activity one definition, merged by the rules of
lrs.xapi.definition. Nothing is fetched from an Activity's own address.

A definition depends on the Statements that define, and on nothing else. It is written
only where a Statement says something new, outside of the Statement's transaction (hot
rows would hold all writers up), and must yet lose to what was stored later. Therefore

- a Statement is compared after it was stored, with a revision that stood there not
  longer than a moment ago (TRUSTED); a cache knows what a revision holds, and where the
  Statement says nothing new it is done;
- a change takes place only while its former revision stands there (compare and swap);
- who has replaced something then looks for Statements stored later than its own: they
  may have been compared with what stood there before, and found nothing to do. It looks
  at once, and again when that moment is over.

A process that is killed in between leaves a definition behind. If its client had no
answer it sends the Statement again; repeats are noted too. ``rebuild`` makes all of
them anew.
"""

from __future__ import annotations

import functools
import hashlib
import random
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Set

import structlog

from lrs.definition_memory import TRUSTED, Known, Present
from lrs.definition_store import Change, DefinitionStore, Kept, Noted
from lrs.errors import Unavailable
from lrs.second_look import Replaced, SecondLook
from lrs.xapi import definition
from lrs.xapi.definition import Parts, Place

_LARGEST = 8 << 20  # bytes of a definition and its times; a document has 16 MiB
_ATTEMPTS = 40
_LONGEST_PAUSE = 0.05  # seconds between two of them
_LOOKED_AT = 100  # later Statements, the latest first: nearly always one says it all
_REBUILT = 500  # Statements at a time
_CLOSE_SECONDS = 2.0
_REMEMBERED, _LONG = 8_000, 2_000  # words, and the octets of long ones

_log = structlog.get_logger("lrs.definitions")


class Definitions:
    """Notes what Statements say of Activities; one for the whole process."""

    def __init__(self, store: DefinitionStore) -> None:
        self._store = store
        self._known = Known()
        self._present = Present(store.revisions)
        self._second_look = SecondLook(self._look_again, after=TRUSTED)

    def note(self, tenant: str, statements: Iterable[Noted]) -> None:
        """Merge what stored Statements say; in any order, and as often as one likes.

        Raises Unavailable where others get in the way; then they are to be repeated.
        """
        latest = _latest(statements)
        if not latest:
            return
        revisions = self._present.revisions(
            tenant, dict.fromkeys([activity for activity, _ in latest])
        )
        news = {
            activity
            for activity, texts in latest
            if not self._known.holds(revisions[activity], _digest(activity, texts))
        }
        if news:
            self._merge(tenant, _gathered(latest, news))

    def settle(self, seconds: float) -> bool:
        """Wait until all that was replaced has had its second look."""
        return self._second_look.settle(seconds)

    def close(self) -> None:
        """Settle; a database that is away is not waited for."""
        self._second_look.close(_CLOSE_SECONDS)

    def rebuild(self, tenant: str, *, everyone: bool = False) -> Iterator[int]:
        """Make the definitions of a tenant anew; yield how many more were read.

        ``everyone``: those of senders without the scope too, and those stored before
        it was recorded. Definitions are incomplete meanwhile; Statements may come in.
        """
        self._store.forget(tenant)
        time.sleep(TRUSTED)  # others may believe in what stood there
        batch: list[Noted] = []
        for stored, statement in self._store.defining(tenant, everyone=everyone):
            batch.append(Noted(stored, definition.defined(statement)))
            if len(batch) == _REBUILT:
                self.note(tenant, batch)
                yield len(batch)
                batch = []
        self.note(tenant, batch)
        yield len(batch)

    def _merge(self, tenant: str, news: dict[str, _Sayings]) -> None:
        """Merge what is new, and what was stored later than what that replaces."""
        while news:
            replaced = self._write(tenant, news)
            self._second_look.ask(tenant, replaced)
            news = self._passed(tenant, replaced)

    def _look_again(self, tenant: str, replaced: Mapping[str, Replaced]) -> None:
        self._merge(tenant, self._passed(tenant, replaced))

    def _write(self, tenant: str, news: Mapping[str, _Sayings]) -> dict[str, Replaced]:
        """Merge into what stands there; return what was replaced, by Activity id."""
        waiting = dict(news)
        replaced: dict[str, dict[Place, int]] = {}
        self._present.forget(tenant, news)
        for attempt in range(_ATTEMPTS):
            if attempt > 1:  # the second only looks at what the first has done
                pause = min(attempt * 0.002, _LONGEST_PAUSE)
                time.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
            standing = self._store.definitions(tenant, list(waiting))
            changes = []
            for activity, sayings in list(waiting.items()):
                kept = standing.get(activity)
                change, places = _change(activity, kept, sayings)
                if change is not None and _fits(tenant, change.kept):
                    changes.append(change)
                    replaced.setdefault(activity, {}).update(places)
                else:
                    del waiting[activity]
                    self._remember(kept, sayings)
            if not changes:
                return {name: places for name, places in replaced.items() if places}
            self._store.swap(tenant, changes)
        raise Unavailable(
            "Others keep changing the definitions of these Activities. The Statements "
            "are stored: send them again, so that what they define is noted.",
            headers={"Retry-After": "1"},
        )

    def _remember(self, kept: Kept | None, sayings: _Sayings) -> None:
        """Remember what it holds, each value for itself, whatever its time."""
        if kept is None:
            return
        parts = kept.parts()
        held = [
            digest
            for digest, saying in sayings.by_digest.items()
            if definition.holds(parts, saying.parts)
        ]
        self._known.add(kept.revision, held)

    def _passed(
        self, tenant: str, replaced: Mapping[str, Replaced]
    ) -> dict[str, _Sayings]:
        """Return what those say that were stored later than what we have written."""
        passed: dict[str, _Sayings] = {}
        for activity, places in replaced.items():
            missing = set(places)
            since = min(places.values())
            for stored, text in self._store.later(tenant, activity, since, _LOOKED_AT):
                said = definition.defined(text).get(activity)
                if said:
                    saying = _Saying(activity, stored, said)
                    passed.setdefault(activity, _Sayings()).add(saying)
                    missing -= saying.parts.keys()
                    if not missing:
                        break
        return passed


class _Saying:
    """What one Statement says of an Activity; the same words have the same digest."""

    def __init__(self, activity: str, stored: int, texts: tuple[bytes, ...]) -> None:
        self.digest = _digest(activity, texts)
        self.stored = stored
        self._texts = texts

    @functools.cached_property
    def parts(self) -> Parts:
        """Return its parts; of the same place in two texts the last one counts."""
        found: Parts = {}
        for text in self._texts:
            found |= definition.take_apart(text, self.stored)
        return found


class _Sayings:
    """All that is said of one Activity: of the same words the latest."""

    def __init__(self) -> None:
        self.by_digest: dict[bytes, _Saying] = {}

    def add(self, saying: _Saying) -> None:
        former = self.by_digest.get(saying.digest)
        if former is None or former.stored < saying.stored:
            self.by_digest[saying.digest] = saying

    def parts(self) -> Parts:
        found: Parts = {}
        for saying in self.by_digest.values():
            found = definition.merge(found, saying.parts).parts
        return found


Words = tuple[str, tuple[bytes, ...]]  # what is said, and of which Activity


def _latest(statements: Iterable[Noted]) -> dict[Words, int]:
    """Return all that is said, the same words once, and when it was stored last."""
    latest: dict[Words, int] = {}
    for noted in statements:
        stored = noted.stored
        for said in noted.definitions.items():
            if latest.get(said, 0) < stored:
                latest[said] = stored
    return latest


def _gathered(latest: Mapping[Words, int], wanted: Set[str]) -> dict[str, _Sayings]:
    """Return what is said of the Activities that are wanted."""
    found: dict[str, _Sayings] = {}
    for (activity, texts), stored in latest.items():
        if activity in wanted:
            saying = _Saying(activity, stored, texts)
            found.setdefault(activity, _Sayings()).add(saying)
    return found


def _digest(activity: str, texts: tuple[bytes, ...]) -> bytes:
    # The same words come again and again; what is long fills the memory.
    if len(activity) + sum(map(len, texts)) > _LONG:
        return _digested(activity, texts)
    return _remembered(activity, texts)


def _digested(activity: str, texts: tuple[bytes, ...]) -> bytes:
    words = b"\0".join((activity.encode(), *texts))
    return hashlib.blake2b(words, digest_size=16).digest()


_remembered = functools.lru_cache(_REMEMBERED)(_digested)


def _change(
    activity: str, kept: Kept | None, sayings: _Sayings
) -> tuple[Change | None, dict[Place, int]]:
    """Return the change that is to be made, if any, and what it replaces."""
    merged = definition.merge(kept.parts() if kept else {}, sayings.parts())
    if not merged.changed:
        return None, {}
    made = Kept(
        definition.put_together(merged.parts),
        definition.times(merged.parts),
        uuid.uuid4(),
    )
    replaced = {place: merged.parts[place].stored for place in merged.replaced}
    return Change(activity, kept.revision if kept else None, made), replaced


def _fits(tenant: str, kept: Kept) -> bool:
    size = len(kept.text.encode()) + len(kept.times)
    if size > _LARGEST:
        _log.warning("definition too large", tenant=tenant, bytes=size)
    return size <= _LARGEST
