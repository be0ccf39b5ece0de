"""The Agents resource (xAPI-Communication 2.4): GET the Person of an Agent."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from lrs.agents import Agents
from lrs.http import parameters
from lrs.http.door import principal
from lrs.http.entities import answer, only_parameter
from lrs.xapi import text


def blueprint(agents: Agents) -> Blueprint:
    """Return the route, to be mounted under /xapi."""
    routes = Blueprint("agents", __name__)

    @routes.get("/agents")
    def get() -> Response:
        given = only_parameter("agent")
        parameters.agent("agent", given)  # an Agent and no Group
        person = agents.person(principal(), text.parse(given.encode()))
        return answer(orjson.dumps(person))

    return routes
