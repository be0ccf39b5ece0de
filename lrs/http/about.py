"""The About resource (2.8): which versions this LRS speaks; needs no credential."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, g

from lrs.xapi.versions import Version


def blueprint(release: str) -> Blueprint:
    """Return the route, to be mounted under /xapi."""
    routes = Blueprint("about", __name__)

    def body(versions: list[Version]) -> bytes:
        extensions = {"https://workforce-lrs.example/xapi/about/release": release}
        return orjson.dumps({"version": versions, "extensions": extensions})

    # 1.0.3 allows no other versions here than its own line, and clients of its time
    # fail on one that they do not know: who speaks it is told of that line only.
    bodies = {
        Version.V1_0_3: body([Version.V1_0_3]),
        Version.V2_0_0: body(list(Version)),
    }

    @routes.get("/about")
    def about() -> Response:
        spoken = g.get("version", Version.V2_0_0)
        return Response(bodies[spoken], content_type="application/json")

    return routes
