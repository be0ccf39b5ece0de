"""The Flask application without what no request of an LRS needs.

Flask asks of every function that it calls whether it is a coroutine, opens a browser's
session for each request, and looks for a subdomain and a WebSocket before it looks for
the route. Here no function is one; what calls /xapi brings a key and a secret each
time, so that a cookie never counts; and a route is found by its path alone. An answer
of which all is there goes out as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

XAPI = "/xapi"
_WITHOUT_BODY = (204, 304)


class Answer(Response):
    """An answer of which all is there: its octets, their type and number.

    Nobody is called when it has gone out (``call_on_close``).
    """

    def __init__(self, body: bytes, status: int, *, content_type: str) -> None:
        length = str(len(body))
        told = [("Content-Type", content_type), ("Content-Length", length)]
        super().__init__([body], status, Headers(told))

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer a request, with a list."""
        bare = environ["REQUEST_METHOD"] == "HEAD" or self.status_code in _WITHOUT_BODY
        if bare:
            return super().__call__(environ, start)
        start(self.status, list(self.headers))
        return self.response  # type: ignore[return-value]


class Sessions(SecureCookieSessionInterface):
    """Signed cookies, for the pages and /api/v1."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request; None, for one that cannot be written."""
        if request.path.startswith(XAPI):
            return None
        return super().open_session(app, request)


class Application(Flask):
    """Flask, for functions that are none but functions."""

    session_interface = Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds the route of a request."""
        if request is None:
            return super().create_url_adapter(None)
        # An address that this leads to would be built with it; it is checked as ever.
        request.host = get_host(request.environ, self.config["TRUSTED_HOSTS"])
        return MapAdapter(
            self.url_map,
            server_name=request.host,
            script_name=request.root_path or "/",
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=request.environ.get("QUERY_STRING", ""),
        )
