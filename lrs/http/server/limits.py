"""How much of what strangers send is held, and for how long it is waited for.

What has not arrived in full is held in memory up to a bound for each request, behind it
in unnamed files; both have a bound for the whole process. In: counts of octets from the
connections. Out: leave to hold more, or Full, which is answered with 503.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

# Octets. A head: all its lines together; gunicorn bounds each line and their number.
LONGEST_HEAD = 64 << 10
# A body is held in memory up to here; a longer one gets a thread of its own while it
# comes, or where none is left, a file.
LONGEST_HELD = 1 << 20
# An answer that comes in pieces waits for its reader when so much of it is unread.
LONGEST_UNREAD = 8 << 20
# All that one process holds in memory of requests to come and of answers unread.
MOST_HELD, MOST_UNREAD = 64 << 20, 64 << 20
# Of a client that goes on sending while it is refused: seconds of silence, seconds and
# octets until the connection is closed. A reset would overtake the answer.
LAST_SILENCE, LAST_SECONDS, LAST_OCTETS = 2, 30, 64 << 20
# Seconds that a stopping worker keeps idle connections, for requests under way to it.
LINGER = 2
# For how many octets a request or answer has a second more.
LEAST_RATE = 500


class Full(Exception):
    """No more can be held for now."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is set from outside, in seconds and octets.

    ``patience`` is how long a request may take to arrive and an answer to be read, not
    counted what their length allows and what the server takes; ``silence`` how long a
    client may do nothing in between. ``longest`` is what a body in one part can have,
    ``longest_in_parts`` any.
    """

    patience: float = 60
    silence: float = 20
    longest: int = 32 << 20
    longest_in_parts: int = 544 << 20

    @property
    def most_on_disk(self) -> int:
        """Return how many octets of bodies to come a process keeps in files."""
        return max(1 << 30, 2 * self.longest_in_parts)


class Ledger:
    """How much one process holds, for all of its threads."""

    def __init__(self, *, held: int, on_disk: int, unread: int = MOST_UNREAD) -> None:
        self._most = {"held": held, "on disk": on_disk, "unread": unread}
        self._now = dict.fromkeys(self._most, 0)
        self._lock = threading.Lock()

    def take(self, what: str, octets: int) -> None:
        """Count octets (less than none: given back); raises Full, then counts none."""
        with self._lock:
            sum_ = self._now[what] + octets
            if octets > 0 and sum_ > self._most[what]:
                raise Full
            self._now[what] = sum_

    def __getitem__(self, what: str) -> int:
        return self._now[what]
