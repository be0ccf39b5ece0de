"""What goes to a client: small pieces together, and never waited for without need.

In: an answer, in the pieces that gunicorn makes of it. Out: as much of it as the other
side takes at once. The rest waits in memory for room there, without a thread; only an
answer of many pieces waits with one when too much of it is unread.
"""

from __future__ import annotations

import socket

from lrs.http.server.limits import Ledger

_TOGETHER = 64 << 10  # octets that are worth a system call
_MOST_PIECES = 64  # in one of them


class Outgoing:
    """The pieces of an answer that are still to be sent."""

    __slots__ = ("_counted", "_ledger", "_line", "_pieces", "pending")

    def __init__(self, line: socket.socket, ledger: Ledger) -> None:
        self._line, self._ledger = line, ledger
        self._pieces: list[bytes | memoryview] = []
        self._counted = 0
        self.pending = 0  # octets

    def add(self, piece: bytes) -> bool:
        """Take a piece; tell whether it is time to send."""
        self._pieces.append(piece)
        self.pending += len(piece)
        return self.pending >= _TOGETHER

    def flush(self) -> int:
        """Send what can be sent at once, return how many octets that were.

        Raises OSError where the other side is gone.
        """
        before, pieces, line = self.pending, self._pieces, self._line
        while self.pending:
            try:
                if len(pieces) == 1:
                    sent = line.send(pieces[0])
                else:
                    sent = line.sendmsg(pieces[:_MOST_PIECES])
            except BlockingIOError:
                break
            self.pending -= sent
            if not self.pending:
                pieces.clear()
                break
            self._forget(sent)
        if self._counted:  # less than before: there is always room for that
            self.count()
        return before - self.pending

    def count(self) -> None:
        """Count what is held here. Raises Full."""
        if self._counted and not self.pending:
            self._ledger.take("unread", -self._counted)
            self._counted = 0
        elif self.pending != self._counted:
            self._ledger.take("unread", self.pending - self._counted)
            self._counted = self.pending

    def close(self) -> None:
        """Forget what was not sent."""
        self._pieces.clear()
        self.pending = 0
        self.count()

    def _forget(self, sent: int) -> None:
        """Take off what has been sent."""
        done = 0
        for piece in self._pieces:
            if sent < len(piece):
                self._pieces[done] = memoryview(piece)[sent:]
                break
            sent -= len(piece)
            done += 1
        del self._pieces[:done]
