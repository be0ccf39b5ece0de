"""A client's connection: what comes is gathered, what goes waits for room.

For gunicorn's parser and its answers it stands where the socket would. A thread has it
from the moment on at which something can be done for it, and gives it back as soon as
only its client can go on. In: a socket. Out: requests that are whole; answers.

Only a body that is too long for the memory is read while a thread works on it, and only
an answer in many pieces is waited for; such a thread steps aside first.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from collections.abc import Callable
from typing import IO, Any

from lrs.http.server.arrival import Arrival
from lrs.http.server.limits import (
    LAST_OCTETS,
    LONGEST_UNREAD,
    Full,
    Ledger,
    Limits,
)
from lrs.http.server.outgoing import Outgoing
from lrs.http.server.patience import Patience
from lrs.http.server.source import Source
from lrs.http.server.threads import Threads

_PIECE, _LARGE_PIECE = 64 << 10, 256 << 10  # octets to read at once
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection:
    """A connection."""

    def __init__(
        self,
        line: socket.socket,
        client: Any,
        server: Any,
        limits: Limits,
        ledger: Ledger,
        threads: Threads,
        room: Callable[[], bool],
    ) -> None:
        """``room`` ends what stalls elsewhere; it tells whether there was such."""
        self._line, self._threads, self._room = line, threads, room
        self.client, self.server = client, server
        self.fd = line.fileno()
        self.arrival = Arrival(limits, ledger)
        self.outgoing = Outgoing(line, ledger)
        self.aside = False  # the thread that has it has stepped aside for it
        self.ends = False  # with the present answer
        self.leaving = 0  # octets that are still read for the last answer to arrive
        self.streams = False  # the present body is read from the line
        self.patience = Patience(limits)
        self._continued = False

    @property
    def sock(self) -> Connection:
        """Return what gunicorn reads and writes."""
        return self

    # -- time ------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Tell whether there is nothing of a request, nor of an answer."""
        return not (self.arrival.begun or self.outgoing.pending or self.leaving)

    def wait(self, idle: float) -> None:
        """Begin to wait for the client; it has ``idle`` seconds for a new request."""
        if self.leaving:
            self.patience.wait_last()
        elif self.arrival.begun or self.outgoing.pending:
            self.patience.wait()
        else:
            self.patience.wait_idle(idle)

    def _wait_here(self, event: int) -> bool:
        """Wait in the thread; False where the client has taken too long."""
        if not self.aside:
            self.aside = self._threads.step_aside()
        return self.patience.wait_here(self.fd, event)

    # -- a request to come -----------------------------------------------------------

    def read(self) -> bool:
        """Take what has come; tell whether there is something to answer.

        Raises OSError where the client is gone, Full.
        """
        if self.arrival.surplus:
            piece, self.arrival.surplus = self.arrival.surplus, b""
            return self._take(piece)
        size = _LARGE_PIECE if self.arrival.head else _PIECE
        piece = self._line.recv(size)
        if self.arrival.begun:
            self.patience.moved(len(piece))
        if not piece:
            if self.arrival.end():
                return True
            raise ConnectionResetError(errno.ECONNRESET, "the client has closed")
        return self._take(piece)

    def _take(self, piece: bytes) -> bool:
        arrival = self.arrival
        if arrival.take(piece):
            return True
        if arrival.expects and not self._continued:
            self._continued = True
            self._line.send(_CONTINUE)
        if arrival.outgrown:
            if self._threads.step_aside():
                self.aside = self.streams = True
                return True
            arrival.file()
        return False

    def source(self) -> Source:
        """Return the request that is to be answered."""
        self.patience.begin()
        patience, wait = self.patience, self._wait_here
        return Source(self._line, self.arrival, self.streams, wait, patience)

    def settle(self, source: Source, parser: Any) -> bool:
        """Tell whether the connection can go on behind a request that was answered."""
        if self.ends or not source.is_over(parser):
            return False
        self.arrival.begin()
        self._continued = self.streams = False
        return True

    # -- as gunicorn's socket --------------------------------------------------------

    def send(self, data: bytes) -> int:
        """Send 100 Continue, the only thing that gunicorn sends so."""
        if not self._continued:
            self._continued = True
            self.outgoing.add(data)
            self.finish()
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send it, or hold it until there is room; raises OSError."""
        if self.outgoing.pending > LONGEST_UNREAD:
            self._send_here()
        if self.outgoing.add(data):
            self.finish()

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int = 0) -> int:
        """Send so many octets of a file."""
        file.seek(offset)
        left = count
        while left and (piece := file.read(min(left, _PIECE))):
            self.sendall(piece)
            left -= len(piece)
        return count - left

    def finish(self) -> bool:
        """Send what can be sent; tell whether that is all. Raises OSError."""
        outgoing = self.outgoing
        outgoing.flush()
        if not outgoing.pending:
            return True
        while outgoing.pending:
            try:
                outgoing.count()
            except Full:
                if not self._room():
                    self._send_here()
            else:
                return False
        return True

    def _send_here(self) -> None:
        """Send all of it, waiting in the thread."""
        while self.outgoing.pending:
            self.patience.gained(self.outgoing.flush())
            if self.outgoing.pending and not self._wait_here(select.POLLOUT):
                raise BrokenPipeError(errno.EPIPE, "the client does not read")

    def shutdown(self, how: int) -> None:
        """Note that an answer broke off; gunicorn would wait for the client here."""
        self.ends = True
        raise OSError

    # -- the end ---------------------------------------------------------------------

    def go_on_sending(self) -> bool:
        """Send more of an answer; tell whether that was all. Raises OSError."""
        self.patience.moved(self.outgoing.flush())
        return not self.outgoing.pending

    def leave(self) -> None:
        """Say that nothing more goes out; what comes is read for a moment.

        A reset would overtake the last answer (RFC 9112 9.6).
        """
        self.arrival.close()
        self._line.shutdown(socket.SHUT_WR)
        self.leaving = LAST_OCTETS
        self.patience.begin_last()

    def discard(self) -> bool:
        """Throw away what still comes; tell whether to wait for more."""
        self.leaving -= len(piece := self._line.recv(_LARGE_PIECE))
        self.patience.moved(0)
        return bool(piece) and self.leaving > 0

    @property
    def is_sending(self) -> bool:
        """Tell whether it waits for room there, or for its turn."""
        return bool(self.outgoing.pending or self.arrival.surplus)

    def is_ready(self) -> bool:
        """Tell whether it is us who is waited for."""
        poll = select.poll()
        poll.register(self.fd, select.POLLOUT if self.is_sending else select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the connection."""
        self.arrival.close()
        self.outgoing.close()
        with contextlib.suppress(OSError):
            self._line.close()
