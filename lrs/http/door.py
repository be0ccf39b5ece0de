"""What every request passes: an id, the version, the credential, one log line.

The log has the id, tenant, route, status and milliseconds; never a parameter, a body
or a header, since those can hold Statement content and secrets.
"""

from __future__ import annotations

import time
import uuid

import structlog
from flask import Flask, Response, g, request

from lrs.access import Principal
from lrs.errors import BadRequest
from lrs.http.authentication import Verifier, authenticate
from lrs.xapi.versions import Version, negotiate

HEADER = "X-Experience-API-Version"
_log = structlog.get_logger("lrs.request")


def principal() -> Principal:
    """Return who sent the present request."""
    return g.principal  # type: ignore[no-any-return]


def version() -> Version:
    """Return the xAPI version that the present request speaks."""
    return g.version  # type: ignore[no-any-return]


def install(app: Flask, verifier: Verifier, default: Version | None) -> None:
    """Let every request of the app pass the door."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = str(uuid.uuid4())

    @app.before_request
    def pass_xapi() -> None:
        if not request.path.startswith("/xapi/") or request.url_rule is None:
            return
        g.version = default or Version.V1_0_3  # of the answer, should we refuse
        if request.url_rule.rule == "/xapi/about":
            return
        given = request.headers.get(HEADER)
        spoken = negotiate(given) if given is not None else default
        if spoken is None:
            raise BadRequest(
                f"The header {HEADER} must be sent, with 1.0.3 or 2.0.0 (or another "
                "patch version of these)."
            )
        g.version = spoken
        g.principal = authenticate(request, verifier)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if request.path.startswith("/xapi/"):
            response.headers[HEADER] = str(g.get("version", Version.V1_0_3))
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
