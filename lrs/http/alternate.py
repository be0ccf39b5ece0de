"""The Alternate Request Syntax (xAPI-Communication 1.3; 1.0.3 only).

For senders that can neither use PUT and DELETE nor set headers: a POST whose query is
``?method=PUT`` and whose form holds the parameters, the headers and the content. Goes
in: such a request. Goes on: the request that it stands for; every later rule sees only
that one. What is wrong with the form is left to the door, which answers with a problem.
2.0 has no such syntax: there the request stays as it is, its parameter is refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask
from werkzeug import Request

from lrs.errors import BadRequest, LrsError
from lrs.http.body import read_body
from lrs.http.parameters import shown
from lrs.xapi.versions import Version, negotiate

REFUSAL = "lrs.refusal"  # in the environ: what the door has to raise
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
_WITH_CONTENT = ("PUT", "POST")
_LONGEST_HEADER = 8190  # characters, as the web server takes them
_FIELDS = 200  # more than all parameters and headers there are
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
        form = _form(body)
        given = form.get("x-experience-api-version", "")
        if negotiate(given) is Version.V2_0_0:
            raise BadRequest("xAPI 2.0 has no Alternate Request Syntax.")
        _become(environ, method, form)


def _speaks_2(environ: Environ) -> bool:
    sent = environ.get("HTTP_X_EXPERIENCE_API_VERSION", "")
    return negotiate(sent) is Version.V2_0_0


def _form(body: bytes) -> dict[str, str]:
    """Return the form's fields, headers in lower case; raises BadRequest."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS,
        )
    except (ValueError, UnicodeError):
        raise BadRequest(
            f"The body is not a form ({_FORM}, UTF-8, at most {_FIELDS} fields)."
        ) from None
    form: dict[str, str] = {}
    for name, value in pairs:
        known = name.lower() if name.lower() in (*_HEADERS, _LENGTH) else name
        if known in form:
            raise BadRequest(f"The form has {shown(name)} more than once.")
        form[known] = value
    return form


def _become(environ: Environ, method: str, form: Mapping[str, str]) -> None:
    """Write what the form says into the environ; raises BadRequest."""
    content = form.get("content")
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
    raw = (content or "").encode()
    environ["CONTENT_LENGTH"] = str(len(raw)) if content is not None else ""
    environ["wsgi.input"] = io.BytesIO(raw)
    environ["wsgi.input_terminated"] = True
    environ["REQUEST_METHOD"] = method
    parameters = {
        name: value
        for name, value in form.items()
        if name not in (*_HEADERS, _LENGTH, "content")
    }
    environ["QUERY_STRING"] = urlencode(parameters)


def _header(name: str, value: str) -> str:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        value = "\n"
    if not value.isprintable() or len(value) > _LONGEST_HEADER:
        raise BadRequest(f"The form's {name} is no value of a header.")
    return value
