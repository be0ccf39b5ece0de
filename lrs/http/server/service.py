"""The connections of one process, and the threads that go on with them.

Connections wait in one epoll, each for one event; as many threads as there should be
wait for these. So an event wakes one thread, which reads what came and, where that
makes a request whole, answers it: nothing is handed from thread to thread. A connection
belongs to whoever takes it out of ``_waiting``; that can be one only.

In: accepted sockets. Out: whole requests, for ``answer``; room, where others need it.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from lrs.http.server.connections import Connection
from lrs.http.server.limits import LINGER, MOST_HELD, Full, Ledger, Limits
from lrs.http.server.refusals import note_fault, too_much, too_slow
from lrs.http.server.threads import Threads

_IN, _OUT = (it | select.EPOLLONESHOT for it in (select.EPOLLIN, select.EPOLLOUT))
_STALLED = 1  # seconds without reading, after which an answer may have to go
_SHARE = 16  # one of so many makes room, where there is no more


class Service:
    """All connections of a process."""

    def __init__(
        self,
        limits: Limits,
        answer: Callable[[Connection], bool],
        *,
        threads: int,
        idle: float,
    ) -> None:
        """``answer`` tells whether the connection can go on; ``idle`` is in seconds."""
        self._limits, self._answer, self._idle = limits, answer, idle
        self._ledger = Ledger(held=MOST_HELD, on_disk=limits.most_on_disk)
        self._threads = Threads(self._serve, number=threads, aside=2 * threads)
        self._open: set[Connection] = set()
        self._waiting: dict[int, Connection] = {}  # by file descriptor
        self._epoll = select.epoll()
        self._end = os.eventfd(0, os.EFD_NONBLOCK)
        self._epoll.register(self._end, select.EPOLLIN)

    def __len__(self) -> int:
        return len(self._open)

    def start(self) -> None:
        """Start the threads."""
        self._threads.start()

    def end(self) -> None:
        """End the threads that wait."""
        os.eventfd_write(self._end, 1)

    def add(self, line: socket.socket, client: Any, server: Any) -> None:
        """Take a connection."""
        line.setblocking(False)
        shared = self._limits, self._ledger, self._threads, self._end_stalled
        conn = Connection(line, client, server, *shared)
        self._open.add(conn)
        conn.wait(self._idle)
        self._waiting[conn.fd] = conn
        self._epoll.register(conn.fd, _IN)

    # -- what the threads do ---------------------------------------------------------

    def _serve(self) -> None:
        """Do what there is to do next, again and again."""
        poll, waiting = self._epoll.poll, self._waiting
        while True:
            for fd, _ in poll(-1, 1):
                conn = waiting.pop(fd, None)
                if conn is not None:
                    if self._attend(conn) and self._threads.step_back():
                        return
                elif fd == self._end:
                    return

    def _attend(self, conn: Connection) -> bool:
        """Go on until only the client can; tell whether the thread stepped aside."""
        try:
            events = self._go_on(conn)
        except OSError:
            events = 0
        except Full:
            events = _dismiss(conn, too_much())
        except Exception as fault:
            note_fault(fault)
            events = 0
        aside, conn.aside = conn.aside, False
        if events:
            self._wait(conn, events)
        else:
            self._close(conn)
        return aside

    def _go_on(self, conn: Connection) -> int:
        """Return for what to wait next, 0 for nothing. Raises OSError, Full."""
        if conn.leaving:
            return _IN if conn.discard() else 0
        if not conn.outgoing.pending:
            if not conn.read():
                return _IN
            conn.ends = not self._answer(conn)
            sent = conn.finish()
        else:
            sent = conn.go_on_sending()
        if not sent:
            return _OUT
        if conn.ends:
            conn.leave()
            return _IN
        # What has come already waits its turn, as if it came now.
        return _OUT if conn.arrival.surplus else _IN

    def _wait(self, conn: Connection, events: int) -> None:
        """Let a connection wait for one event; it is nobody's from here on."""
        conn.wait(self._idle)
        self._waiting[conn.fd] = conn
        self._epoll.modify(conn.fd, events)

    def _close(self, conn: Connection) -> None:
        self._open.discard(conn)
        conn.close()

    # -- who has to go ---------------------------------------------------------------

    def end_overdue(self, stopped: float, grace: float) -> None:
        """End those who take too long; less is long since we have stopped, if so."""
        now = time.monotonic()
        for conn in list(self._waiting.values()):
            until = conn.patience.deadline
            if stopped and conn.idle:  # the last answer may have gone out just now
                until = min(until, max(stopped, conn.patience.since) + LINGER)
            elif stopped:
                until = min(until, stopped + grace)
            if until <= now and self._take(conn):
                try:
                    self._end_one(conn)
                except OSError:
                    self._close(conn)

    def make_room(self) -> bool:
        """End some that are idle, else some that are slow; False: there are none."""
        waiting = list(self._waiting.values())
        idle = [conn for conn in waiting if conn.idle]
        slow = [conn for conn in waiting if conn.arrival.begun or conn.leaving]
        chosen = sorted(idle or slow, key=lambda conn: conn.patience.since)
        ended = [self._end_now(it) for it in chosen[: 1 + len(chosen) // _SHARE]]
        return any(ended)

    def _end_stalled(self) -> bool:
        """End who has not read an answer for longest; False: there is nobody."""
        stalled = [it for it in list(self._waiting.values()) if it.outgoing.pending]
        longest = min(stalled, key=lambda conn: conn.patience.since, default=None)
        if longest is None or time.monotonic() - longest.patience.since < _STALLED:
            return False
        return self._end_now(longest)

    def _end_one(self, conn: Connection) -> None:
        if not conn.leaving and conn.is_ready():  # it is for us to go on
            self._wait(conn, _OUT if conn.is_sending else _IN)
        elif conn.arrival.begun and not conn.outgoing.pending:
            self._wait(conn, _dismiss(conn, too_slow()))
        else:
            self._close(conn)

    def _end_now(self, conn: Connection) -> bool:
        taken = self._take(conn)
        if taken:
            self._close(conn)
        return taken

    def _take(self, conn: Connection) -> bool:
        """Take a connection out; False where another has it."""
        taken = self._waiting.pop(conn.fd, None)
        if taken is None or taken is conn:
            return taken is conn
        # Another by now, of the same number; what it waits for may be anything.
        self._wait(taken, _OUT if taken.is_sending else _IN)
        return False


def _dismiss(conn: Connection, answer: bytes) -> int:
    """Give a connection its last answer, as far as it goes; return what to wait for."""
    try:
        conn.outgoing.close()
        conn.outgoing.add(answer)
        conn.outgoing.flush()
        conn.leave()
    except OSError:
        return 0
    return _IN
