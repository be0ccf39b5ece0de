"""429: a credential is held to its rate, over all processes, and told where it stands.

draft-ietf-httpapi-ratelimit-headers-10 (RateLimit-Policy, RateLimit), and the three
headers of its earlier drafts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import pytest
from pymongo.monitoring import CommandListener, CommandStartedEvent

from lrs.access import Scope
from lrs.app import create_app
from lrs.errors import BadRequest, SetupError
from lrs.http.rate_limits import HEADERS
from lrs.rates import Rate
from lrs.services import Services, build
from lrs.store import rates
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


def own(services: Services, client: Client, **limits: Any) -> Client:
    """Give a client of a credential with limits of its own."""
    made = services.credentials.add("default", [Scope.ALL], **limits)
    return client.signed_in_as(*made)


def told(answer: Any) -> tuple[str | None, ...]:
    return tuple(answer.headers.get(name) for name in HEADERS)


def without_time(answer: Any) -> list[str]:
    """Return the headers without the seconds that are left, which pass."""
    *some, reset = map(str, told(answer))
    assert 0 < int(reset) <= 3600
    return [re.sub(r";t=\d+", "", value) for value in some]


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
        assert answer.headers["Retry-After"] == answer.headers["RateLimit-Reset"]
        assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_every_answer_says_where_the_caller_stands(two: list[Client]) -> None:
    expected = ['"3-in-3600s";q=3;w=3600', '"3-in-3600s";r=2', "3", "2"]
    assert without_time(two[0].get(STATEMENTS)) == expected
    refused = two[1].post(STATEMENTS, data="{", content_type="application/json")
    assert refused.status_code == 400
    assert without_time(refused)[3] == "1"
    listed = two[0].get("/api/v1/reports/evidence", query_string={"colour": "red"})
    assert listed.status_code == 400
    assert without_time(listed)[3] == "0"
    for _ in range(2):
        over = two[0].get(STATEMENTS)
        assert over.status_code == 429
        assert without_time(over)[1:] == ['"3-in-3600s";r=0', "3", "0"]


def test_of_several_rates_each_is_told_and_the_nearest_in_the_old_headers(
    services: Services, client: Client
) -> None:
    caller = own(services, client, rate_limit="100/minute;5/hour")
    answer = caller.get(STATEMENTS)
    assert answer.headers["RateLimit-Policy"] == (
        '"100-in-60s";q=100;w=60, "5-in-3600s";q=5;w=3600'
    )
    assert re.fullmatch(
        r'"100-in-60s";r=99;t=\d+, "5-in-3600s";r=4;t=\d+', answer.headers["RateLimit"]
    )
    assert answer.headers["RateLimit-Limit"] == "5"
    assert answer.headers["RateLimit-Remaining"] == "4"


def test_a_credential_has_a_rate_of_its_own_which_replaces_the_settings(
    services: Services, client: Client, two: list[Client]
) -> None:
    slow = own(services, client, rate_limit="1/hour")
    assert [slow.get(STATEMENTS).status_code for _ in range(2)] == [200, 429]
    fast = own(services, two[0], rate_limit="50/hour")
    assert {fast.get(STATEMENTS).status_code for _ in range(5)} == {200}
    assert client.get(STATEMENTS).status_code == 200
    assert told(client.get(STATEMENTS)) == (None,) * 5


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


def test_a_window_ends_and_a_new_one_begins(services: Services) -> None:
    """As the database's clock has it, however far that is set back."""
    made = rates.MongoRates(services.database, None)
    rate = [Rate(2, 3600)]
    assert [made.count(rate, "who")[0].requests for _ in range(3)] == [1, 2, 3]
    counts, name = services.database["rate_counts"], "2/3600.ends"
    for shift in (-3600_001, 3600_000 * 24):
        moved = {"$add": ["$$NOW", shift]}
        counts.update_one({"_id": "who"}, [{"$set": {name: moved}}])
        found = made.count(rate, "who")[0]
        assert (found.requests, found.remaining, found.reset) == (1, 1, 3600)


class Asked(CommandListener):
    """The collections that commands are about."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(str(event.command.get(event.command_name)))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


def test_a_rate_costs_one_round_trip_and_none_where_there_is_none(
    services: Services,
) -> None:
    from lrs.store import mongo

    asked = Asked()
    uri = services.settings.mongodb_uri or ""
    with mongo.connect(uri, listener=asked) as watched:  # type: ignore[arg-type]
        database = mongo.database(watched, services.settings.database)
        made = rates.MongoRates(database, None)
        assert made.count(made.of(None), "credential", "k") == []
        assert asked.names == []
        made.count(made.of("5/second;100/hour"), "credential", "k")
        assert asked.names == ["rate_counts"]


@pytest.mark.parametrize("text", ["many", "0/second", "5/second;", "5", "-1/hour"])
def test_a_rate_that_is_none_is_refused(services: Services, text: str) -> None:
    with pytest.raises(SetupError, match="LRS_RATE_LIMIT"):
        build(replace(services.settings, rate_limit=text))
    with pytest.raises(BadRequest, match="50/second"):
        services.credentials.add("default", [Scope.ALL], rate_limit=text)
