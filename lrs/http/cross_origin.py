"""CORS: content in a browser may reach /xapi from another origin.

Whoever calls sends key and secret itself: cookies never count at /xapi, so any origin
may be let in. The pages and /api/v1, where a session's cookie counts, let none in.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request
from flask_cors.core import get_cors_options, set_cors_headers

from lrs.http import rate_limits

_EXPOSED = (
    *rate_limits.HEADERS,
    *("ETag", "Last-Modified", "Retry-After", "X-Request-Id"),
    *("X-Experience-API-Version", "X-Experience-API-Consistent-Through"),
)
_PREFLIGHT_SECONDS = 7200  # the longest that browsers keep an answer


def install(app: Flask, origins: Sequence[str]) -> None:
    """Let content of these origins (``*``: of any) reach /xapi; none for no origin."""
    if not origins:
        return
    options = get_cors_options(
        app,
        {
            "origins": list(origins),
            "methods": ["GET", "HEAD", "POST", "PUT", "DELETE"],
            "expose_headers": _EXPOSED,
            "max_age": _PREFLIGHT_SECONDS,
            "send_wildcard": "*" in origins,
        },
    )

    @app.after_request
    def share(response: Response) -> Response:
        environ = request.environ
        # Whoever says no origin is no browser's content, and is let in as it is.
        if "HTTP_ORIGIN" in environ and environ["PATH_INFO"].startswith("/xapi/"):
            set_cors_headers(response, options)
        elif "*" not in origins:
            response.vary.add("Origin")
        return response
