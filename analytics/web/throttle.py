"""Slows down guessing at one account's password.

Counts in this process only: with several workers an attacker gets as many times the
tries, which still makes guessing hopeless. Counts by e-mail whether or not such an
account exists, so that it tells nothing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(slots=True)
class _Tries:
    count: int
    since: float


class Throttle:
    """At most ``tries`` failures in ``seconds`` for one e-mail.

    A try counts as a failure from its beginning, so that tries at the same time
    cannot slip through; ``succeeded`` takes the count back.
    """

    def __init__(
        self,
        tries: int = 5,
        seconds: float = 60.0,
        *,
        accounts: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tries = tries
        self._seconds = seconds
        self._accounts = accounts
        self._clock = clock
        self._seen: OrderedDict[str, _Tries] = OrderedDict()
        self._lock = Lock()

    def wait(self, email: str) -> int:
        """Count a try; return 0 when it may go on, else the seconds to wait."""
        key, now = _key(email), self._clock()
        with self._lock:
            seen = self._seen.get(key)
            if seen is None or now - seen.since >= self._seconds:
                self._seen[key] = _Tries(1, now)
                self._seen.move_to_end(key)
                if len(self._seen) > self._accounts:
                    self._seen.popitem(last=False)
                return 0
            if seen.count >= self._tries:
                return max(1, round(seen.since + self._seconds - now))
            seen.count += 1
            return 0

    def succeeded(self, email: str) -> None:
        """Forget the failures of this e-mail."""
        with self._lock:
            self._seen.pop(_key(email), None)


def _key(email: str) -> str:
    return email.strip().casefold()
