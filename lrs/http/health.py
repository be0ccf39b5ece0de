"""Health: alive at all, and ready for work (for a load balancer and an operator)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from flask import Blueprint, Response

Check = Callable[[], tuple[bool, dict[str, object]]]


def blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """Return /health/live and /health/ready.

    Each check gives (fine, details); details are facts such as an age in seconds,
    never content. Ready answers 503 when a check is not fine.
    """
    routes = Blueprint("health", __name__)

    @routes.get("/health/live")
    def live() -> Response:
        return Response(b'{"status":"live"}', content_type="application/json")

    @routes.get("/health/ready")
    def ready() -> Response:
        body: dict[str, object] = {}
        fine = True
        for name, check in checks.items():
            ok, details = check()
            fine = fine and ok
            body[name] = {"status": "ok" if ok else "failed", **details}
        whole = {"status": "ready" if fine else "not ready", **body}
        return Response(
            orjson.dumps(whole),
            200 if fine else 503,
            {"Cache-Control": "no-store"},
            content_type="application/json",
        )

    return routes
