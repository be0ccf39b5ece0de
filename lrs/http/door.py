"""What every request passes: an id, version, credential and rate, and one log line.

The log has the id, tenant, route, status and milliseconds; never a parameter, a body
or a header, since those can hold Statement content and secrets.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, Request, Response, g, request

from lrs.access import Principal
from lrs.errors import BadRequest, Unauthorized
from lrs.http import added_headers, rate_limits
from lrs.http.alternate import REFUSAL
from lrs.http.authentication import Verifier, authenticate
from lrs.http.body import OWN_LIMIT
from lrs.rates import Rates
from lrs.xapi.versions import UNSPOKEN, Version, negotiate

API = "/api/v1/"
SCIM = "/scim/"
_ALWAYS = ("/health/", "/metrics", "/api/")  # served without a database
HEADER = "X-Experience-API-Version"
_VARIABLE = "HTTP_X_EXPERIENCE_API_VERSION"
_NO_SNIFFING = ("X-Content-Type-Options", "nosniff")


class Requests(Protocol):
    """The log of requests."""

    def write(self, **fields: object) -> None:
        """Write a line."""
        ...


def principal() -> Principal:
    """Return who sent the present request."""
    return g.principal  # type: ignore[no-any-return]


def version() -> Version:
    """Return the xAPI version that the present request speaks."""
    return g.version  # type: ignore[no-any-return]


def install(
    app: Flask,
    verifier: Verifier,
    default: Version | None,
    rates: Rates,
    requests: Requests,
    require_database: Callable[[], None],
) -> None:
    """Let every request of the app pass the door, and note it in the log.

    ``require_database`` raises where it is not there: pages are refused at once then,
    and so is who brings a credential (``verifier``).
    """
    # Each process draws its own: an id is no secret, and to ask the kernel takes long.
    draw = random.Random(secrets.randbits(128)).getrandbits  # noqa: S311

    added_headers.install(app)

    @app.before_request
    def begin() -> None:
        here, asked = _here()
        here.started = time.perf_counter()
        here.request_id = _uuid(f"{draw(128):032x}")
        if _is_xapi(asked.path):
            pass_xapi(here, asked)
        elif asked.path.startswith(API) and asked.url_rule is not None:
            # Here and not in each route: none can forget it.
            here.principal = let_in(verifier, rates)
        elif asked.path.startswith(SCIM) and asked.url_rule is not None:
            here.principal = let_in(verifier, rates, bearer=True)
        elif not asked.path.startswith(_ALWAYS):
            require_database()

    def pass_xapi(here: Any, asked: Request) -> None:
        here.answered_version = default or UNSPOKEN  # should we refuse
        if asked.method == "OPTIONS":  # a browser asks, and may send no header
            return
        given = asked.environ.get(_VARIABLE)
        spoken = negotiate(given) if given is not None else default
        if spoken is not None:
            here.answered_version = here.version = spoken
        elif given is not None:
            here.answered_version = Version.V1_0_3
        if REFUSAL in asked.environ:
            raise asked.environ[REFUSAL]
        if asked.url_rule is None or asked.url_rule.rule == "/xapi/about":
            return
        if spoken is None:
            raise BadRequest(
                f"The header {HEADER} must be sent, with 1.0.3 or 2.0.0 (or another "
                "patch version of these)."
            )
        here.principal = let_in(verifier, rates)

    @app.after_request
    def end(response: Response) -> Response:
        here, asked = _here()
        rate_limits.tell(response)
        made = ("X-Request-Id", here.request_id)
        if _is_xapi(asked.path):
            spoken = str(here.get("answered_version", UNSPOKEN))
            added_headers.add(made, (HEADER, spoken), _NO_SNIFFING)
        else:
            added_headers.add(made)
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
        who = here.get("principal")
        requests.write(
            id=here.request_id,
            tenant=who.tenant if who else None,
            method=asked.method,
            route=asked.url_rule.rule if asked.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - here.started) * 1000, 1),
        )
        return response


def _here() -> tuple[Any, Request]:
    """Return Flask's ``g`` and ``request`` themselves.

    Their stand-ins look for them anew at each use, which adds up.
    """
    return g._get_current_object(), request._get_current_object()  # type: ignore[attr-defined]


def _uuid(digits: str) -> str:
    """Return 32 random digits as a UUID of version 4 (RFC 9562 5.4)."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-"
        f"{variant}{digits[17:20]}-{digits[20:]}"
    )


def _is_xapi(path: str) -> bool:
    return path.startswith("/xapi/") or path == "/xapi"


def let_in(verifier: Verifier, rates: Rates, *, bearer: bool = False) -> Principal:
    """Return who sent the present request, held to its own limits.

    ``bearer``: by a token, too. Raises Unauthorized, TooManyRequests.
    """
    try:
        found = authenticate(request, verifier, bearer=bearer)
    except Unauthorized:  # who guesses is held back too
        rate_limits.hold(rates, None, "address", request.remote_addr or "")
        raise
    rate_limits.hold(rates, found.rate_limit, "credential", found.key)
    most = found.max_request_bytes
    if most is not None:
        # For those who read the body: it may come without its length, or packed.
        request.environ[OWN_LIMIT] = most
        given = request.max_content_length
        request.max_content_length = most if given is None else min(given, most)
    return found
