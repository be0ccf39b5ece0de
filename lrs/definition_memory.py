"""What this process remembers of definitions, so that little has to be asked for.

In: what the store has answered. Out: whether a revision holds what a Statement says,
and which revisions stood a moment ago. To trust the latter is safe as long as everybody
trusts it for ``TRUSTED`` seconds at most: see lrs.definitions.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

TRUSTED = 0.25  # seconds
_REMEMBERED = 25_000  # words, of which 16 octets are kept, in each generation
_AT_ONCE = 500  # revisions that are asked for beside those that are needed
_IN_USE = 10 * TRUSTED


class Known:
    """Remembers which words a revision holds, for all threads.

    Two generations: a revision that is asked for goes on into the younger one.
    """

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._young: dict[uuid.UUID, set[bytes]] = {}
        self._old: dict[uuid.UUID, set[bytes]] = {}
        self._count = 0  # of words in the younger one
        self._lock = threading.Lock()

    def holds(self, revision: uuid.UUID | None, digest: bytes) -> bool:
        """Tell whether this revision is known to hold these words."""
        if revision is None:
            return False
        with self._lock:
            held = self._young.get(revision)
            if held is None:
                held = self._old.pop(revision, None)
                if held is None:
                    return False
                self._keep(revision, held)
            return digest in held

    def add(self, revision: uuid.UUID, digests: Iterable[bytes]) -> None:
        """Remember words that it holds."""
        with self._lock:
            self._keep(revision, self._old.pop(revision, set()) | {*digests})

    def _keep(self, revision: uuid.UUID, held: set[bytes]) -> None:
        if self._count + len(held) > self._most:
            self._young, self._old, self._count = {}, self._young, 0
        both = self._young.setdefault(revision, set())
        self._count -= len(both)
        both |= held
        self._count += len(both)


@dataclass(slots=True)
class _Seen:
    revision: uuid.UUID
    at: float  # when it was asked for
    used: float


class Present:
    """Remembers which revision of an Activity's definition stood a moment ago.

    ``ask(tenant, activities)`` reads those that are defined. Activities that come again
    and again are asked for together, a few times a second.
    """

    def __init__(
        self, ask: Callable[[str, list[str]], Mapping[str, uuid.UUID]]
    ) -> None:
        self._ask = ask
        self._seen: dict[str, dict[str, _Seen]] = {}
        self._lock = threading.Lock()

    def revisions(
        self, tenant: str, activities: Iterable[str]
    ) -> dict[str, uuid.UUID | None]:
        """Return their revisions, as they were at most TRUSTED seconds ago."""
        found: dict[str, uuid.UUID | None] = {}
        asked = []
        now = time.monotonic()
        with self._lock:
            seen = self._seen.setdefault(tenant, {})
            for activity in activities:
                one = seen.get(activity)
                if one is None or now - one.at > TRUSTED:
                    asked.append(activity)
                else:
                    one.used = now
                    found[activity] = one.revision
            if not asked:
                return found
            beside = self._aging(seen, now, {*asked})
        answer = self._ask(tenant, asked + beside)
        with self._lock:
            seen = self._seen.setdefault(tenant, {})
            for activity in beside:
                if activity in seen and activity not in answer:
                    del seen[activity]
            needed = {*asked}
            for activity, revision in answer.items():
                known = seen.get(activity)
                used = known.used if known and activity not in needed else now
                seen[activity] = _Seen(revision, now, used)
        return found | {activity: answer.get(activity) for activity in asked}

    def forget(self, tenant: str, activities: Iterable[str]) -> None:
        """Ask for these again at their next use."""
        with self._lock:
            seen = self._seen.get(tenant, {})
            for activity in activities:
                seen.pop(activity, None)

    def _aging(self, seen: dict[str, _Seen], now: float, asked: set[str]) -> list[str]:
        """Return those in use that are soon to be asked for; drop all that are not."""
        for activity in [
            name for name, one in seen.items() if now - one.used > _IN_USE
        ]:
            del seen[activity]
        aging = (
            name
            for name, one in seen.items()
            if now - one.at > TRUSTED / 2 and now - one.used < TRUSTED
        )
        return [name for name in aging if name not in asked][:_AT_ONCE]
