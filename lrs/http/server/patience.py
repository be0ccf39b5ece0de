"""How long a client is waited for: seconds, and some more for every octet.

Only the time counts for which we wait, not what the server itself takes. In: when the
wait begins, what the client has done since. Out: until when.
"""

from __future__ import annotations

import select
import time

from lrs.http.server.limits import LAST_SECONDS, LAST_SILENCE, LEAST_RATE, Limits

now = time.monotonic


class Patience:
    """With one client; ``deadline`` and ``since`` are monotonic seconds."""

    __slots__ = ("_left", "_limits", "deadline", "since")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.patience
        self.deadline = self.since = 0.0

    def begin(self) -> None:
        """Begin with a new request, or with an answer."""
        self._left = self._limits.patience

    def wait(self) -> None:
        """Begin to wait for more of a request, or room for more of an answer."""
        self.since = now()
        self.deadline = self.since + min(self._limits.silence, self._left)

    def wait_idle(self, seconds: float) -> None:
        """Begin to wait for another request, for up to so many seconds."""
        self.since = now()
        self.deadline = self.since + seconds
        self._left = self._limits.patience

    def begin_last(self) -> None:
        """Begin with what comes when all is said."""
        self._left = LAST_SECONDS

    def wait_last(self) -> None:
        """Begin to wait for the client to close."""
        self.since = now()
        self.deadline = self.since + min(LAST_SILENCE, self._left)

    def moved(self, octets: int) -> None:
        """Note what the client has done since it is waited for."""
        then, self.since = self.since, now()
        self._left += octets / LEAST_RATE - (self.since - then)

    def wait_here(self, fd: int, event: int) -> bool:
        """Wait in the thread; False where the client has taken too long."""
        poll = select.poll()
        poll.register(fd, event)
        self.since = now()
        came = poll.poll(max(0, min(self._limits.silence, self._left)) * 1000)
        self.moved(0)
        return bool(came) and self._left > 0

    def gained(self, octets: int) -> None:
        """Note what the client has done while nobody waited."""
        self._left += octets / LEAST_RATE
