"""xAPI-Communication 2.4: the Agents resource, and the Person that it returns.

XAPI-00236, XAPI-00245, XAPI-00248 (GET), XAPI-00237 to XAPI-00242, XAPI-00244 (Person:
XAPI-00238 name, XAPI-00239 mbox, XAPI-00240 mbox_sha1sum, XAPI-00241 openid),
XAPI-00243 (agent is required), XAPI-00249 (and an Agent).
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.caller import JSON, Lrs, refused, told
from tests.conformance.full_statement import (
    HOME,
    a_statement,
    a_substatement,
    someone,
)

LISTS = ("name", "mbox", "mbox_sha1sum", "openid", "account")


def _of_each_kind() -> dict[str, dict[str, Any]]:
    mark = uuid.uuid4().hex
    return {
        "mbox": {"mbox": f"mailto:{mark}@example.org"},
        "mbox_sha1sum": {"mbox_sha1sum": (mark * 2)[:40]},
        "openid": {"openid": f"http://{mark}.example.org/"},
        "account": {"account": {"homePage": HOME, "name": mark}},
    }


def _person(lrs: Lrs, agent: Any) -> dict[str, Any]:
    answer = lrs.ask("GET", "agents", agent=agent)
    assert answer.status_code == 200, told(answer)
    assert answer.headers["Content-Type"] == JSON
    person: dict[str, Any] = answer.json
    assert person["objectType"] == "Person"
    assert set(person) <= {"objectType", *LISTS}
    return person


@pytest.mark.parametrize("ifi", LISTS[1:])
def test_a_person_has_lists(lrs: Lrs, ifi: str) -> None:
    """XAPI-00236 to XAPI-00242, XAPI-00244, XAPI-00245, XAPI-00248."""
    who = _of_each_kind()[ifi]
    lrs.store(a_statement(actor={**who, "name": "Lena"}))
    person = _person(lrs, who)
    assert person["name"] == ["Lena"]
    assert person[ifi] == [who[ifi]]
    for name in set(LISTS) & set(person):
        assert isinstance(person[name], list)


def test_a_person_has_all_the_names_that_were_sent(lrs: Lrs) -> None:
    """XAPI-00238, XAPI-00248."""
    who = someone()
    for name in ("Lena", "Lena Fuchs", "Lena"):
        lrs.store(a_statement(actor={**who, "name": name}))
    assert sorted(_person(lrs, who)["name"]) == ["Lena", "Lena Fuchs"]


@pytest.mark.parametrize("ifi", LISTS[1:])
def test_whoever_is_not_known_is_a_person_too(lrs: Lrs, ifi: str) -> None:
    """XAPI-00236: of what was asked, and no more."""
    who = _of_each_kind()[ifi]
    person = _person(lrs, {**who, "name": "Asked"})
    assert person[ifi] == [who[ifi]]


def test_an_agent_is_known_wherever_it_stood(lrs: Lrs) -> None:
    for place in (
        lambda who: {"object": {"objectType": "Agent", **who}},
        lambda who: {"context": {"instructor": who}},
        lambda who: {"actor": {"objectType": "Group", "member": [who]}},
        lambda who: {"object": a_substatement(actor=who)},
    ):
        who = someone()
        lrs.store(a_statement(**place({**who, "name": "Lena"})))
        assert _person(lrs, who)["name"] == ["Lena"]


def test_nobody_else_is_in_a_person(lrs: Lrs) -> None:
    who, other = someone(), someone()
    lrs.store(a_statement(actor={**who, "name": "Lena"}))
    lrs.store(a_statement(actor={**other, "name": "Omar"}))
    assert _person(lrs, who)["mbox"] == [who["mbox"]]
    assert _person(lrs, who)["name"] == ["Lena"]


def test_the_agent_is_required(lrs: Lrs) -> None:
    """XAPI-00243."""
    refused(lrs.ask("GET", "agents"), 400)


@pytest.mark.parametrize(
    "agent",
    [
        "lena",
        "{",
        "",
        "[]",
        "null",
        "{}",
        '{"objectType":"Agent"}',
        '{"name":"Lena"}',
        '{"mbox":"lena@example.org"}',
        '{"mbox":"mailto:a@b.c","openid":"http://x.y/"}',
        '{"mbox":"mailto:a@b.c","mbox":"mailto:a@b.c"}',
        '{"objectType":"agent","mbox":"mailto:a@b.c"}',
        '{"objectType":"Person","mbox":["mailto:a@b.c"]}',
        '{"objectType":"Group","member":[{"mbox":"mailto:a@b.c"}]}',
        '{"account":{"name":"7"}}',
        '{"account":{"homePage":"no scheme","name":"7"}}',
        '{"mbox":"mailto:a@b.c","unknown":1}',
    ],
)
def test_what_is_no_agent_is_refused(lrs: Lrs, agent: str) -> None:
    """XAPI-00249."""
    refused(lrs.ask("GET", "agents", agent=agent), 400)


def test_a_parameter_that_is_not_known_is_refused(lrs: Lrs) -> None:
    refused(lrs.ask("GET", "agents", agent=someone(), limit="1"), 400)
    refused(lrs.ask("GET", "agents", Agent=someone()), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_agents_are_read_only(lrs: Lrs, method: str) -> None:
    refused(lrs.ask(method, "agents", {}, agent=someone()), 405)
