"""Every error as application/problem+json (RFC 9457), with the request's id."""

from __future__ import annotations

import orjson
from flask import Response, g
from werkzeug.exceptions import HTTPException

from lrs.errors import LrsError

MEDIA_TYPE = "application/problem+json"
_MAX_VIOLATIONS = 200


def problem(error: LrsError) -> Response:
    """Return the answer for one of our errors."""
    body: dict[str, object] = {
        "type": error.type,
        "title": error.title,
        "status": error.status,
        "detail": error.message,
    }
    if error.violations:
        shown = error.violations[:_MAX_VIOLATIONS]
        body["violations"] = [violation.as_dict() for violation in shown]
        if len(error.violations) > len(shown):
            body["violations_total"] = len(error.violations)
    return _response(body, error.status, error.headers)


def http_problem(error: HTTPException) -> Response:
    """Return the answer for what Flask itself refuses (404, 405, 413, ...)."""
    status = error.code or 500
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() in ("allow", "retry-after", "www-authenticate")
    }
    return _response(
        {"type": "about:blank", "title": error.name, "status": status},
        status,
        headers,
    )


def internal_problem() -> Response:
    """Return the answer for a fault of ours; says nothing of what it was."""
    return _response(
        {
            "type": "about:blank",
            "title": "Internal error",
            "status": 500,
            "detail": "The server failed; the log has the details under this id.",
        },
        500,
        {},
    )


def _response(
    body: dict[str, object], status: int, headers: dict[str, str]
) -> Response:
    request_id = g.get("request_id")
    if request_id:
        body["instance"] = f"urn:uuid:{request_id}"
    return Response(orjson.dumps(body), status, headers, content_type=MEDIA_TYPE)
