"""The Agent Profile resource (xAPI-Communication 2.6)."""

from __future__ import annotations

import uuid

from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.document_requests import (
    an_agent,
    an_agent_profile,
    create,
    delete,
    each_version,
    get,
    ids,
    put,
)


@each_version
def test_a_profile_belongs_to_its_agent(shared: Client, version: str) -> None:
    at = an_agent_profile()
    other = at.but(agent=an_agent())
    create(shared, at, b"1")
    problem(get(shared, other, version=version), 404)
    assert ids(shared, other, version=version) == []
    create(shared, other, b"2")
    assert get(shared, at, version=version).data == b"1"


@each_version
def test_the_agent_is_found_by_its_identifier_alone(
    shared: Client, version: str
) -> None:
    name = uuid.uuid4().hex
    at = an_agent_profile(agent={"mbox": f"mailto:{name}@example.com", "name": "Ann"})
    create(shared, at, b"1")
    same = {"objectType": "Agent", "mbox": f"mailto:{name}@EXAMPLE.com", "name": "Bob"}
    assert get(shared, at.but(agent=same), version=version).data == b"1"
    assert ids(shared, at.but(agent=same), version=version) == ["preferences"]


def test_a_group_has_a_profile_under_2_0_or_as_an_agent(shared: Client) -> None:
    group = {
        "objectType": "Group",
        "account": {"homePage": "https://a.example/", "name": uuid.uuid4().hex},
    }
    at = an_agent_profile(agent=group)
    problem(get(shared, at.context), 400)
    problem(put(shared, at, b"{}", If_None_Match="*"), 400)
    assert put(shared, at, b"{}", version="2.0.0").status_code == 204
    alike = at.but(agent={"account": group["account"]})
    assert ids(shared, alike) == ["preferences"]


@each_version
def test_all_of_an_agent_is_never_deleted(shared: Client, version: str) -> None:
    at = an_agent_profile()
    create(shared, at)
    found = problem(delete(shared, at.context, version=version), 400)
    assert "profileId" in found["detail"]
    assert ids(shared, at) == ["preferences"]


@each_version
def test_activity_and_registration_are_no_parameters_here(
    shared: Client, version: str
) -> None:
    at = an_agent_profile()
    for name, value in (
        ("activityId", "https://a.example/"),
        ("registration", "c70c2b85-c294-464f-baca-cebd4fb9b348"),
        ("stateId", "x"),
    ):
        wrong = at.but(**{name: value})
        assert name in problem(get(shared, wrong, version=version), 400)["detail"]
        answer = put(shared, wrong, b"{}", version=version, If_None_Match="*")
        assert name in problem(answer, 400)["detail"]
