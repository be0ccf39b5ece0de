"""What every request passes: an id, version, credential and rate, and one log line.

The log has the id, tenant, route, status and milliseconds; never a parameter, a body
or a header, since those can hold Statement content and secrets.
"""

from __future__ import annotations

import time
import uuid
from typing import Protocol

import structlog
from flask import Flask, Response, g, request

from lrs.access import Principal
from lrs.errors import BadRequest, Unauthorized
from lrs.http.alternate import REFUSAL
from lrs.http.authentication import Verifier, authenticate
from lrs.xapi.versions import UNSPOKEN, Version, negotiate

HEADER = "X-Experience-API-Version"
_log = structlog.get_logger("lrs.request")


class Rates(Protocol):
    """What the door needs to hold callers to their rate."""

    def count(self, *caller: str) -> None:
        """Count a request of this caller; raises TooManyRequests."""
        ...


def principal() -> Principal:
    """Return who sent the present request."""
    return g.principal  # type: ignore[no-any-return]


def version() -> Version:
    """Return the xAPI version that the present request speaks."""
    return g.version  # type: ignore[no-any-return]


def install(
    app: Flask, verifier: Verifier, default: Version | None, rates: Rates | None
) -> None:
    """Let every request of the app pass the door; without rates, at any rate."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = str(uuid.uuid4())

    @app.before_request
    def pass_xapi() -> None:
        if not _is_xapi(request.path):
            return
        g.answered_version = default or UNSPOKEN  # should we refuse
        if request.method == "OPTIONS":  # a browser asks, and may send no header
            return
        given = request.headers.get(HEADER)
        spoken = negotiate(given) if given is not None else default
        if spoken is not None:
            g.answered_version = g.version = spoken
        elif given is not None:
            g.answered_version = Version.V1_0_3
        if REFUSAL in request.environ:
            raise request.environ[REFUSAL]
        if request.url_rule is None or request.url_rule.rule == "/xapi/about":
            return
        if spoken is None:
            raise BadRequest(
                f"The header {HEADER} must be sent, with 1.0.3 or 2.0.0 (or another "
                "patch version of these)."
            )
        g.principal = let_in(verifier, rates)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if _is_xapi(request.path):
            response.headers[HEADER] = str(g.get("answered_version", UNSPOKEN))
        who = g.get("principal")
        _log.info(
            "request",
            id=g.request_id,
            tenant=who.tenant if who else None,
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.started) * 1000, 1),
        )
        return response


def _is_xapi(path: str) -> bool:
    return path.startswith("/xapi/") or path == "/xapi"


def let_in(verifier: Verifier, rates: Rates | None) -> Principal:
    """Return who sent the present request; raises Unauthorized, TooManyRequests."""
    try:
        found = authenticate(request, verifier)
    except Unauthorized:
        if rates is not None:  # who guesses is held back too
            rates.count("address", request.remote_addr or "")
        raise
    if rates is not None:
        rates.count("credential", found.key)
    return found
