"""One base class for every error that a caller may see.

An error carries its HTTP status and problem type (RFC 9457), so that the door
turns any of them into ``application/problem+json`` and the command line into one
sentence, without a table that would have to know them all. Messages name the place
and the rule, never the Statement's content.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from lrs.xapi.violations import Violation


class LrsError(Exception):
    """What went wrong, in one sentence that names the place and what to do.

    ``violations`` lists every broken Statement rule; ``headers`` are added to the
    HTTP answer (Retry-After, WWW-Authenticate).
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "about:blank"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        message: str,
        *,
        violations: Sequence[Violation] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.violations = tuple(violations)
        self.headers = headers or {}


class BadRequest(LrsError):
    """The request is wrong in a way its sender can mend (400)."""

    status, type, title = 400, "urn:lrs:problem:bad-request", "Bad request"


class InvalidStatement(BadRequest):
    """A Statement breaks rules of the specification (400)."""

    type, title = "urn:lrs:problem:invalid-statement", "Invalid Statement"


class Unauthorized(LrsError):
    """No credential, or one that is not valid (401)."""

    status, type, title = 401, "urn:lrs:problem:unauthorized", "Unauthorized"


class Forbidden(LrsError):
    """A valid credential without the scope for this (403)."""

    status, type, title = 403, "urn:lrs:problem:forbidden", "Forbidden"


class NotFound(LrsError):
    """Nothing is kept at this address for this tenant (404)."""

    status, type, title = 404, "urn:lrs:problem:not-found", "Not found"


class Conflict(LrsError):
    """It contradicts what is already stored (409)."""

    status, type, title = 409, "urn:lrs:problem:conflict", "Conflict"


class PreconditionFailed(LrsError):
    """If-Match or If-None-Match does not fit what is stored (412)."""

    status, type, title = (
        412,
        "urn:lrs:problem:precondition-failed",
        "Precondition failed",
    )


class TooLarge(LrsError):
    """The body or the batch is over a limit of the settings (413)."""

    status, type, title = 413, "urn:lrs:problem:too-large", "Content too large"


class UnsupportedMediaType(LrsError):
    """A Content-Type that this resource does not take (415)."""

    status, type, title = 415, "urn:lrs:problem:media-type", "Unsupported media type"


class TooManyRequests(LrsError):
    """Over the credential's rate; Retry-After says when to go on (429)."""

    status, type, title = (
        429,
        "urn:lrs:problem:too-many-requests",
        "Too many requests",
    )


class Unavailable(LrsError):
    """The database cannot be reached or is busy electing; try again (503)."""

    status, type, title = 503, "urn:lrs:problem:unavailable", "Service unavailable"


class SetupError(LrsError):
    """Something this program needs is missing; says what and what to do."""

    title = "Cannot start"


class Interrupted(KeyboardInterrupt):
    """Somebody ended a command (SIGINT, SIGTERM); says in a sentence what stands."""
