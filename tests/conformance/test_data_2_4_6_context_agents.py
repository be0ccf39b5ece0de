"""xAPI 2.0 (IEEE 9274.1.1) 4.2.2.5: contextAgents and contextGroups.

1.0.3 does not know them: there they are unknown properties, and refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.conftest import ONLY_2_0
from tests.conformance.full_statement import (
    AGENTS,
    ANONYMOUS,
    GROUPS,
    IDENTIFIED,
    a_statement,
    a_substatement,
    someone,
)

LENA = AGENTS["Agent by openid"]
SHIFT = IDENTIFIED["Group by account"]
ROLE = "http://roles.example.org/tutor"


def _agent(**changes: Any) -> Any:
    item = {"objectType": "contextAgent", "agent": LENA, "relevantTypes": [ROLE]}
    changed = {**item, **changes}
    return {name: value for name, value in changed.items() if value != "left out"}


def _group(**changes: Any) -> Any:
    item = {"objectType": "contextGroup", "group": SHIFT, "relevantTypes": [ROLE]}
    changed = {**item, **changes}
    return {name: value for name, value in changed.items() if value != "left out"}


LISTS: dict[str, tuple[Any, int]] = {
    "null": (None, 400),
    "text": ("should fail", 400),
    "empty list": ([], 200),
    "array of text": (["lena"], 400),
    "array of null": ([None], 400),
    "empty object in it": ([{}], 400),
}
EITHER: dict[str, tuple[dict[str, Any], int]] = {
    "all": ({}, 200),
    "relevantTypes left out": ({"relevantTypes": "left out"}, 200),
    "two relevantTypes": ({"relevantTypes": [ROLE, "x:y"]}, 200),
    "relevantTypes empty": ({"relevantTypes": []}, 400),
    "relevantTypes text": ({"relevantTypes": ROLE}, 400),
    "relevantTypes null": ({"relevantTypes": None}, 400),
    "relevantTypes of no IRI": ({"relevantTypes": ["abc"]}, 400),
    "relevantTypes of numbers": ({"relevantTypes": [1]}, 400),
    "objectType left out": ({"objectType": "left out"}, 400),
    "objectType null": ({"objectType": None}, 400),
    "objectType number": ({"objectType": 1}, 400),
    "objectType other": ({"objectType": "Should fail"}, 400),
    "objectType ContextAgent": ({"objectType": "ContextAgent"}, 400),
    "objectType contextgroup": ({"objectType": "contextgroup"}, 400),
    "objectType Agent": ({"objectType": "Agent"}, 400),
    "objectType Group": ({"objectType": "Group"}, 400),
    "an unknown property": ({"role": ROLE}, 400),
    "RelevantTypes": ({"RelevantTypes": [ROLE]}, 400),
}
OF_AGENTS: dict[str, tuple[dict[str, Any], int]] = {
    **{name: ({"agent": who}, 200) for name, who in AGENTS.items()},
    "no agent": ({"agent": "left out"}, 400),
    "agent null": ({"agent": None}, 400),
    "agent text": ({"agent": "lena"}, 400),
    "agent other object": ({"agent": {"key": "should fail"}}, 400),
    "agent without IFI": ({"agent": {"name": "Lena"}}, 400),
    "agent Group": ({"agent": SHIFT}, 400),
    "agents": ({"agent": [LENA]}, 400),
    "contextGroup": ({"objectType": "contextGroup"}, 400),
    "a group beside": ({"group": SHIFT}, 400),
}
OF_GROUPS: dict[str, tuple[dict[str, Any], int]] = {
    **{name: ({"group": who}, 200) for name, who in GROUPS.items()},
    "no group": ({"group": "left out"}, 400),
    "group null": ({"group": None}, 400),
    "group text": ({"group": "night"}, 400),
    "group other object": ({"group": {"key": "should fail"}}, 400),
    "group Agent": ({"group": LENA}, 400),
    "group that does not say so": ({"group": {"mbox": "mailto:a@b.c"}}, 400),
    "group without members": ({"group": {"objectType": "Group"}}, 400),
    "contextAgent": ({"objectType": "contextAgent"}, 400),
    "an agent beside": ({"agent": LENA}, 400),
}
ROWS = {
    **{
        f"contextAgents: {what}": ({"contextAgents": value}, status)
        for what, (value, status) in LISTS.items()
    },
    **{
        f"contextGroups: {what}": ({"contextGroups": value}, status)
        for what, (value, status) in LISTS.items()
    },
    **{
        f"contextAgents: {what}": ({"contextAgents": [_agent(**changes)]}, status)
        for what, (changes, status) in (EITHER | OF_AGENTS).items()
    },
    **{
        f"contextGroups: {what}": ({"contextGroups": [_group(**changes)]}, status)
        for what, (changes, status) in (EITHER | OF_GROUPS).items()
    },
    "contextAgents: one alone": ({"contextAgents": _agent()}, 400),
    "contextGroups: one alone": ({"contextGroups": _group()}, 400),
    "a good and a bad one": ({"contextAgents": [_agent(), {"agent": LENA}]}, 400),
    "beside instructor and team": (
        {
            "contextAgents": [_agent()],
            "contextGroups": [_group()],
            "instructor": LENA,
            "team": ANONYMOUS,
        },
        200,
    ),
    "contextagents": ({"contextagents": [_agent()]}, 400),
}


@pytest.mark.parametrize(("context", "status"), ROWS.values(), ids=ROWS.keys())
def test_context_agents_and_groups_are_judged_in_2_0(
    lrs: Lrs, context: Any, status: int
) -> None:
    expected = status if lrs.version == "2.0.0" else 400
    lrs.takes(a_statement(context=context), expected)
    lrs.takes(a_statement(object=a_substatement(context=context)), expected)


@ONLY_2_0
def test_context_agents_and_groups_are_returned_as_they_were_sent(lrs: Lrs) -> None:
    context = {"contextAgents": [_agent()], "contextGroups": [_group()]}
    [found] = lrs.store(a_statement(context=context))
    assert lrs.read(found)["context"] == context


@ONLY_2_0
@pytest.mark.parametrize("name", ["contextAgents", "contextGroups"])
def test_whoever_is_in_them_is_related(lrs: Lrs, name: str) -> None:
    """related_agents finds them; without it only the actor and the object are found."""
    who = someone()
    item = (
        _agent(agent=who)
        if name == "contextAgents"
        else _group(group={"objectType": "Group", "member": [who]})
    )
    one, other = lrs.store(
        a_statement(context={name: [item]}),
        a_statement(object=a_substatement(context={name: [item]})),
    )
    assert lrs.find_ids(agent=who) == []
    found = lrs.find_ids(agent=who, related_agents="true")
    assert one in found
    assert other in found
