"""xAPI-Data 2.4.2: Agents, Groups and their identifiers, wherever one may stand.

XAPI-00031, XAPI-00032 (objectType), XAPI-00033 (name), XAPI-00034 (one IFI),
XAPI-00035, XAPI-00036 (members), XAPI-00037 (identified Groups), XAPI-00038 (mbox),
XAPI-00039 (mbox_sha1sum), XAPI-00040 (openid), XAPI-00041 to XAPI-00043 (account).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.caller import Lrs, violations
from tests.conformance.full_statement import (
    AGENTS,
    ANONYMOUS,
    HOME,
    IFIS,
    MEMBERS,
    a_statement,
    a_substatement,
)

Json = dict[str, Any]
Put = Callable[[Json], Json]

# Where an Agent may stand; a Group too, but where GROUPS_ONLY or AGENTS_ONLY says so.
PLACES: dict[str, Put] = {
    "actor": lambda who: {"actor": who},
    "object": lambda who: {"object": who},
    "instructor": lambda who: {"context": {"instructor": who}},
    "team": lambda who: {"context": {"team": who}},
    "member": lambda who: {"actor": {"objectType": "Group", "member": [who]}},
    "authority": lambda who: {"authority": who},
    "contextAgents": lambda who: {
        "context": {"contextAgents": [{"objectType": "contextAgent", "agent": who}]}
    },
    "contextGroups": lambda who: {
        "context": {"contextGroups": [{"objectType": "contextGroup", "group": who}]}
    },
}
AGENTS_ONLY = {"member", "authority", "contextAgents"}
GROUPS_ONLY = {"team", "contextGroups"}
OF_2_0 = {"contextAgents", "contextGroups"}


def _places(version: str, group: bool) -> list[tuple[str, Put]]:
    """Return every place for an Agent or a Group, those of SubStatements too."""
    without = AGENTS_ONLY if group else GROUPS_ONLY
    found = []
    for name, place in PLACES.items():
        if name in without or (version == "1.0.3" and name in OF_2_0):
            continue
        found.append((name, place))
        if name != "authority":
            found.append(
                (
                    f"SubStatement {name}",
                    lambda who, at=place: {"object": a_substatement(**at(who))},
                )
            )
    return found


def _judged(version: str, who: Json, *, group: bool) -> dict[str, bool]:
    """Tell at which places the rules accept this Agent or Group."""
    return {
        name: not violations(a_statement(**place(who)), version)
        for name, place in _places(version, group)
    }


PAIRS = {
    f"{one} and {other}": {one: IFIS[one], other: IFIS[other]}
    for one, other in itertools.combinations(IFIS, 2)
}
SINGLE = {name: {name: value} for name, value in IFIS.items()}
BAD_VALUES: dict[str, Json] = {
    "mbox without mailto": {"mbox": "lena@example.org"},
    "mbox that is no address": {"mbox": "mailto:should.fail.com"},
    "mbox of another scheme": {"mbox": "http:lena@example.org"},
    "mbox with a list": {"mbox": "mailto:a@example.org,b@example.org"},
    "mbox with a header": {"mbox": "mailto:a@example.org?subject=x"},
    "mbox number": {"mbox": 123},
    "mbox object": {"mbox": {"key": "value"}},
    "mbox_sha1sum short": {"mbox_sha1sum": "4b9bb8"},
    "mbox_sha1sum of SHA-256": {"mbox_sha1sum": "a" * 64},
    "mbox_sha1sum number": {"mbox_sha1sum": 123},
    "mbox_sha1sum object": {"mbox_sha1sum": {}},
    "openid without scheme": {"openid": "lena.example.org"},
    "openid number": {"openid": 123},
    "openid object": {"openid": {}},
    "account text": {"account": "lena"},
    "account number": {"account": 7},
    "account empty": {"account": {}},
    "account array": {"account": [{"homePage": HOME, "name": "7"}]},
    "account without homePage": {"account": {"name": "7"}},
    "account without name": {"account": {"homePage": HOME}},
    "homePage that is no IRI": {"account": {"homePage": "a=b://c", "name": "7"}},
    "homePage without scheme": {"account": {"homePage": "example.org", "name": "7"}},
    "homePage number": {"account": {"homePage": 1, "name": "7"}},
    "account name object": {"account": {"homePage": HOME, "name": {}}},
    "account name number": {"account": {"homePage": HOME, "name": 7}},
    "account with more": {"account": {"homePage": HOME, "name": "7", "id": "7"}},
    "two, one of them empty": {"mbox": IFIS["mbox"], "openid": ""},
}
BAD_OF_EITHER: dict[str, Json] = {
    **PAIRS,
    **BAD_VALUES,
    "all four": IFIS,
    "name number": {**SINGLE["mbox"], "name": 123},
    "name object": {**SINGLE["mbox"], "name": {"en": "Lena"}},
    "name null": {**SINGLE["mbox"], "name": None},
    "objectType number": {**SINGLE["mbox"], "objectType": 123},
    "objectType object": {**SINGLE["mbox"], "objectType": {}},
    "objectType null": {**SINGLE["mbox"], "objectType": None},
    "objectType agent": {**SINGLE["mbox"], "objectType": "agent"},
    "objectType group": {**SINGLE["mbox"], "objectType": "group"},
    "objectType AGENT": {**SINGLE["mbox"], "objectType": "AGENT"},
    "objectType Person": {**SINGLE["mbox"], "objectType": "Person"},
    "objectType empty": {**SINGLE["mbox"], "objectType": ""},
    "an unknown property": {**SINGLE["mbox"], "email": "lena@example.org"},
    "Mbox": {"Mbox": IFIS["mbox"]},
}


@pytest.mark.parametrize("ifi", SINGLE)
def test_an_agent_has_one_ifi(version: str, ifi: str) -> None:
    """XAPI-00034: any of the four, with name and objectType or without."""
    for extra in ({}, {"name": "Lena"}, {"name": ""}):
        who = {"objectType": "Agent", **SINGLE[ifi], **extra}
        found = _judged(version, who, group=False)
        assert all(found.values()), found
        del who["objectType"]
        found = _judged(version, who, group=False)
        # As an object it would be an Activity (2.4.4.2).
        expected = {name: not name.endswith("object") for name in found}
        assert found == expected


@pytest.mark.parametrize("what", BAD_OF_EITHER)
def test_an_agent_with_this_is_refused_everywhere(version: str, what: str) -> None:
    """XAPI-00031 to XAPI-00034, XAPI-00038, XAPI-00041 to XAPI-00043."""
    found = _judged(
        version, {"objectType": "Agent", **BAD_OF_EITHER[what]}, group=False
    )
    assert not any(found.values()), found


@pytest.mark.parametrize("members", [MEMBERS, [], None], ids=["two", "empty", "none"])
@pytest.mark.parametrize("ifi", SINGLE)
def test_an_identified_group_has_one_ifi_and_any_members(
    version: str, ifi: str, members: list[Json] | None
) -> None:
    """XAPI-00037."""
    who = {"objectType": "Group", **SINGLE[ifi]}
    if members is not None:
        who["member"] = members
    found = _judged(version, who, group=True)
    assert all(found.values()), found


@pytest.mark.parametrize("members", [MEMBERS, [], None], ids=["two", "empty", "none"])
@pytest.mark.parametrize("what", BAD_OF_EITHER)
def test_a_group_with_this_is_refused_everywhere(
    version: str, what: str, members: list[Json] | None
) -> None:
    """XAPI-00037, XAPI-00041: the rules of an Agent's IFI are those of a Group's."""
    who = {"objectType": "Group", **BAD_OF_EITHER[what]}
    if members is not None:
        who["member"] = members
    found = _judged(version, who, group=True)
    assert not any(found.values()), found


BAD_MEMBERS: dict[str, Any] = {
    "none": None,
    "empty": [],
    "an object": MEMBERS[0],
    "text": "lena",
    "number": 1,
    "array of text": ["lena"],
    "array of number": [1],
    "array of null": [None],
    "array in array": [MEMBERS],
    "empty object": [{}],
    "a member without IFI": [*MEMBERS, {"name": "Lena"}],
    "a member with two": [{**SINGLE["mbox"], **SINGLE["openid"]}],
    "a Group": [{"objectType": "Group", "member": MEMBERS}],
    "an identified Group": [{"objectType": "Group", **SINGLE["mbox"]}],
    "a wrong mbox": [*MEMBERS, {"mbox": "x"}],
}


@pytest.mark.parametrize("what", BAD_MEMBERS)
def test_an_anonymous_group_lists_agents(version: str, what: str) -> None:
    """XAPI-00035, XAPI-00036."""
    good = _judged(version, ANONYMOUS, group=True)
    assert all(good.values()), good
    bad = {"objectType": "Group"}
    if what != "none":
        bad["member"] = BAD_MEMBERS[what]
    found = _judged(version, bad, group=True)
    assert not any(found.values()), found


@pytest.mark.parametrize(
    "what", [key for key in BAD_MEMBERS if key not in ("none", "empty")]
)
def test_members_of_an_identified_group_are_agents_too(version: str, what: str) -> None:
    """XAPI-00036."""
    who = {"objectType": "Group", **SINGLE["account"], "member": BAD_MEMBERS[what]}
    found = _judged(version, who, group=True)
    assert not any(found.values()), found


def test_an_agent_has_no_members(version: str) -> None:
    who = {"objectType": "Agent", **SINGLE["mbox"], "member": MEMBERS}
    assert not any(_judged(version, who, group=False).values())


def test_a_group_says_so(version: str) -> None:
    """Without objectType it would be an Agent, which has no members."""
    who = {"name": "Visitors", "member": MEMBERS}
    assert not any(_judged(version, who, group=True).values())


@pytest.mark.parametrize("place", sorted(AGENTS_ONLY))
def test_no_group_stands_where_an_agent_is_asked_for(version: str, place: str) -> None:
    who = {"objectType": "Group", **SINGLE["mbox"], "member": MEMBERS}
    assert violations(a_statement(**PLACES[place](who)), version)


@pytest.mark.parametrize("place", sorted(GROUPS_ONLY))
@pytest.mark.parametrize("who", AGENTS)
def test_no_agent_stands_where_a_group_is_asked_for(
    version: str, place: str, who: str
) -> None:
    assert violations(a_statement(**PLACES[place](AGENTS[who])), version)


OVER_HTTP: dict[str, tuple[Json, int]] = {
    **{name: (who, 200) for name, who in SINGLE.items()},
    "Agent that says so": (AGENTS["Agent by openid"], 200),
    "anonymous Group": (ANONYMOUS, 200),
    "identified Group": ({"objectType": "Group", **SINGLE["account"]}, 200),
    "nobody": ({}, 400),
    "no IFI": ({"objectType": "Agent", "name": "Lena"}, 400),
    "Group without members": ({"objectType": "Group"}, 400),
    **{name: (who, 400) for name, who in BAD_OF_EITHER.items()},
}


@pytest.mark.parametrize(("who", "status"), OVER_HTTP.values(), ids=OVER_HTTP.keys())
def test_the_actor_is_judged_over_http(lrs: Lrs, who: Json, status: int) -> None:
    lrs.takes(a_statement(actor=who), status)


@pytest.mark.parametrize("name", [*AGENTS])
def test_whoever_is_stored_is_found_by_the_ifi(lrs: Lrs, name: str) -> None:
    statement = a_statement(actor=AGENTS[name])
    lrs.store(statement)
    ifi = {key: value for key, value in AGENTS[name].items() if key in IFIS}
    assert statement["id"] in lrs.find_ids(agent=ifi)
