"""HTTP Basic: from the Authorization header to a Principal (4.1)."""

from __future__ import annotations

import base64
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
    given = _basic(request.environ.get("HTTP_AUTHORIZATION", ""))
    if given is None:
        raise _unauthorized("Send an xAPI key and secret by HTTP Basic.")
    principal = verifier.verify(*given)
    if principal is None:
        raise _unauthorized("This key and secret are not valid.")
    return principal


def _basic(header: str) -> tuple[str, str] | None:
    """Return key and secret (RFC 7617); None where the header holds none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(token, validate=True).decode()
    except ValueError:  # not ASCII, no base64, or not UTF-8
        return None
    key, colon, secret = pair.partition(":")
    return (key, secret) if colon else None


def _unauthorized(message: str) -> Unauthorized:
    challenge = 'Basic realm="xAPI", charset="UTF-8"'
    return Unauthorized(message, headers={"WWW-Authenticate": challenge})
