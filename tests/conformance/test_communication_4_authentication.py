"""xAPI-Communication 4: who may speak to the LRS. XAPI-00334 (401), XAPI-00335 (Basic).

What each scope of 4.2 allows is tested in ``tests/contract/test_scopes.py``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.caller import VERSION_HEADER, Lrs, refused, told
from tests.conformance.documents import MAKERS
from tests.conformance.full_statement import a_statement, someone, something


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def _own(lrs: Lrs) -> str:
    return _basic(":".join(lrs.client.auth))


BAD: dict[str, Callable[[Lrs], str | None]] = {
    "none": lambda _: None,
    "nobody": lambda _: _basic("nobody:knows"),
    "a wrong secret": lambda lrs: _basic(f"{lrs.client.auth[0]}:wrong"),
    "no secret": lambda lrs: _basic(f"{lrs.client.auth[0]}:"),
    "no colon": lambda lrs: _basic(lrs.client.auth[0]),
    "secret and key exchanged": lambda lrs: _basic(":".join(lrs.client.auth[::-1])),
    "a colon for the blank": lambda lrs: _own(lrs).replace(" ", ":"),
    "no base64": lambda _: "Basic !!!",
    "nothing after the word": lambda _: "Basic",
    "another scheme": lambda lrs: _own(lrs).replace("Basic", "Bearer"),
    "no scheme": lambda lrs: _own(lrs).removeprefix("Basic "),
    "no UTF-8": lambda _: f"Basic {base64.b64encode(bytes([255, 58, 255])).decode()}",
}
REQUESTS: dict[str, Callable[[], tuple[str, str, Any, dict[str, Any]]]] = {
    "GET statements": lambda: ("GET", "statements", None, {}),
    "POST statements": lambda: ("POST", "statements", a_statement(), {}),
    "PUT statements": lambda: _put(),
    "GET agents": lambda: ("GET", "agents", None, {"agent": someone()}),
    "GET activities": lambda: ("GET", "activities", None, {"activityId": something()}),
    **{
        f"{method} {name}": lambda method=method, make=make: (
            method,
            make().resource,
            {"a": 1} if method in ("PUT", "POST") else None,
            make().parameters,
        )
        for name, make in MAKERS.items()
        for method in ("GET", "PUT", "POST", "DELETE")
    },
}


def _put() -> tuple[str, str, Any, dict[str, Any]]:
    statement = a_statement()
    return "PUT", "statements", statement, {"statementId": statement["id"]}


def _send(lrs: Lrs, request: str, authorization: str | None, **headers: str) -> Any:
    """Send a request with this Authorization, or with none."""
    method, resource, body, parameters = REQUESTS[request]()
    given = {"Authorization": authorization, **headers}
    return lrs.ask(method, resource, body, headers=given, auth=None, **parameters)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_credential_is_refused(
    lrs: Lrs, bad: Callable[[Lrs], str | None]
) -> None:
    """XAPI-00334."""
    answer = _send(lrs, "GET statements", bad(lrs))
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("request_", REQUESTS)
def test_without_a_credential_nothing_is_done(lrs: Lrs, request_: str) -> None:
    """XAPI-00334: every method of every resource asks for one."""
    refused(_send(lrs, request_, None), 401)
    refused(_send(lrs, request_, "Basic:bm9ib2R5Omtub3dz"), 401)


def test_what_came_without_a_valid_credential_is_not_stored(lrs: Lrs) -> None:
    """XAPI-00334."""
    statement = a_statement()
    refused(lrs.ask("POST", "statements", statement, auth=("nobody", "knows")), 401)
    refused(lrs.ask("GET", "statements", statementId=statement["id"]), 404)


def test_basic_is_taken(lrs: Lrs) -> None:
    """XAPI-00335: whatever the letter case of the scheme."""
    for scheme in ("Basic", "basic", "BASIC"):
        own = _own(lrs).replace("Basic", scheme)
        answer = _send(lrs, "PUT statements", own)
        assert answer.status_code == 204, told(answer)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_version_and_a_bad_credential_are_refused_for_either(
    lrs: Lrs, bad: Callable[[Lrs], str | None]
) -> None:
    """XAPI-00334."""
    answer = _send(lrs, "GET statements", bad(lrs), **{VERSION_HEADER: "BAD"})
    refused(answer, 400, 401)
