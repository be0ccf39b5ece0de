"""The State resource (xAPI-Communication 2.3): contexts, registrations, deletion."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.document_requests import (
    VERSIONS,
    a_state,
    an_activity,
    an_agent,
    create,
    delete,
    each_version,
    etag,
    get,
    ids,
    post,
    put,
)


def a_registration() -> str:
    return str(uuid.uuid4())


def test_put_needs_no_precondition_in_1_0_3(shared: Client) -> None:
    at = a_state()
    for body in (b'{"a":1}', b'{"b":2}', b"[]"):
        assert put(shared, at, body).status_code == 204
        assert get(shared, at).data == body


def test_put_over_a_state_without_precondition_is_a_conflict_in_2_0(
    shared: Client,
) -> None:
    at = a_state()
    assert put(shared, at, b'{"a":1}', version="2.0.0").status_code == 204
    found = problem(put(shared, at, b'{"b":2}', version="2.0.0"), 409)
    assert "If-Match" in found["detail"]
    assert get(shared, at).data == b'{"a":1}'
    tag = etag(b'{"a":1}')
    done = put(shared, at, b'{"b":2}', version="2.0.0", If_Match=tag)
    assert done.status_code == 204
    assert get(shared, at).data == b'{"b":2}'


@pytest.mark.parametrize("writing", VERSIONS)
@pytest.mark.parametrize("reading", VERSIONS)
def test_both_versions_see_the_same_states(
    shared: Client, writing: str, reading: str
) -> None:
    at = a_state(registration=a_registration())
    assert post(shared, at, b'{"a":1}', version=writing).status_code == 204
    assert get(shared, at, version=reading).data == b'{"a":1}'
    assert ids(shared, at, version=reading) == ["bookmark"]
    assert delete(shared, at, version=reading).status_code == 204
    problem(get(shared, at, version=writing), 404)


@each_version
def test_a_state_belongs_to_activity_agent_and_registration(
    shared: Client, version: str
) -> None:
    at = a_state(registration=a_registration())
    others = [
        at.but(activityId=an_activity()),
        at.but(agent=an_agent()),
        at.but(registration=a_registration()),
        at.but(registration=None),
        at.but(stateId="another"),
    ]
    create(shared, at, b"1")
    for other in others:
        problem(get(shared, other, version=version), 404)
    for number, other in enumerate(others):
        create(shared, other, b"%d" % (number + 2))
    for number, other in enumerate([at, *others]):
        assert get(shared, other, version=version).data == b"%d" % (number + 1)


@each_version
def test_without_registration_is_a_place_of_its_own(
    shared: Client, version: str
) -> None:
    without = a_state()
    within = without.but(registration=a_registration())
    create(shared, without.named("a"), b'"without"')
    create(shared, within.named("a"), b'"within"')
    create(shared, within.named("b"))
    assert ids(shared, without, version=version) == ["a"]
    assert ids(shared, within, version=version) == ["a", "b"]
    assert delete(shared, without.context, version=version).status_code == 204
    assert ids(shared, without, version=version) == []
    assert ids(shared, within, version=version) == ["a", "b"]
    assert get(shared, within.named("a"), version=version).data == b'"within"'


def test_a_registration_is_the_same_in_any_letter_case(shared: Client) -> None:
    at = a_state(registration=a_registration())
    create(shared, at, b"1")
    upper = at.but(registration=at.parameters["registration"].upper())
    assert get(shared, upper).data == b"1"
    assert ids(shared, upper) == ["bookmark"]
    assert delete(shared, upper).status_code == 204
    problem(get(shared, at), 404)


@each_version
@pytest.mark.parametrize("registration", [None, a_registration()])
def test_delete_without_a_state_id_empties_the_context_and_nothing_else(
    shared: Client, version: str, registration: str | None
) -> None:
    at = a_state().but(registration=registration)
    neighbours = [
        at.but(activityId=f"{at.parameters['activityId']}/2"),
        at.but(activityId=at.parameters["activityId"][:-1]),
        at.but(agent=an_agent()),
        at.but(registration=a_registration()),
    ]
    for item in ("a", "b", "\x00", "😀" * 50, "z" * 900):
        create(shared, at.named(item))
    for other in neighbours:
        create(shared, other)
    done = delete(shared, at.context, version=version)
    assert (done.status_code, done.data) == (204, b"")
    assert ids(shared, at, version=version) == []
    for other in neighbours:
        assert ids(shared, other, version=version) == ["bookmark"]
    assert delete(shared, at.context, version=version).status_code == 204


@each_version
def test_deleting_a_whole_context_takes_no_precondition(
    shared: Client, version: str
) -> None:
    at = a_state()
    create(shared, at)
    for name in ("If_Match", "If_None_Match"):
        answer = delete(shared, at.context, version=version, **{name: '"x"'})
        assert "stateId" in problem(answer, 400)["detail"]
    assert ids(shared, at) == ["bookmark"]


SAME = {
    "mbox": [
        {"mbox": "mailto:Ann@Example.COM"},
        {"mbox": "mailto:Ann@example.com", "name": "Ann", "objectType": "Agent"},
    ],
    "account": [
        {"account": {"homePage": "https://a.example/", "name": "ann b"}},
        {"account": {"name": "ann b", "homePage": "https://a.example/"}, "name": "A"},
    ],
    "openid": [{"openid": "https://a.example/o"}, {"openid": "https://a.example/o"}],
    "sha1": [{"mbox_sha1sum": "ab" * 20}, {"mbox_sha1sum": "AB" * 20}],
}
OTHER = [
    {"mbox": "mailto:ann@example.com"},
    {"account": {"homePage": "https://a.example/ann", "name": "b"}},
    {"account": {"homePage": "https://a.example/", "name": "Ann b"}},
    {"openid": "https://a.example/O"},
    {"mbox_sha1sum": "ac" * 20},
]


@pytest.mark.parametrize(("one", "same"), SAME.values(), ids=SAME.keys())
def test_an_agent_is_who_its_identifier_says(
    shared: Client, one: dict[str, Any], same: dict[str, Any]
) -> None:
    at = a_state(agent=one)
    create(shared, at, b"1")
    assert get(shared, at.but(agent=same)).data == b"1"
    for other in OTHER:
        problem(get(shared, at.but(agent=other)), 404)


def test_a_group_is_an_agent_of_documents_in_2_0_only(shared: Client) -> None:
    group = {"objectType": "Group", "mbox": f"mailto:{uuid.uuid4().hex}@example.com"}
    at = a_state(agent=group)
    found = problem(put(shared, at, b"1"), 400)
    assert "agent" in found["detail"]
    assert put(shared, at, b"1", version="2.0.0").status_code == 204
    assert get(shared, at, version="2.0.0").data == b"1"
    # As 1.0.3 says (2.6): its identifier, within an Agent.
    assert get(shared, at.but(agent={"mbox": group["mbox"]})).data == b"1"
    anonymous = {"objectType": "Group", "member": [an_agent()]}
    problem(get(shared, at.but(agent=anonymous), version="2.0.0"), 400)
