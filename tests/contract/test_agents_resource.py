"""The Agents resource: from an Agent to a Person with its names (2.4)."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from lrs.access import Scope
from tests.builders import a_statement, a_void
from tests.conftest import Client
from tests.contract.activity_requests import (
    AGENTS,
    VERSIONS,
    agent_answer,
    an_agent,
    by,
    person_of,
)
from tests.contract.answers import Enter, post, problem

READ_ALL = (Scope.ALL, Scope.ALL_READ, Scope.STATEMENTS_READ)
READ_NONE = (Scope.DEFINE, Scope.STATE, Scope.PROFILE)


def unique() -> str:
    return uuid.uuid4().hex


def ifis() -> dict[str, dict[str, Any]]:
    return {
        "mbox": {"mbox": f"mailto:{unique()}@example.com"},
        "mbox_sha1sum": {"mbox_sha1sum": f"{unique()}00000000"},
        "openid": {"openid": f"https://id.example.com/{unique()}"},
        "account": {"account": {"homePage": "https://hr.example", "name": unique()}},
    }


IFIS = ("mbox", "mbox_sha1sum", "openid", "account")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("ifi", IFIS)
def test_a_person_has_the_identifier_and_the_names(
    shared: Client, ifi: str, version: str
) -> None:
    agent = ifis()[ifi]
    for name in ("Ann", "Ann Archer"):
        post(shared, by({**agent, "name": name}))
    answer = agent_answer(shared, agent, X_Experience_API_Version=version)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {
        "objectType": "Person",
        "name": ["Ann Archer", "Ann"],
        ifi: [agent[ifi]],
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("ifi", IFIS)
def test_an_unknown_agent_is_a_person_all_the_same(
    shared: Client, ifi: str, version: str
) -> None:
    agent = ifis()[ifi]
    answer = agent_answer(shared, agent, X_Experience_API_Version=version)
    assert answer.status_code == 200
    assert answer.json == {"objectType": "Person", ifi: [agent[ifi]]}


def test_the_name_that_is_asked_with_comes_last_and_once(shared: Client) -> None:
    agent = an_agent()
    post(shared, by({**agent, "name": "Ann"}))
    asked = {**agent, "objectType": "Agent", "name": "Annie"}
    assert person_of(shared, asked)["name"] == ["Ann", "Annie"]
    assert person_of(shared, {**agent, "name": "Ann"})["name"] == ["Ann"]
    assert person_of(shared, an_agent(name="Nobody"))["name"] == ["Nobody"]
    assert "name" not in person_of(shared, an_agent(name=""))


def test_names_come_from_wherever_the_agent_stands(fresh: Client) -> None:
    agent = an_agent()
    places = iter("abcdefg")

    def known() -> dict[str, Any]:
        return {**agent, "name": next(places)}

    group = {"objectType": "Group", "name": "Crew", "member": [known()]}
    inner = {
        **by(known(), with_id=False),
        "objectType": "SubStatement",
        "context": {"instructor": known()},
    }
    post(fresh, by(group))
    post(fresh, a_statement(object={"objectType": "Agent", **known()}))
    post(fresh, a_statement(object={"objectType": "Group", "member": [known()]}))
    post(fresh, a_statement(object=inner))
    team = {"objectType": "Group", "mbox": "mailto:t@e.example", "member": [known()]}
    post(fresh, a_statement(context={"team": team}))
    related = {"objectType": "contextAgent", "agent": known(), "relevantTypes": ["a:b"]}
    post(fresh, a_statement(context={"contextAgents": [related]}), version="2.0.0")
    assert sorted(person_of(fresh, agent)["name"]) == list("abcdefg")


def test_names_of_others_and_of_groups_are_left_out(shared: Client) -> None:
    agent = an_agent()
    group = {"objectType": "Group", "name": "Crew", **agent}
    beside = {"objectType": "Group", "member": [agent, an_agent(name="Bob")]}
    post(shared, by(group), by(beside))
    post(shared, by({**agent, "name": ""}))
    assert "name" not in person_of(shared, agent)


def test_names_of_voided_statements_are_left_out(shared: Client) -> None:
    agent = an_agent()
    statement = by({**agent, "name": "Wrong"})
    post(shared, statement)
    post(shared, {**a_void(statement["id"]), "actor": {**agent, "name": "Right"}})
    assert person_of(shared, agent)["name"] == ["Right"]


def test_identifiers_are_equal_as_in_queries(shared: Client) -> None:
    name = unique()
    post(shared, by({"mbox": f"mailto:{name}@EXAMPLE.com", "name": "A"}))
    post(shared, by({"mbox": f"mailto:{name}@example.com", "name": "B"}))
    other = {"mbox": f"mailto:{name.upper()}@example.com", "name": "C"}
    post(shared, by(other))
    asked = {"mbox": f"mailto:{name}@Example.com"}
    assert person_of(shared, asked) == {
        "objectType": "Person",
        "name": ["B", "A"],
        "mbox": [asked["mbox"]],
    }


def test_only_the_latest_statements_are_looked_at(fresh: Client) -> None:
    agent = an_agent()
    post(fresh, by({**agent, "name": "Old"}))
    post(fresh, *(by({**agent, "name": "New"}) for _ in range(100)))
    assert person_of(fresh, agent)["name"] == ["New"]


@pytest.mark.parametrize(
    "name", ["\u0000", "Zoë 😀", " Ann ", "$name", '"', "1.10", "\u202eddA", "x" * 9999]
)
def test_unusual_names_are_kept(shared: Client, name: str) -> None:
    agent = an_agent()
    post(shared, by({**agent, "name": name}))
    assert person_of(shared, agent)["name"] == [name]


def test_numbers_beside_a_name_do_no_harm(shared: Client) -> None:
    agent = an_agent()
    statement = by({**agent, "name": "Ann"}, result={"extensions": {}})
    body = json.dumps(statement).replace(
        '"extensions": {}',
        f'"extensions": {{"http://a.example": [1E400, {"9" * 400}]}}',
    )
    sent = shared.post("/xapi/statements", data=body, content_type="application/json")
    assert sent.status_code == 200
    assert person_of(shared, agent)["name"] == ["Ann"]


MBOX = quote(json.dumps({"mbox": "mailto:ann@example.com"}))
WRONG = [
    *("", "agent=", "agent=ann", "agent={}", "agent=[]", "agent=null", "agent=1"),
    f"agent={MBOX}&agent={MBOX}",
    f"agent={MBOX}&x=y",
    f"agent={MBOX}&activityId=http://a.example",
    f"Agent={MBOX}",
    f"agent={MBOX[:-3]}",
    "agent=%FF",
]
NO_AGENTS: list[dict[str, Any]] = [
    {"name": "Ann"},
    {"mbox": "ann@example.com"},
    {"mbox": None},
    {"mbox": "mailto:a@e.example", "openid": "https://id.example.com/a"},
    {"mbox": "mailto:a@e.example", "x": 1},
    {"mbox": "mailto:a@e.example", "name": 1},
    {"account": {"name": "a"}},
    {"account": {"homePage": "hr", "name": "a"}},
    {"mbox_sha1sum": "abc"},
    {"objectType": "Group", "mbox": "mailto:a@e.example"},
    {"objectType": "Group", "member": [{"mbox": "mailto:a@e.example"}]},
    {"objectType": "Person", "mbox": ["mailto:a@e.example"]},
    {"objectType": "agent", "mbox": "mailto:a@e.example"},
]


@pytest.mark.parametrize(
    "query", [*WRONG, *(f"agent={quote(json.dumps(item))}" for item in NO_AGENTS)]
)
@pytest.mark.parametrize("version", VERSIONS)
def test_parameters_are_strict(shared: Client, query: str, version: str) -> None:
    headers = {"X-Experience-API-Version": version}
    problem(shared.get(f"{AGENTS}?{query}", headers=headers), 400)


def test_an_agent_written_in_odd_json_is_refused(shared: Client) -> None:
    for text in (
        '{"mbox":"mailto:a@e.example","mbox":"mailto:b@e.example"}',
        '{"mbox":"mailto:a@e.example","name":"\\ud800"}',
        '{"mbox":"mailto:a@e.example","name":NaN}',
        "[" * 3000,
        '{"mbox":"mailto:a@e.example"} x',
        json.dumps({"mbox": "mailto:a@e.example", "name": "x" * (1 << 20)}),
    ):
        assert "agent" in problem(agent_answer(shared, text), 400)["detail"]


@pytest.mark.parametrize("method", ["put", "post", "delete"])
def test_it_is_for_reading_only(shared: Client, method: str) -> None:
    answer = agent_answer(shared, an_agent(), method)
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_head_and_etag(shared: Client) -> None:
    agent = an_agent()
    got, head = (agent_answer(shared, agent, how) for how in ("get", "head"))
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == got.headers[name]
    etag = got.headers["ETag"]
    assert agent_answer(shared, agent, If_None_Match=etag).status_code == 304
    post(shared, by({**agent, "name": "Ann"}))
    assert agent_answer(shared, agent, If_None_Match=etag).status_code == 200


# -- who learns names (4.2) ------------------------------------------------------------


@pytest.mark.parametrize("scope", [*READ_ALL, Scope.STATEMENTS_READ_MINE, *READ_NONE])
def test_names_are_told_as_far_as_statements_may_be_read(
    enter: Enter, scope: Scope
) -> None:
    tenant, agent = f"t{unique()[:12]}", an_agent()
    one, other = enter(tenant, Scope.STATEMENTS_WRITE, scope), enter(tenant)
    post(one, by({**agent, "name": "Mine"}))
    post(other, by({**agent, "name": "Theirs"}))
    told = {wide: ["Theirs", "Mine"] for wide in READ_ALL}
    told[Scope.STATEMENTS_READ_MINE] = ["Mine"]
    assert person_of(one, agent).get("name") == told.get(scope)
    assert person_of(one, agent)["mbox"] == [agent["mbox"]]


def test_who_reads_own_statements_only_cannot_learn_names_by_asking_with_one(
    enter: Enter,
) -> None:
    tenant, agent = f"t{unique()[:12]}", an_agent()
    post(enter(tenant), by({**agent, "name": "Secret"}))
    reader = enter(tenant, Scope.STATEMENTS_READ_MINE)
    assert person_of(reader, {**agent, "name": "Guess"})["name"] == ["Guess"]
    assert person_of(reader, {**agent, "name": "Secret"})["name"] == ["Secret"]


@pytest.mark.parametrize("scope", [Scope.STATEMENTS_WRITE, Scope.REPORTS_READ])
def test_who_reads_nothing_is_refused(enter: Enter, scope: Scope) -> None:
    problem(agent_answer(enter("scopes-of-agents", scope), an_agent()), 403)
