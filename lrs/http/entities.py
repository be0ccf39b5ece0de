"""What is made from other things at the moment it is asked for: JSON with an ETag.

Nobody changes it under its own address, so that of the preconditions (RFC 9110 13.1)
only the question remains whether what a client has is still the same.
"""

from __future__ import annotations

import email.utils

from flask import Response, request

from lrs.errors import BadRequest
from lrs.http import parameters
from lrs.http.parameters import shown
from lrs.http.preconditions import preconditions
from lrs.xapi import document

_LONGEST = 1 << 20  # characters of a parameter; a form can hold more


def only_parameter(name: str) -> str:
    """Return the one parameter that the present request takes; raises BadRequest."""
    given = parameters.given(request)
    for other in given:
        if other != name:
            raise BadRequest(f"Unknown parameter {shown(other)}; known here: {name}.")
    if name not in given:
        raise BadRequest(f"The parameter {name} is required.")
    if len(given[name]) > _LONGEST:
        raise BadRequest(f"The parameter {name} has more than {_LONGEST} characters.")
    return given[name]


def answer(body: bytes, changed: int | None = None) -> Response:
    """Return the answer to GET; ``changed`` is microseconds since 1970, if known.

    Raises BadRequest, PreconditionFailed for what the request's headers say.
    """
    asked = preconditions(request)
    etag = document.etag(body)
    if not asked.matches(etag):
        asked.demand(etag)
    fresh = not asked.none_matches(etag)
    response = Response(b"" if fresh else body, 304 if fresh else 200)
    response.content_type = "application/json"
    response.set_etag(etag)
    if changed is not None:
        response.headers["Last-Modified"] = email.utils.formatdate(
            changed // 1_000_000, usegmt=True
        )
    # A browser may keep it, and asks with If-None-Match whether it still holds.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
