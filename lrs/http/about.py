"""The About resource (2.8): which versions this LRS speaks; needs no credential."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from lrs.xapi.versions import Version


def blueprint(release: str) -> Blueprint:
    """Return the route, to be mounted under /xapi."""
    routes = Blueprint("about", __name__)
    body = orjson.dumps(
        {
            "version": [item.value for item in Version],
            "extensions": {
                "https://workforce-lrs.example/xapi/about/release": release,
            },
        }
    )

    @routes.get("/about")
    def about() -> Response:
        return Response(body, content_type="application/json")

    return routes
