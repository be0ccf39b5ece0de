"""A request's time limit for what the server itself does (RFC 9110 15.6.4).

It counts from the last octet that came: who sends slowly is not told that the database
is slow. What goes out piece by piece has the limit for each piece, since its reader may
be slow too. What the limit acts upon is given from outside: a block in which whatever
waits gives up in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any

from flask import Flask

Within = Callable[[], AbstractContextManager[Any]]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_NOTICED = 0.05  # seconds of reading after which the limit begins anew


def install(app: Flask, within: Within) -> None:
    """Answer each request of the app inside such a block."""
    app.wsgi_app = Deadlines(  # type: ignore[method-assign, assignment]
        app.wsgi_app, within
    )


class Deadlines:
    """A WSGI layer that answers inside the block."""

    def __init__(self, application: Application, within: Within) -> None:
        self._application = application
        self._within = within

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer a request."""
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            answer = self._of_body(environ, start)
        else:
            with self._within():
                answer = self._application(environ, start)
        # Of a list all is there; a file the server hands to the kernel.
        if type(answer) in (list, environ.get("wsgi.file_wrapper")):
            return answer
        return Output(answer, self._within)

    def _of_body(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        clock = Clock(self._within)
        environ["wsgi.input"] = Input(environ["wsgi.input"], clock)
        with closing(clock):
            return self._application(environ, start)


class Clock:
    """The block that is open."""

    def __init__(self, within: Within) -> None:
        self._within = within
        self._open: AbstractContextManager[Any] = nullcontext()
        self._is_open = False
        self.begin()

    def begin(self) -> None:
        """Begin anew; does nothing once the application has returned."""
        if self._is_open:
            self._open.__exit__(None, None, None)
        self._open = self._within()
        self._open.__enter__()
        self._is_open = True

    def close(self) -> None:
        """End the block."""
        if self._is_open:
            self._is_open = False
            self._open.__exit__(None, None, None)


class Input:
    """A request's body; after waiting for its octets the limit begins anew."""

    def __init__(self, source: Any, clock: Clock) -> None:
        self._source = source
        self._clock = clock

    def read(self, *size: int) -> bytes:
        """Return octets, as the server's own object does."""
        return self._waited(self._source.read, *size)

    def readline(self, *size: int) -> bytes:
        """Return a line."""
        return self._waited(self._source.readline, *size)

    def readlines(self, *hint: int) -> list[bytes]:
        """Return lines."""
        return list(self._source.readlines(*hint))

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines."""
        return iter(self._source)

    def _waited(self, read: Callable[..., bytes], *size: int) -> bytes:
        since = time.monotonic()
        try:
            return read(*size)
        finally:
            if time.monotonic() - since > _NOTICED:
                self._clock.begin()


class Output:
    """An answer's body, made inside the block piece by piece."""

    def __init__(self, pieces: Iterable[bytes], within: Within) -> None:
        self._pieces = pieces
        self._iterator = iter(pieces)
        self._within = within

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        with self._within():
            return next(self._iterator)

    def close(self) -> None:
        """End the answer, whole or not."""
        if hasattr(self._pieces, "close"):
            self._pieces.close()
