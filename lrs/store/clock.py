"""The database server's clock, as seen from this process.

All processes and hosts follow this one clock, so that their stamps agree to about the
time of a round trip. A jump of the local clock is nothing: only its monotonic one is
read in between.
"""

from __future__ import annotations

import datetime
import time

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_RESOLUTION = 1000  # the server tells milliseconds


class ServerClock:
    """Microseconds since 1970 (UTC); correct after the first ``follow``."""

    def __init__(self) -> None:
        self._offset = 0

    def now(self) -> int:
        """Return the server's time as far as it is known."""
        return monotonic() + self._offset

    def follow(self, server: datetime.datetime, asked: int) -> None:
        """Take in that the server's clock showed ``server`` after ``asked``.

        ``asked`` is monotonic() before the question. What is known stays unless the
        answer contradicts it: a slow answer then does not set the clock back.
        """
        shown = microseconds(server)
        least, most = shown - monotonic(), shown + _RESOLUTION - asked
        self._offset = min(max(self._offset, least), most)


def monotonic() -> int:
    """Return the local monotonic clock in microseconds."""
    return time.monotonic_ns() // 1000


def microseconds(moment: datetime.datetime) -> int:
    """Return a datetime of MongoDB (UTC) as microseconds since 1970."""
    since = moment.replace(tzinfo=datetime.UTC) - _EPOCH
    return since // datetime.timedelta(microseconds=1)
