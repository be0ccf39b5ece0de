"""The Activity Profile resource (xAPI-Communication 2.7)."""

from __future__ import annotations

from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.document_requests import (
    an_activity,
    an_activity_profile,
    create,
    delete,
    each_version,
    get,
    ids,
    put,
)


@each_version
def test_a_profile_belongs_to_its_activity(shared: Client, version: str) -> None:
    at = an_activity_profile()
    other = at.but(activityId=an_activity())
    create(shared, at, b"1")
    problem(get(shared, other, version=version), 404)
    assert ids(shared, other, version=version) == []
    create(shared, other, b"2")
    assert get(shared, at, version=version).data == b"1"


@each_version
def test_an_activity_that_nobody_knows_may_have_a_profile(
    shared: Client, version: str
) -> None:
    for iri in (
        "urn:isbn:0451450523",
        "https://例え.jp/コース?a=b#c",
        "tag:x.y,2020:z",
    ):
        at = an_activity_profile(activityId=iri)
        delete(shared, at)
        create(shared, at, iri.encode(), "text/plain")
        assert get(shared, at, version=version).data == iri.encode()


@each_version
def test_an_iri_is_compared_character_by_character(
    shared: Client, version: str
) -> None:
    at = an_activity_profile()
    create(shared, at)
    iri = at.parameters["activityId"]
    for other in (iri.replace("https", "HTTPS"), f"{iri}/", f"{iri}#"):
        problem(get(shared, at.but(activityId=other), version=version), 404)


@each_version
def test_a_whole_activity_is_never_deleted(shared: Client, version: str) -> None:
    at = an_activity_profile()
    create(shared, at)
    found = problem(delete(shared, at.context, version=version), 400)
    assert "profileId" in found["detail"]
    assert ids(shared, at) == ["settings"]


@each_version
def test_agent_and_registration_are_no_parameters_here(
    shared: Client, version: str
) -> None:
    at = an_activity_profile()
    for name, value in (
        ("agent", {"mbox": "mailto:a@b.example"}),
        ("registration", "c70c2b85-c294-464f-baca-cebd4fb9b348"),
        ("stateId", "x"),
    ):
        wrong = at.but(**{name: value})
        assert name in problem(get(shared, wrong, version=version), 400)["detail"]
        answer = put(shared, wrong, b"{}", version=version, If_None_Match="*")
        assert name in problem(answer, 400)["detail"]
