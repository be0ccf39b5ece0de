"""What is no request, or comes too slowly, is answered as every other refusal is.

Spec: RFC 9110 15, 9112 (what is refused), 9457 (how it is said). gunicorn's own answer
would be a page that quotes what it cannot read. In: what gunicorn raises; or that there
is no room, or no more time. Out: the octets of an answer; a line in the log, without a
word of the request.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

import orjson
import structlog
from gunicorn.http import errors

from lrs.xapi.versions import UNSPOKEN

# What each of gunicorn's refusals means; all others that a client can mend are 400. A
# transfer coding that is unknown is among them: it is no fault of the server (5xx).
_MEANING: dict[type[Exception], tuple[HTTPStatus, str]] = {
    errors.LimitRequestLine: (
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "The address has more than 8 kB: in xAPI 1.0.3 a form can hold its parameters "
        "(xAPI-Communication 1.3).",
    ),
    errors.LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are more than 100, or one of them has more than 8 kB, or all "
        "together more than 64 kB.",
    ),
    errors.ExpectationFailed: (
        HTTPStatus.EXPECTATION_FAILED,
        "The header Expect can only be 100-continue.",
    ),
    errors.UnsupportedTransferCoding: (
        HTTPStatus.BAD_REQUEST,
        "The Transfer-Encoding must be chunked, or absent.",
    ),
}
_MEANING |= dict.fromkeys(
    (
        errors.InvalidRequestLine,
        errors.InvalidRequestMethod,
        errors.InvalidHTTPVersion,
    ),
    (HTTPStatus.BAD_REQUEST, "The request line is none of HTTP/1.1."),
)
_MEANING |= dict.fromkeys(
    (errors.InvalidHeader, errors.InvalidHeaderName, errors.ObsoleteFolding),
    (
        HTTPStatus.BAD_REQUEST,
        "A header is malformed, stands twice, or contradicts another.",
    ),
)
_FAULT = HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed; the log has the details."
_MEANING |= dict.fromkeys(
    (
        errors.ConfigurationProblem,
        errors.InvalidResponseHeader,
        errors.InvalidResponseHeaderName,
    ),
    _FAULT,
)
_MALFORMED = HTTPStatus.BAD_REQUEST, "The request is none of HTTP/1.1."
_log = structlog.get_logger("lrs.server")


def refusal(exc: Exception) -> bytes:
    """Return the answer to what cannot be read, or failed outside the application."""
    known = type(exc).__module__ == errors.__name__
    status, detail = _MEANING.get(type(exc), _MALFORMED) if known else _FAULT
    made = str(uuid.uuid4())
    if status < 500:
        _log.info("refused", id=made, status=status, reason=type(exc).__name__)
    else:
        note_fault(exc, made)
    return _answer(made, status, detail)


def too_slow() -> bytes:
    """Return the answer to a request that does not come to its end."""
    made = str(uuid.uuid4())
    _log.info("refused", id=made, status=HTTPStatus.REQUEST_TIMEOUT, reason="Slow")
    return _answer(
        made,
        HTTPStatus.REQUEST_TIMEOUT,
        "The request has not arrived in time (LRS_REQUEST_SECONDS, "
        "LRS_SILENCE_SECONDS).",
    )


def too_much() -> bytes:
    """Return the answer where too many requests are arriving at a time."""
    made = str(uuid.uuid4())
    _log.warning(
        "refused", id=made, status=HTTPStatus.SERVICE_UNAVAILABLE, reason="Full"
    )
    return _answer(
        made,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Too much is arriving at a time: try again in a moment.",
        "Retry-After: 5",
    )


def _answer(made: str, status: HTTPStatus, detail: str, *more: str) -> bytes:
    body = orjson.dumps(
        {
            "type": "about:blank",
            "title": status.phrase,
            "status": status,
            "detail": detail,
            "instance": f"urn:uuid:{made}",
        }
    )
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Experience-API-Version: {UNSPOKEN}",
        f"X-Request-Id: {made}",
        *more,
        "",
        "",
    )
    return "\r\n".join(lines).encode() + body


def note_fault(exc: Exception, made: str = "") -> None:
    """Log where it was; the message quotes the request."""
    place = exc.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    _log.error(
        "fault",
        id=made or None,
        error=type(exc).__name__,
        file=place.tb_frame.f_code.co_filename if place else None,
        line=place.tb_lineno if place else None,
    )
