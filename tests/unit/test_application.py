"""What the application leaves out of Flask makes no difference that can be seen."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.routing import MapAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lrs.http.application import Answer, Application

PATHS = ("/", "/a", "//a", "/a//b", "/ä b", "/%2F", "/a;b?c=d", "")
HOSTS = ("lrs.example.com", "LRS.example.com:8080", "[::1]:80", "10.0.0.1", "a b", "")


def shown(response: Response, method: str) -> tuple[Any, str, list[tuple[str, str]]]:
    environ = EnvironBuilder(method=method).get_environ()
    body, status, headers = run_wsgi_app(response, environ)
    return b"".join(body), status, sorted(headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", [200, 204, 304, 400])
@pytest.mark.parametrize("body", [b"", b"[]", bytes(70_000)])
def test_an_answer_is_what_flask_would_make(
    method: str, status: int, body: bytes
) -> None:
    ours = Answer(body, status, content_type="application/json")
    plain = Response(body, status, content_type="application/json")
    for response in (ours, plain):
        response.headers["ETag"] = '"x"'
        response.vary.add("Origin")
    assert ours.get_data() == body
    assert shown(ours, method) == shown(plain, method)


def test_an_answer_goes_out_as_a_list() -> None:
    answer = Answer(b"{}", 200, content_type="application/json")
    assert answer(EnvironBuilder().get_environ(), lambda *_: None) == [b"{}"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", PATHS)
def test_a_request_is_bound_as_flask_binds_it(path: str, host: str) -> None:
    found = []
    for kind in (Application, Flask):
        app = kind(__name__, static_folder=None)
        app.url_map.merge_slashes = False
        app.add_url_rule("/<path:rest>", "rest", lambda rest: rest)
        environ = EnvironBuilder(query_string="x=1").get_environ()
        environ |= {"PATH_INFO": path.encode().decode("latin-1"), "HTTP_HOST": host}
        context = app.request_context(environ)
        refused = context.request.routing_exception
        adapter = context.url_adapter
        if adapter is None:
            found.append((type(refused), None, None))
            continue
        assert isinstance(adapter, MapAdapter)
        made = adapter.build("rest", {"rest": "z"}, force_external=True).lower()
        with context:
            matched = context.request.view_args, context.request.endpoint
        found.append((type(refused), made, matched))
    ours, plain = found
    assert ours == plain
