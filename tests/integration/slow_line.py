"""A line between a client and a server that can be made slow, dumb or be cut.

A TCP proxy on the loopback, of real sockets: what it holds back stays in the kernel's
buffers and its own, as on a network that loses every packet for a while.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PIECE = 1 << 16


class SlowLine:
    """Listens on ``port`` and passes everything on to ``target`` and back."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.delay = 0.0  # seconds that each piece takes, in each direction
        self._there, self._back = threading.Event(), threading.Event()
        self._there.set()
        self._back.set()
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def stalled(self, *, there: bool = True, back: bool = True) -> Iterator[None]:
        """Let nothing pass in a direction: to the server, back from it, or both."""
        held = [
            it for it, wanted in ((self._there, there), (self._back, back)) if wanted
        ]
        for direction in held:
            direction.clear()
        try:
            yield
        finally:
            for direction in held:
                direction.set()

    def cut(self) -> None:
        """Break every connection; new ones are taken."""
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._there.set()
        self._back.set()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self.target, 10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends.add(end)
        for source, sink, direction in (
            (near, far, self._there),
            (far, near, self._back),
        ):
            threading.Thread(
                target=self._pass_on, args=(source, sink, direction), daemon=True
            ).start()

    def _pass_on(
        self, source: socket.socket, sink: socket.socket, direction: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                time.sleep(self.delay)
                direction.wait()
                sink.sendall(piece)
        for end in (source, sink):
            self._ends.discard(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()
