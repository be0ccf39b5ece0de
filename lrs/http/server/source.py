"""A request as gunicorn's parser reads it: what was gathered, head first.

Only of a body that is too long for the memory is there more on the line; for that the
thread waits here. In: an arrival. Out: its octets, and nothing of the next request.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from typing import IO, Any

from gunicorn.http.errors import LimitRequestHeaders

from lrs.http.server.arrival import Arrival
from lrs.http.server.limits import LONGEST_HEAD
from lrs.http.server.patience import Patience, now

_PIECE = 256 << 10  # octets to read at once
_DRAIN = 5  # seconds to read the rest of a long body that the application left


class Source:
    """What the parser takes for a socket."""

    __slots__ = ("_arrival", "_given", "_line", "_patience", "_streams", "_wait")

    def __init__(
        self,
        line: socket.socket,
        arrival: Arrival,
        streams: bool,
        wait: Callable[[int], bool],
        patience: Patience,
    ) -> None:
        """``streams``: the body goes on on the line; ``wait`` tells whether it came."""
        self._line, self._arrival = line, arrival
        self._streams, self._wait, self._patience = streams, wait, patience
        self._given = False
        if arrival.body is not None:
            arrival.body.seek(0)

    @property
    def body(self) -> IO[bytes] | None:
        """Return the body where all of it is here, as Content-Length says."""
        arrival = self._arrival
        plain = arrival.framed and not (arrival.short or self._streams)
        return arrival.body if plain else None

    def recv(self, size: int) -> bytes:
        """Return some of the request; nothing where no more comes.

        Raises LimitRequestHeaders where the head does not end.
        """
        arrival = self._arrival
        if not self._given:
            self._given = True
            return arrival.head
        if arrival.body is not None and (piece := arrival.body.read(size)):
            return piece
        if self._streams:
            return self._recv_here(min(size, _PIECE))
        if arrival.body is None and len(arrival.head) > LONGEST_HEAD:
            raise LimitRequestHeaders("all headers")
        return b""

    def is_over(self, parser: Any) -> bool:
        """Tell whether all of it has been read, where it should end, and no more."""
        arrival = self._arrival
        if arrival.short:
            return False
        if arrival.body is None or self.body is not None:
            return True
        try:
            if not parser.finish_body(deadline=now() + _DRAIN):
                return False
        except Exception:  # the rest of the body is none: no second answer to that
            return False
        behind = parser.unreader.take_buffered()
        if not self._streams:
            return not behind and not self.recv(1)
        arrival.surplus = behind
        return arrival.left <= 0

    def _recv_here(self, size: int) -> bytes:
        left = self._arrival.left
        if left >= 0:
            size = min(size, left)
        while size:
            try:
                piece = self._line.recv(size)
            except BlockingIOError:
                if self._wait(select.POLLIN):
                    continue
                break
            self._arrival.came(len(piece))
            self._patience.gained(len(piece))
            return piece
        return b""
