"""HTTP Basic: from the Authorization header to a Principal (4.1).

Identity providers send a token alone, as Bearer (RFC 6750): it is key and secret in one
word (``lrs.access.bearer_token``), and is checked as they are.
"""

from __future__ import annotations

import base64
from typing import Protocol

from flask import Request

from lrs.access import Principal, of_bearer_token
from lrs.errors import Unauthorized


class Verifier(Protocol):
    """What the door needs to know a caller."""

    def verify(self, key: str, secret: str) -> Principal | None:
        """Return who this is, or None."""
        ...


def authenticate(
    request: Request, verifier: Verifier, *, bearer: bool = False
) -> Principal:
    """Return who sent the request; raises Unauthorized.

    ``bearer``: a token does as well.
    """
    header = request.environ.get("HTTP_AUTHORIZATION", "")
    given = _basic(header) or (_bearer(header) if bearer else None)
    if given is None and bearer:
        raise _unauthorized("Send a credential's token as Bearer.", "Bearer")
    if given is None:
        raise _unauthorized("Send an xAPI key and secret by HTTP Basic.")
    principal = verifier.verify(*given)
    if principal is None:
        if bearer:
            raise _unauthorized("This token is not valid.", "Bearer")
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


def _bearer(header: str) -> tuple[str, str] | None:
    """Return the key and secret of a token (RFC 6750 2.1); None where it is none."""
    scheme, _, token = header.partition(" ")
    return of_bearer_token(token.strip()) if scheme.lower() == "bearer" else None


def _unauthorized(message: str, scheme: str = "Basic") -> Unauthorized:
    challenge = 'Basic realm="xAPI", charset="UTF-8"'
    if scheme == "Bearer":
        challenge = 'Bearer realm="SCIM"'
    return Unauthorized(message, headers={"WWW-Authenticate": challenge})
