"""GET statements: what each parameter selects, and all of them together."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.builders import COMPLETED, PASSED, a_statement
from tests.conftest import Client
from tests.contract.answers import ask, one, page, post, problem

MBOX = {"mbox": "mailto:Ann.B@Example.com"}
SHA1 = {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"}
OPENID = {"openid": "https://id.example.com/ann?x=1"}
ACCOUNT = {"account": {"homePage": "https://hr.example.com/", "name": "ann\0 b ü"}}
IFIS = [MBOX, SHA1, OPENID, ACCOUNT]
COURSE, BOOK = "https://a.example.com/course", "https://a.example.com/book#ü"
REGISTRATION = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"
REF = {"objectType": "StatementRef", "id": str(uuid.uuid4())}


@pytest.mark.parametrize("ifi", IFIS)
def test_agent_finds_actors_and_objects_by_each_ifi(fresh: Client, ifi: Any) -> None:
    done = a_statement(actor="other@x.example")
    agent = {"objectType": "Agent", "name": "A", **ifi}
    about = a_statement(object=agent)
    by = a_statement() | {"actor": {"name": "Someone", **ifi}}
    post(fresh, done, about, by)
    assert page(fresh, agent=agent) == [by["id"], about["id"]]
    for other in IFIS:
        if other != ifi:
            assert page(fresh, agent=other) == []


def test_agent_ignores_the_letter_case_of_domains_and_digests_only(
    fresh: Client,
) -> None:
    by = [a_statement() | {"actor": ifi} for ifi in (MBOX, SHA1)]
    post(fresh, *by)
    assert page(fresh, agent={"mbox": "mailto:Ann.B@EXAMPLE.com"}) == [by[0]["id"]]
    assert page(fresh, agent={"mbox": "mailto:ann.b@example.com"}) == []
    upper = {"mbox_sha1sum": SHA1["mbox_sha1sum"].upper()}
    assert page(fresh, agent=upper) == [by[1]["id"]]


def test_agent_finds_groups_by_their_ifi_and_by_their_members(fresh: Client) -> None:
    group = {"objectType": "Group", **OPENID, "member": [MBOX]}
    anonymous = {"objectType": "Group", "member": [ACCOUNT, MBOX]}
    first, second = a_statement(), a_statement(object=anonymous)
    first["actor"] = group
    post(fresh, first, second)
    both = [second["id"], first["id"]]
    assert page(fresh, agent={"objectType": "Group", **OPENID}) == [first["id"]]
    assert page(fresh, agent=MBOX) == both
    assert page(fresh, agent=ACCOUNT) == [second["id"]]


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"mailto:a@b.example"',
        {},
        {"name": "Ann"},
        {**MBOX, **OPENID},
        {"mbox": "ann@example.com"},
        {"mbox": None},
        {"account": {"homePage": "https://hr.example.com/"}},
        {"objectType": "Group", "member": [MBOX]},
        {"objectType": "agent", **MBOX},
        {"objectType": ["Agent"], **MBOX},
        {"Mbox": "mailto:ann@example.com"},
        '{"mbox":"mailto:a@b.example","mbox":"mailto:a@b.example"}',
    ],
)
def test_agent_must_be_an_identified_agent_or_group(shared: Client, agent: Any) -> None:
    problem(ask(shared, agent=agent), 400)


def test_verb_activity_and_registration_select(fresh: Client) -> None:
    first = a_statement(verb=PASSED, activity=COURSE)
    second = a_statement(
        verb=COMPLETED, activity=BOOK, context={"registration": REGISTRATION.upper()}
    )
    post(fresh, first, second)
    assert page(fresh, verb=PASSED) == [first["id"]]
    assert page(fresh, verb=COMPLETED) == [second["id"]]
    assert page(fresh, verb=PASSED.upper()) == []
    assert page(fresh, activity=COURSE) == [first["id"]]
    assert page(fresh, activity=BOOK) == [second["id"]]
    assert page(fresh, registration=REGISTRATION) == [second["id"]]
    assert page(fresh, registration=REGISTRATION.upper()) == [second["id"]]
    assert page(fresh, registration=str(uuid.uuid4())) == []


PLACES: dict[str, Any] = {
    "instructor": {"context": {"instructor": MBOX}},
    "team": {"context": {"team": {"objectType": "Group", "member": [MBOX]}}},
    "SubStatement's actor": {
        "object": {**a_statement(with_id=False), "objectType": "SubStatement"}
        | {"actor": MBOX}
    },
    "SubStatement's object": {
        "object": {
            **a_statement(with_id=False, object={"objectType": "Agent", **MBOX}),
            "objectType": "SubStatement",
        }
    },
    "SubStatement's instructor": {
        "object": {
            **a_statement(with_id=False, context={"instructor": MBOX}),
            "objectType": "SubStatement",
        }
    },
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_related_agents_looks_into_every_place(fresh: Client, place: Any) -> None:
    around, plain = a_statement(**place), a_statement()
    post(fresh, around, plain)
    assert page(fresh, agent=MBOX) == []
    assert page(fresh, agent=MBOX, related_agents="false") == []
    assert page(fresh, agent=MBOX, related_agents="true") == [around["id"]]


def test_related_agents_looks_at_the_authority(fresh: Client) -> None:
    made = post(fresh, a_statement()).json
    authority = one(fresh, made[0]).json["authority"]
    assert page(fresh, agent=authority, related_agents="true") == made
    assert page(fresh, agent=authority) == []


@pytest.mark.parametrize("kind", ["parent", "grouping", "category", "other"])
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("lone", [False, True])
def test_related_activities_looks_into_the_context(
    fresh: Client, kind: str, *, inside: bool, lone: bool
) -> None:
    listed = {"id": BOOK} if lone else [{"id": COURSE}, {"id": BOOK}]
    around = a_statement(context={"contextActivities": {kind: listed}})
    if inside:
        del around["id"]
        around = a_statement(object={**around, "objectType": "SubStatement"})
    post(fresh, around, a_statement())
    assert page(fresh, activity=BOOK) == []
    assert page(fresh, activity=BOOK, related_activities="true") == [around["id"]]
    found = one(fresh, around["id"]).json
    context = (found["object"] if inside else found)["context"]
    assert isinstance(context["contextActivities"][kind], list)


def test_related_activities_looks_at_the_object_of_a_substatement(
    fresh: Client,
) -> None:
    inner = {**a_statement(with_id=False, activity=BOOK), "objectType": "SubStatement"}
    post(fresh, around := a_statement(object=inner))
    assert page(fresh, activity=BOOK) == []
    assert page(fresh, activity=BOOK, related_activities="true") == [around["id"]]


def test_since_is_exclusive_and_until_inclusive(fresh: Client) -> None:
    ids = post(fresh, *(a_statement() for _ in range(4))).json
    stored = [one(fresh, item).json["stored"] for item in ids]
    assert page(fresh, since=stored[1]) == [ids[3], ids[2]]
    assert page(fresh, until=stored[1]) == [ids[1], ids[0]]
    assert page(fresh, since=stored[0], until=stored[2]) == [ids[2], ids[1]]
    assert page(fresh, since=stored[2], until=stored[0]) == []


def test_since_and_until_are_instants_in_any_offset(fresh: Client) -> None:
    ids = post(fresh, a_statement(timestamp="2001-01-01T00:00:00Z")).json
    assert page(fresh, since="2001-01-01T00:00:00+14:00") == ids
    assert page(fresh, until="2001-01-01T00:00:00Z") == []
    assert page(fresh, until="9999-12-31T23:59:59.999999-14:00") == ids
    assert page(fresh, since="0001-01-01T00:00:00+14:00") == ids


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "now",
        "2020",
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-02-30T00:00:00Z",
        "0",
    ],
)
def test_times_must_be_timestamps_with_an_offset(
    shared: Client, name: str, value: str
) -> None:
    problem(ask(shared, **{name: value}), 400)


def test_parameters_together_select_what_meets_all(fresh: Client) -> None:
    wanted = a_statement(
        verb=COMPLETED,
        activity=COURSE,
        context={
            "registration": REGISTRATION,
            "instructor": OPENID,
            "contextActivities": {"parent": [{"id": BOOK}]},
        },
    )
    near = []
    for change in (
        {"verb": {"id": PASSED}},
        {"context": {"instructor": OPENID, "registration": REGISTRATION}},
        {"context": {**wanted["context"], "registration": str(uuid.uuid4())}},
        {"context": {**wanted["context"], "instructor": MBOX}},
    ):
        near.append(wanted | change | {"id": str(uuid.uuid4())})
    before = post(fresh, a_statement()).json[0]
    post(fresh, wanted, *near)
    found = page(
        fresh,
        agent=OPENID,
        related_agents="true",
        activity=BOOK,
        related_activities="true",
        verb=COMPLETED,
        registration=REGISTRATION,
        since=one(fresh, before).json["stored"],
        until=one(fresh, near[-1]["id"]).json["stored"],
        limit="10",
        ascending="true",
    )
    assert found == [wanted["id"]]


def test_a_statement_that_refers_to_a_match_is_a_match(fresh: Client) -> None:
    target = a_statement(actor="ben@x.example")
    ref = {"objectType": "StatementRef", "id": target["id"]}
    about = a_statement(verb="http://example.com/confirmed", object=ref)
    post(fresh, target)
    post(fresh, about)
    agent = {"mbox": "mailto:ben@x.example"}
    assert page(fresh, agent=agent) == [about["id"], target["id"]]
