"""xAPI-Communication 2.6, 2.7: the parameters of the two Profile resources.

Agent Profile: XAPI-00255 to XAPI-00258 (agent is an Agent: XAPI-00256, XAPI-00257),
XAPI-00260 (since), XAPI-00261 to XAPI-00267 (what is required: XAPI-00262, XAPI-00263,
XAPI-00264, XAPI-00265, XAPI-00266). Activity Profile: XAPI-00295 (since), XAPI-00296 to
XAPI-00302 (what is required: XAPI-00297, XAPI-00298, XAPI-00299, XAPI-00300,
XAPI-00301). What all documents have in common: ``test_communication_2_2_documents``.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.documents import MAKERS, Place
from tests.conformance.full_statement import IFIS, a_statement, someone

PROFILES = {name: MAKERS[name] for name in ("agent profile", "activity profile")}
METHODS = ("GET", "PUT", "POST", "DELETE")
BODIES = {"PUT": {"a": 1}, "POST": {"a": 1}}

REQUIRED = [
    (profile, method, name)
    for profile, owner in (
        ("agent profile", "agent"),
        ("activity profile", "activityId"),
    )
    for method in METHODS
    for name in ([owner] if method == "GET" else [owner, "profileId"])
]


@pytest.mark.parametrize(("profile", "method", "name"), REQUIRED)
def test_a_required_parameter_is_missing(
    lrs: Lrs, profile: str, method: str, name: str
) -> None:
    """XAPI-00261 to XAPI-00267, XAPI-00296 to XAPI-00302."""
    place = PROFILES[profile]()
    place.create(lrs, {"a": 1})
    given = place.parameters
    del given[name]
    headers = {"If-Match": place.etag(lrs)} if method == "PUT" else {}
    answer = lrs.ask(
        method, place.resource, BODIES.get(method), headers=headers, **given
    )
    refused(answer, 400)
    assert place.content(lrs) == b'{"a": 1}'


WRONG: dict[str, tuple[str, str, Any]] = {
    "agent that is no JSON": ("agent profile", "agent", "lena"),
    "agent that is broken": ("agent profile", "agent", "{"),
    "agent that is an array": ("agent profile", "agent", "[]"),
    "agent without IFI": ("agent profile", "agent", {"name": "Lena"}),
    "agent with two IFIs": (
        "agent profile",
        "agent",
        {"mbox": "mailto:a@b.c", "openid": "x:y"},
    ),
    "agent with a wrong mbox": ("agent profile", "agent", {"mbox": "a@b.c"}),
    "agent with a wrong type": (
        "agent profile",
        "agent",
        {"objectType": "person", "mbox": "mailto:a@b.c"},
    ),
    "anonymous Group": (
        "agent profile",
        "agent",
        {"objectType": "Group", "member": [{"mbox": "mailto:a@b.c"}]},
    ),
    "empty profileId of an Agent": ("agent profile", "profileId", ""),
    "activityId that is no IRI": ("activity profile", "activityId", "ladders"),
    "empty activityId": ("activity profile", "activityId", ""),
    "empty profileId of an Activity": ("activity profile", "profileId", ""),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("profile", "name", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_parameter_is_wrong(
    lrs: Lrs, profile: str, method: str, name: str, value: Any
) -> None:
    """XAPI-00255, XAPI-00256, XAPI-00257, XAPI-00258."""
    place = PROFILES[profile]()
    given = place.parameters | {name: value}
    headers = {"If-None-Match": "*"} if method == "PUT" else {}
    answer = lrs.ask(
        method, place.resource, BODIES.get(method), headers=headers, **given
    )
    refused(answer, 400)


@pytest.mark.parametrize("profile", PROFILES)
def test_since_is_a_timestamp(lrs: Lrs, profile: str) -> None:
    """XAPI-00260, XAPI-00295."""
    place = PROFILES[profile]()
    refused(lrs.ask("GET", place.resource, **place.context, since="yesterday"), 400)


@pytest.mark.parametrize("ifi", IFIS)
def test_a_profile_is_that_of_an_agent_by_any_ifi(lrs: Lrs, ifi: str) -> None:
    who = {ifi: IFIS[ifi]}
    place = Place("agents/profile", "profileId", {"agent": who}, f"{ifi} {lrs.version}")
    place.create(lrs, {"a": 1})
    named = {"objectType": "Agent", "name": "Lena", **who}
    assert place.within(agent=named).content(lrs) == b'{"a": 1}'


@pytest.mark.parametrize("profile", PROFILES)
def test_a_new_profile_is_put_with_a_precondition(lrs: Lrs, profile: str) -> None:
    """3.1: 1.0.3 asks for one always, 2.0 where something would be overwritten."""
    place = PROFILES[profile]()
    answer = place.ask(lrs, "PUT", {"a": 1})
    if lrs.version == "1.0.3":
        assert refused(answer, 400)["detail"]
        assert place.content(lrs) is None
        place.create(lrs, {"a": 1})
    else:
        assert answer.status_code == 204, told(answer)
    again = refused(place.ask(lrs, "PUT", {"a": 2}), 409)
    assert again["detail"]
    assert place.content(lrs) == b'{"a": 1}'


def test_the_profile_of_an_agent_says_nothing_of_a_statement(lrs: Lrs) -> None:
    """Documents and Statements are apart: neither makes the other known."""
    place = PROFILES["agent profile"]()
    place.create(lrs, {"a": 1})
    who = place.context["agent"]
    assert lrs.find(agent=who) == []
    lrs.store(a_statement(actor=who))
    assert place.ids(lrs) == ["bookmark"]
    assert place.within(agent=someone()).ids(lrs) == []
