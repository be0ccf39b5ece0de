"""429: a credential is held to its rate, over all processes, and told when to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from lrs.access import Scope
from lrs.app import create_app
from lrs.errors import SetupError
from lrs.services import Services, build
from tests.conftest import KEY, SECRET, Client
from tests.contract.answers import STATEMENTS, problem


@pytest.fixture
def two(services: Services) -> Iterator[list[Client]]:
    """Clients of two applications over one database, at 3 requests an hour."""
    settings = replace(services.settings, rate_limit="3/hour")
    services.credentials.add("default", [Scope.ALL], key="other", secret="other")
    with ExitStack() as stack:
        apps = [
            create_app(stack.enter_context(closing(build(settings)))) for _ in range(2)
        ]
        yield [Client(app, KEY, SECRET) for app in apps]


def test_the_rate_counts_over_all_processes_and_names_the_wait(
    two: list[Client],
) -> None:
    statuses = [
        two[at % 2].get(STATEMENTS, query_string={"limit": "1"}).status_code
        for at in range(3)
    ]
    assert statuses == [200, 200, 200]
    for client in two:
        answer = client.get(STATEMENTS)
        assert problem(answer, 429)["type"] == "urn:lrs:problem:too-many-requests"
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
        assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_another_credential_has_a_rate_of_its_own(two: list[Client]) -> None:
    for _ in range(4):
        two[0].get(STATEMENTS)
    assert two[0].get(STATEMENTS).status_code == 429
    assert two[0].signed_in_as("other", "other").get(STATEMENTS).status_code == 200


def test_who_guesses_secrets_is_held_back_and_holds_nobody_else_back(
    two: list[Client],
) -> None:
    stranger = two[0].signed_in_as(KEY, "guess")
    statuses = [stranger.get(STATEMENTS).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert two[0].get(STATEMENTS).status_code == 200


def test_about_has_no_rate(two: list[Client]) -> None:
    assert {two[0].get("/xapi/about").status_code for _ in range(6)} == {200}


def test_a_rate_that_is_none_is_refused_at_the_start(services: Services) -> None:
    with pytest.raises(SetupError, match="LRS_RATE_LIMIT"):
        build(replace(services.settings, rate_limit="many"))
