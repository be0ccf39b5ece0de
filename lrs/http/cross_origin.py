"""CORS: content in a browser may reach /xapi from another origin.

Whoever calls sends key and secret itself: cookies never count at /xapi, so any origin
may be let in. The pages and /api/v1, where a session's cookie counts, let none in.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from flask_cors import CORS

_EXPOSED = (
    *("ETag", "Last-Modified", "Retry-After", "X-Request-Id"),
    *("X-Experience-API-Version", "X-Experience-API-Consistent-Through"),
)
_PREFLIGHT_SECONDS = 7200  # the longest that browsers keep an answer


def install(app: Flask, origins: Sequence[str]) -> None:
    """Let content of these origins (``*``: of any) reach /xapi; none for no origin."""
    if not origins:
        return
    CORS(
        app,
        resources={r"/xapi/.*": {"origins": list(origins)}},
        methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
        expose_headers=_EXPOSED,
        max_age=_PREFLIGHT_SECONDS,
        send_wildcard="*" in origins,
    )
