"""HTTP Basic: from the Authorization header to a Principal (4.1)."""

from __future__ import annotations

from typing import Protocol

from flask import Request

from lrs.access import Principal
from lrs.errors import Unauthorized


class Verifier(Protocol):
    """What the door needs to know a caller."""

    def verify(self, key: str, secret: str) -> Principal | None:
        """Return who this is, or None."""
        ...


def authenticate(request: Request, verifier: Verifier) -> Principal:
    """Return who sent the request; raises Unauthorized."""
    try:
        given = request.authorization
    except ValueError:  # not ASCII, which werkzeug leaves to base64
        given = None
    if given is None or given.type != "basic":
        raise _unauthorized("Send an xAPI key and secret by HTTP Basic.")
    principal = verifier.verify(given.username or "", given.password or "")
    if principal is None:
        raise _unauthorized("This key and secret are not valid.")
    return principal


def _unauthorized(message: str) -> Unauthorized:
    challenge = 'Basic realm="xAPI", charset="UTF-8"'
    return Unauthorized(message, headers={"WWW-Authenticate": challenge})
