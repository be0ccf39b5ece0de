"""Headers that answers have besides their own: added where they leave for the server.

For what is known to be a header's value and stands once, at nearly no cost: a response
object looks at each header several times over. In: names and values from anywhere in a
request. Out: the list of headers that the server writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request

_ADDED = "lrs.added_headers"
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def add(*headers: tuple[str, str]) -> None:
    """Give the present request's answer headers; ASCII, and none of its own."""
    request.environ[_ADDED].extend(headers)


def install(app: Flask) -> None:
    """Let the app's answers have what was added."""
    app.wsgi_app = AddedHeaders(  # type: ignore[method-assign, assignment]
        app.wsgi_app
    )


class AddedHeaders:
    """A WSGI layer that adds them."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer a request."""
        added: list[tuple[str, str]] = []
        environ[_ADDED] = added

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, headers + added, *rest)

        return self._application(environ, begin)
