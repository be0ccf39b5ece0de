"""The Flask application without what no request of an LRS needs.

Flask asks of every function that it calls whether it is a coroutine, and opens a
browser's session for each request: here no function is one, and what calls /xapi brings
a key and a secret each time, so that a cookie never counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

XAPI = "/xapi"


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
