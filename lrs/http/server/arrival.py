"""One request while it comes: gathered until it is whole, in bounded room.

Spec: RFC 9112 2.2, 6, 9.3.2. In: the octets of a connection, in whatever pieces they
come. Out: the head, the body, and what came behind them, which begins the next request.
A request that is not plain counts as whole, but ``short``: it goes to gunicorn's parser
as it is, and the connection ends with the answer.
"""

from __future__ import annotations

import io
import tempfile
from typing import IO

from lrs.http.server.framing import CHUNKED, UNCLEAR, Chunks, framing
from lrs.http.server.limits import LONGEST_HEAD, LONGEST_HELD, Full, Ledger, Limits

_END = b"\r\n\r\n"


class Arrival:
    """The present request of a connection."""

    __slots__ = (
        "_chunks",
        "_counted",
        "_filed",
        "_ledger",
        "_left",
        "_limits",
        "_searched",
        "_start",
        "body",
        "expects",
        "framed",
        "head",
        "short",
        "surplus",
    )

    def __init__(self, limits: Limits, ledger: Ledger) -> None:
        self._limits, self._ledger = limits, ledger
        self._counted = self._filed = 0
        self.body: IO[bytes] | None = None  # as far as it has come
        self.surplus = b""
        self.begin()

    def begin(self) -> None:
        """Give back what the last request took; the next one is to come."""
        if self._counted or self._filed:
            self._count(0, 0)
        if isinstance(self.body, io.BufferedRandom):
            self.body.close()
        self.body = None
        self._start = b""  # of the head, as long as it is not all there
        self._searched = 0
        self._left = 0  # octets of the body still to come, where its length is known
        self._chunks: Chunks | None = None
        self.head = b""
        self.expects = self.short = False
        self.framed = False  # the body is just what Content-Length says

    @property
    def begun(self) -> bool:
        """Tell whether some of a request is there."""
        return bool(self.head or self._start)

    @property
    def left(self) -> int:
        """Return how many octets of the body are still to come; CHUNKED: unknown."""
        return self._left if self._chunks is None else CHUNKED

    @property
    def outgrown(self) -> bool:
        """Tell whether the body is too long for the memory, and not all there yet."""
        return self._counted > LONGEST_HELD and not self._filed

    def take(self, piece: bytes) -> bool:
        """Take what came; tell whether the request is whole. Raises Full."""
        if self.head:
            return self._take_body(piece)
        start = self._start + piece if self._start else piece
        end = start.find(_END, self._searched) + len(_END)
        if end < len(_END):
            return self._take_head(start)
        self.head, self._start = start[:end], b""
        return self._open(start[end:] if end < len(start) else b"")

    def end(self) -> bool:
        """Note that no more will come; tell whether there is something to answer."""
        self.short = True
        return bool(self.head)

    def came(self, octets: int) -> None:
        """Note what of the body was read past here."""
        self._left -= octets

    def file(self) -> None:
        """Go on in an unnamed file. Raises Full."""
        body, octets = self.body, self._counted
        if not isinstance(body, io.BytesIO):
            return
        self._count(0, octets)
        try:
            filed = tempfile.TemporaryFile()  # noqa: SIM115
            self.body = filed
            filed.write(body.getbuffer())
        except OSError:
            raise Full from None

    def close(self) -> None:
        """Give everything back."""
        self.surplus = b""
        self.begin()

    def _take_head(self, start: bytes) -> bool:
        self._start, self._searched = start, max(len(start) - 3, 0)
        # A line that ends otherwise is refused, and that now: more may never come.
        if len(start) > LONGEST_HEAD or start.count(b"\n") != start.count(b"\r\n"):
            self.head, self._start, self.short = start, b"", True
            return True
        self._count(len(start), 0)
        return False

    def _open(self, rest: bytes) -> bool:
        """Find out about the body, of which some may be there."""
        length, self.expects = framing(self.head)
        if length == 0:
            self.surplus = rest
            return True
        if length == UNCLEAR or self._is_too_long(length):
            self.short = True
            self.body = io.BytesIO(rest)
            return True
        if length == CHUNKED:
            self._chunks = Chunks()
        else:
            self._left, self.framed = length, True
            if len(rest) == length:  # as most are: nothing to gather
                self.body, self._left = io.BytesIO(rest), 0
                return True
        self.body = io.BytesIO()
        return self._take_body(rest)

    def _is_too_long(self, length: int) -> bool:
        """Tell whether it will be refused anyway: then it is now, and not read."""
        if length <= self._limits.longest:
            return False
        in_parts = b"multipart/" in self.head.lower()
        return not in_parts or length > self._limits.longest_in_parts

    def _take_body(self, piece: bytes) -> bool:
        chunks, whole = self._chunks, False
        if chunks is None:
            end = min(len(piece), self._left)
            self._left -= end
            whole = not self._left
        else:
            try:
                end = chunks.end(piece)
            except ValueError:
                end, self.short = len(piece), True
            whole = end >= 0
        if 0 <= end < len(piece):
            self.surplus, piece = piece[end:], piece[:end]
        if self.body is not None:
            self._keep(self.body, piece)
        return whole or self.short

    def _keep(self, body: IO[bytes], piece: bytes) -> None:
        if self._filed:
            self._count(0, self._filed + len(piece))
            if self._filed > self._limits.longest_in_parts:  # chunks without end
                self.short = True
        else:
            self._count(self._counted + len(piece), 0)
        try:
            body.write(piece)
        except OSError:  # there is no more room on the disk
            raise Full from None

    def _count(self, held: int, filed: int) -> None:
        """Note how much is held in memory, and in a file. Raises Full."""
        if held != self._counted:
            self._ledger.take("held", held - self._counted)
            self._counted = held
        if filed != self._filed:
            self._ledger.take("on disk", filed - self._filed)
            self._filed = filed
