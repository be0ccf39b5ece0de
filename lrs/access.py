"""Who is asking: Principal, Scope and tenant (xAPI-Communication 4.2).

Pure data that every floor may use. Credentials are verified by the door with the
store; what comes out is a Principal, bound to one tenant for the whole request.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from enum import StrEnum

from lrs.errors import BadRequest, Forbidden

DEFAULT_TENANT = "default"
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")


class Scope(StrEnum):
    """The scopes of xAPI-Communication 4.2; ``reports/read``, ``scim`` beside."""

    ALL = "all"
    ALL_READ = "all/read"
    STATEMENTS_WRITE = "statements/write"
    STATEMENTS_READ = "statements/read"
    STATEMENTS_READ_MINE = "statements/read/mine"
    STATE = "state"
    DEFINE = "define"
    PROFILE = "profile"
    REPORTS_READ = "reports/read"
    SCIM = "scim"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    ``authority`` is the Agent that the LRS writes into the Statements it accepts
    from this caller; ``unit`` narrows reports to a unit and everything below it.
    ``rate_limit`` (such as ``50/second``) and ``max_request_bytes`` are its own, None
    where those of the settings hold.
    """

    tenant: str
    key: str
    scopes: frozenset[Scope]
    authority: dict[str, object]
    unit: str | None = None
    rate_limit: str | None = None
    max_request_bytes: int | None = None

    def may(self, *wanted: Scope) -> bool:
        """Tell whether any of the wanted scopes is granted, directly or by all."""
        return bool(self.scopes.intersection(wanted)) or Scope.ALL in self.scopes

    def require(self, *wanted: Scope) -> None:
        """Raise Forbidden unless one of the wanted scopes is granted."""
        if not self.may(*wanted):
            names = " or ".join(scope.value for scope in wanted)
            raise Forbidden(f"This credential needs the scope {names}.")


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in; ``unit`` and everything below it is theirs to see.

    ``sessions`` are the marks of the sessions that have begun and not ended.
    """

    tenant: str
    email: str
    name: str
    unit: str
    sessions: frozenset[str] = frozenset()


def bearer_token(key: str, secret: str) -> str:
    """Return a credential as one word, for callers that send a token alone."""
    return base64.urlsafe_b64encode(f"{key}:{secret}".encode()).decode().rstrip("=")


def of_bearer_token(token: str) -> tuple[str, str] | None:
    """Return the key and secret of a token; None where it is none of ours."""
    try:
        padded = token + "=" * (-len(token) % 4)
        pair = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError:  # not ASCII, no base64, or not UTF-8
        return None
    key, colon, secret = pair.partition(":")
    return (key, secret) if colon else None


def tenant_name(value: str) -> str:
    """Return a tenant's name, or raise BadRequest; it becomes part of paths."""
    if not _TENANT.match(value):
        raise BadRequest(
            "A tenant's name has 1 to 63 of a-z, 0-9, '-' and '_', and begins with "
            "a letter or a digit."
        )
    return value


def scope(value: str) -> Scope:
    """Return the Scope of that name, or raise BadRequest with the known ones."""
    try:
        return Scope(value)
    except ValueError:
        known = ", ".join(item.value for item in Scope)
        raise BadRequest(f"Unknown scope. Known scopes: {known}.") from None
