"""xAPI-Communication 2.8: the About resource.

XAPI-00315 (the address), XAPI-00316, XAPI-00317, XAPI-00318, XAPI-00319 (version),
XAPI-00321 (every other resource asks for the version header).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.caller import JSON, VERSION_HEADER, Lrs, refused, told
from tests.conformance.conftest import ONLY_2_0
from tests.conformance.full_statement import a_statement, someone, something

# What 1.0.3 allows in the list, and what 2.0 adds to it.
OLD = re.compile(r"0\.9|0\.95|1\.0(\.\d+)?").fullmatch
NEW = re.compile(r"2\.0(\.\d+)?").fullmatch
EVERYBODY = pytest.mark.parametrize("auth", [None, ("", ""), ("nobody", "knows")])


def _versions(lrs: Lrs, sent: str | None, auth: tuple[str, str] | None) -> list[str]:
    answer = lrs.ask("GET", "about", headers={VERSION_HEADER: sent}, auth=auth)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == JSON
    found: list[str] = answer.json["version"]
    assert isinstance(found, list)
    assert all(isinstance(item, str) for item in found)
    assert all(":" in name for name in answer.json.get("extensions", {}))
    return found


@EVERYBODY
def test_about_tells_the_versions_to_everybody(
    lrs: Lrs, auth: tuple[str, str] | None
) -> None:
    """XAPI-00315 to XAPI-00319: whoever asks as 1.0.3 is told no newer line."""
    found = _versions(lrs, lrs.version, auth)
    assert lrs.version in found
    if lrs.version == "1.0.3":
        assert all(map(OLD, found))
    else:
        assert all(OLD(item) or NEW(item) for item in found)


@ONLY_2_0
@EVERYBODY
@pytest.mark.parametrize("sent", [None, "0.95", "nonsense"])
def test_about_asks_for_no_version(
    lrs: Lrs, sent: str | None, auth: tuple[str, str] | None
) -> None:
    """XAPI-00315, XAPI-00321: so it is where a client learns of the versions."""
    assert {"1.0.3", "2.0.0"} <= set(_versions(lrs, sent, auth))


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_about_is_read_only(lrs: Lrs, method: str) -> None:
    refused(lrs.ask(method, "about", {}), 405)


Request = tuple[str, str, Any, dict[str, Any]]
REQUESTS: dict[str, Callable[[], Request]] = {
    "statements": lambda: ("GET", "statements", None, {}),
    "a statement": lambda: ("POST", "statements", a_statement(), {}),
    "activities": lambda: ("GET", "activities", None, {"activityId": something()}),
    "agents": lambda: ("GET", "agents", None, {"agent": someone()}),
    "state": lambda: (
        "GET",
        "activities/state",
        None,
        {"activityId": something(), "agent": someone()},
    ),
    "a state": lambda: (
        "PUT",
        "activities/state",
        {"a": 1},
        {"activityId": something(), "agent": someone(), "stateId": "a"},
    ),
    "activity profile": lambda: (
        "GET",
        "activities/profile",
        None,
        {"activityId": something()},
    ),
    "an activity profile": lambda: (
        "POST",
        "activities/profile",
        {"a": 1},
        {"activityId": something(), "profileId": "a"},
    ),
    "agent profile": lambda: ("GET", "agents/profile", None, {"agent": someone()}),
    "an agent profile": lambda: (
        "DELETE",
        "agents/profile",
        None,
        {"agent": someone(), "profileId": "a"},
    ),
}


@pytest.mark.parametrize("make", REQUESTS.values(), ids=REQUESTS)
def test_every_other_resource_asks_for_the_version_header(
    lrs: Lrs, make: Callable[[], Request]
) -> None:
    """XAPI-00321."""
    method, resource, body, parameters = make()
    nameless = {VERSION_HEADER: None}
    answer = lrs.ask(method, resource, body, headers=nameless, **parameters)
    refused(answer, 400)
    answer = lrs.ask(method, resource, body, **parameters)
    assert answer.status_code < 300, told(answer)
