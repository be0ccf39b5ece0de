"""The Alternate Request Syntax (xAPI-Communication 1.3; 1.0.3 only).

For senders that can neither use PUT and DELETE nor set headers: a POST whose query is
``?method=PUT`` and whose form holds the parameters, the headers and the content. Goes
in: such a request. Goes on: the request that it stands for; every later rule sees only
that one. What is wrong with the form is left to the door, which answers with a problem.
2.0 has no such syntax: there the request stays as it is, its parameter is refused.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from flask import Flask
from werkzeug import Request

from lrs.errors import BadRequest, LrsError, TooLarge
from lrs.http.body import PIECE, read_body
from lrs.http.parameters import shown
from lrs.xapi.versions import Version, negotiate

REFUSAL = "lrs.refusal"  # in the environ: what the door has to raise
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
_WITH_CONTENT = ("PUT", "POST")
_LONGEST_HEADER = 8190  # characters, as the web server takes them
_FIELDS = 200  # more than all parameters and headers there are
_LONGEST_FIELDS = 2 << 20  # octets of all of them, as they came; without the content
_CONTENT = "content"
_FORM = "application/x-www-form-urlencoded"
# The browsers that need this syntax can send no Content-Type, or this one.
_MEDIA_TYPES = ("", _FORM, "text/plain")
_HEADERS = {
    "authorization": "HTTP_AUTHORIZATION",
    "x-experience-api-version": "HTTP_X_EXPERIENCE_API_VERSION",
    "content-type": "CONTENT_TYPE",
    "if-match": "HTTP_IF_MATCH",
    "if-none-match": "HTTP_IF_NONE_MATCH",
}
_LENGTH = "content-length"  # of the content, which says so itself

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


def install(app: Flask, *, limit: int) -> None:
    """Let the app understand such requests, with forms of up to ``limit`` bytes."""
    app.wsgi_app = AlternateRequests(  # type: ignore[method-assign, assignment]
        app.wsgi_app, limit=limit
    )


class AlternateRequests:
    """A WSGI layer that turns such requests into those they stand for."""

    def __init__(self, application: Application, *, limit: int) -> None:
        self._application = application
        self._limit = limit

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        """Answer a request."""
        if (
            environ["REQUEST_METHOD"] == "POST"
            and "method=" in environ.get("QUERY_STRING", "")
            and environ.get("PATH_INFO", "").startswith("/xapi/")
        ):
            try:
                self._translate(environ)
            except LrsError as error:
                environ[REFUSAL] = error
        return self._application(environ, start)

    def _translate(self, environ: Environ) -> None:
        query = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
        if "method" not in dict(query) or _speaks_2(environ):
            return
        if len(query) > 1:
            raise BadRequest(
                "With the parameter method no other stands in the address: the form "
                "holds them (xAPI-Communication 1.3)."
            )
        method = query[0][1]
        if method not in _METHODS:
            raise BadRequest(f"The parameter method must be {', '.join(_METHODS)}.")
        request = Request(environ)
        if request.mimetype not in _MEDIA_TYPES:
            raise BadRequest(f"With the parameter method a form is sent: {_FORM}.")
        body = read_body(request, self._limit)
        form, content = _form(body)
        del body, request  # as large as the content
        given = form.get("x-experience-api-version", "")
        if negotiate(given) is Version.V2_0_0:
            raise BadRequest("xAPI 2.0 has no Alternate Request Syntax.")
        _become(environ, method, form, content)


def _speaks_2(environ: Environ) -> bool:
    sent = environ.get("HTTP_X_EXPERIENCE_API_VERSION", "")
    return negotiate(sent) is Version.V2_0_0


def _form(body: bytes) -> tuple[dict[str, str], bytes | None]:
    """Return the form's fields, headers in lower case, and its content if any.

    Raises BadRequest, TooLarge. The content is in UTF-8.
    """
    form: dict[str, str] = {}
    content: bytes | None = None
    octets = 0
    try:
        for start, equals, end in _pairs(body):
            octets += equals - start
            _check_fields(octets)
            name = _decoded(body, start, equals).decode()
            if name == _CONTENT and content is None:
                content = _decoded(body, equals + 1, end)
                continue
            octets += end - equals
            _check_fields(octets)
            known = name.lower() if name.lower() in (*_HEADERS, _LENGTH) else name
            if known in form or name == _CONTENT:
                raise BadRequest(f"The form has {shown(name)} more than once.")
            form[known] = _decoded(body, equals + 1, end).decode()
    except ValueError:
        raise BadRequest(
            f"The body is not a form ({_FORM}, UTF-8, at most {_FIELDS} fields)."
        ) from None
    return form, content


def _pairs(body: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield where each pair begins, has its sign, and ends; raises ValueError."""
    if not body.isascii() or body.count(b"&") >= _FIELDS:
        raise ValueError
    at = 0
    while body and at <= len(body):
        end = body.find(b"&", at)
        end = len(body) if end < 0 else end
        yield at, body.index(b"=", at, end), end
        at = end + 1


def _decoded(body: bytes, start: int, end: int) -> bytes:
    """Return a part of the body without its escapes; raises ValueError if no UTF-8.

    A piece at a time: of one whole the library makes eighty times as much on its way,
    and nobody knows yet who asks.
    """
    whole, judge = bytearray(), codecs.getincrementaldecoder("utf-8")()
    while start < end:
        stop = min(start + PIECE, end)
        if stop < end and (escape := body.rfind(b"%", stop - 2, stop)) >= 0:
            stop = escape  # which is left whole
        piece = unquote_to_bytes(body[start:stop].replace(b"+", b" "))
        judge.decode(piece)
        whole += piece
        start = stop
    judge.decode(b"", final=True)
    return bytes(whole)


def _check_fields(octets: int) -> None:
    if octets > _LONGEST_FIELDS:
        raise TooLarge(
            f"The form's parameters and headers have more than {_LONGEST_FIELDS} bytes."
        )


def _become(
    environ: Environ, method: str, form: Mapping[str, str], content: bytes | None
) -> None:
    """Write what the form says into the environ; raises BadRequest."""
    if method in _WITH_CONTENT and content is None:
        raise BadRequest(f"A form for {method} has a field named content.")
    if method not in _WITH_CONTENT and content is not None:
        raise BadRequest(f"A form for {method} has no content.")
    # The form's own type and coding are not those of the content.
    environ.pop("CONTENT_TYPE", None)
    environ.pop("HTTP_CONTENT_ENCODING", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if environ["PATH_INFO"] == "/xapi/statements" and content is not None:
        environ["CONTENT_TYPE"] = "application/json"
    for name, variable in _HEADERS.items():
        if name in form:
            environ[variable] = _header(name, form[name])
    environ["CONTENT_LENGTH"] = str(len(content)) if content is not None else ""
    environ["wsgi.input"] = io.BytesIO(content or b"")
    environ["wsgi.input_terminated"] = True
    environ["REQUEST_METHOD"] = method
    parameters = {
        name: value for name, value in form.items() if name not in (*_HEADERS, _LENGTH)
    }
    environ["QUERY_STRING"] = urlencode(parameters)
    _check_fields(len(environ["QUERY_STRING"]))  # with escapes it can be more


def _header(name: str, value: str) -> str:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        value = "\n"
    if not value.isprintable() or len(value) > _LONGEST_HEADER:
        raise BadRequest(f"The form's {name} is no value of a header.")
    return value
