"""The Activities resource (xAPI-Communication 2.5): GET one Activity by its id."""

from __future__ import annotations

from flask import Blueprint, Response

from lrs.activities import Activities
from lrs.http import parameters
from lrs.http.door import principal
from lrs.http.entities import answer, only_parameter

_ID = "activityId"


def blueprint(activities: Activities) -> Blueprint:
    """Return the route, to be mounted under /xapi."""
    routes = Blueprint("activities", __name__)

    @routes.get("/activities")
    def get() -> Response:
        activity_id = parameters.iri(_ID, only_parameter(_ID))
        found = activities.one(principal(), activity_id)
        return answer(found.text, found.changed)

    return routes
