"""CORS: what a browser asks before it lets content of another origin speak to us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from lrs.app import create_app
from lrs.errors import SetupError
from lrs.services import Services, build
from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS

ORIGIN = "https://courses.example.com"
RESOURCES = (
    "statements",
    "activities",
    "activities/state",
    "activities/profile",
    "agents",
    "agents/profile",
    "about",
)


def preflight(client: Client, path: str, origin: str, method: str = "PUT") -> object:
    # A browser sends neither a credential nor the version header.
    return client.app.test_client().options(  # type: ignore[attr-defined]
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,if-match,"
            "x-experience-api-version",
        },
    )


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_preflight_of_any_origin_is_answered(shared: Client, resource: str) -> None:
    answer = preflight(shared, f"/xapi/{resource}", ORIGIN)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for header in ("authorization", "if-match", "x-experience-api-version"):
        assert header in allowed
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("auth", [None, ("no", "body")])
def test_answers_and_refusals_may_be_read_by_content(
    shared: Client, auth: tuple[str, str] | None
) -> None:
    answer = shared.get(
        STATEMENTS,
        headers={"Origin": ORIGIN},
        auth=auth or shared.auth,
        query_string={"limit": "1"},
    )
    assert answer.status_code == (401 if auth else 200)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"]
    for header in (
        "ETag",
        "Last-Modified",
        "X-Experience-API-Version",
        "X-Experience-API-Consistent-Through",
    ):
        assert header in exposed


@pytest.mark.parametrize("path", ["/api/v1/reports", "/sign-in", "/health/live"])
def test_nothing_but_xapi_is_open_to_other_origins(shared: Client, path: str) -> None:
    answer = shared.get(path, headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.fixture
def listed(services: Services) -> Iterator[Client]:
    """A client of an application that lets two origins in."""
    origins = (ORIGIN, "https://apps.example.com:8443")
    settings = replace(services.settings, cors_origins=origins)
    with closing(build(settings)) as found:
        yield Client(create_app(found))


def test_with_a_list_only_its_origins_are_let_in(listed: Client) -> None:
    mine = preflight(listed, STATEMENTS, ORIGIN)
    assert mine.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in mine.headers["Vary"]
    for other in ("https://evil.example", f"{ORIGIN}.evil.example", "null"):
        answer = preflight(listed, STATEMENTS, other)
        assert "Access-Control-Allow-Origin" not in answer.headers
    # Not refused: the browser is who keeps the answer from the page.
    sent = listed.post(
        STATEMENTS, json=a_statement(), headers={"Origin": "https://evil.example"}
    )
    assert sent.status_code == 200
    assert "Access-Control-Allow-Origin" not in sent.headers


def test_none_lets_no_origin_in(services: Services) -> None:
    settings = replace(services.settings, cors_origins=())
    with closing(build(settings)) as found:
        answer = preflight(Client(create_app(found)), STATEMENTS, ORIGIN)
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("wrong", ["courses.example.com", "* https://a.example", ".*"])
def test_what_is_no_origin_is_refused_at_the_start(wrong: str) -> None:
    from config.settings import load

    with pytest.raises(SetupError, match="LRS_CORS_ORIGINS"):
        load({"LRS_CORS_ORIGINS": wrong})
