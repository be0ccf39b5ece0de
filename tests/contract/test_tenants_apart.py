"""Tenants are apart in every resource: by guessed ids, names, ETags and hashes."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import pytest

from tests.builders import a_statement, a_void
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, ask, one, page, post

AGENT = json.dumps({"mbox": "mailto:ann@example.com"})
ACTIVITY = "https://courses.example.com/secret-course"
DOCUMENTS = {
    "/xapi/activities/state": {
        "activityId": ACTIVITY,
        "agent": AGENT,
        "stateId": "same",
    },
    "/xapi/activities/profile": {"activityId": ACTIVITY, "profileId": "same"},
    "/xapi/agents/profile": {"agent": AGENT, "profileId": "same"},
}
NEW = {"If-None-Match": "*"}


@pytest.fixture(scope="module")
def two(enter: Enter) -> tuple[Client, Client]:
    """Clients of two tenants with all scopes: ours, theirs."""
    ours, theirs = (enter(f"t{uuid.uuid4().hex[:12]}") for _ in range(2))
    return ours, theirs


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_of_the_same_name_do_not_meet(
    two: tuple[Client, Client], path: str
) -> None:
    ours, theirs = two
    query = DOCUMENTS[path]
    assert (
        theirs.put(path, query_string=query, json={"their": 1}, headers=NEW).status_code
        == 204
    )
    theirs_etag = theirs.get(path, query_string=query).headers["ETag"]

    # Nothing of it is to be seen, neither by name nor in the list.
    assert ours.get(path, query_string=query).status_code == 404
    assert ours.head(path, query_string=query).status_code == 404
    listing = {key: value for key, value in query.items() if value != "same"}
    assert ours.get(path, query_string=listing).get_json() == []
    # A guessed ETag opens nothing, and tells nothing.
    for verb in ("put", "delete", "post"):
        answer = getattr(ours, verb)(
            path, query_string=query, json={}, headers={"If-Match": theirs_etag}
        )
        assert answer.status_code in (404, 412)

    assert (
        ours.put(path, query_string=query, json={"our": 1}, headers=NEW).status_code
        == 204
    )
    assert ours.delete(path, query_string=query).status_code == 204
    assert theirs.get(path, query_string=query).get_json() == {"their": 1}


def test_deleting_all_state_leaves_the_other_tenant_s(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    path = "/xapi/activities/state"
    query = DOCUMENTS[path] | {"stateId": "kept"}
    assert theirs.put(path, query_string=query, json={}, headers=NEW).status_code == 204
    everything = {"activityId": ACTIVITY, "agent": AGENT}
    assert ours.delete(path, query_string=everything).status_code == 204
    assert theirs.get(path, query_string=query).status_code == 200


def test_definitions_and_names_of_another_tenant_are_unknown(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    actor = {"mbox": "mailto:carol@example.com", "name": "Carol Confidential"}
    definition = {"name": {"en": "A secret course"}}
    sent = {
        **a_statement(),
        "actor": actor,
        "object": {"id": ACTIVITY, "definition": definition},
    }
    post(theirs, sent)
    asked = {"agent": json.dumps({"mbox": actor["mbox"]})}
    activity: Any = {"activityId": ACTIVITY}
    theirs_known = theirs.get("/xapi/activities", query_string=activity).get_json()
    assert theirs_known["definition"]["name"] == {"en": "A secret course"}
    assert theirs.get("/xapi/agents", query_string=asked).get_json()["name"] == [
        "Carol Confidential"
    ]
    for path, query in (("/xapi/activities", activity), ("/xapi/agents", asked)):
        told = ours.get(path, query_string=query).get_data(as_text=True)
        assert "secret course" not in told
        assert "Confidential" not in told
    # Nor does canonical name it for a Statement of ours.
    own = a_statement(activity=ACTIVITY)
    post(ours, own)
    assert "definition" not in one(ours, own["id"]).json["object"]
    answer = ours.get(
        STATEMENTS, query_string={"statementId": own["id"], "format": "canonical"}
    )
    assert "secret course" not in answer.get_data(as_text=True)


def attached(content: bytes, **properties: Any) -> tuple[bytes, str, dict[str, Any]]:
    """A multipart body with one attachment, its Content-Type and the Statement."""
    statement = a_statement(
        attachments=[
            {
                "usageType": "https://example.com/usage",
                "display": {"en": "A file"},
                "contentType": "text/plain",
                "length": len(content),
                "sha2": hashlib.sha256(content).hexdigest(),
                **properties,
            }
        ]
    )
    body = (
        b"--b\r\nContent-Type: application/json\r\n\r\n"
        + json.dumps(statement).encode()
        + b"\r\n--b\r\nContent-Type: text/plain\r\n"
        b"Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: "
        + hashlib.sha256(content).hexdigest().encode()
        + b"\r\n\r\n"
        + content
        + b"\r\n--b--\r\n"
    )
    return body, "multipart/mixed; boundary=b", statement


def test_knowing_the_hash_of_an_attachment_does_not_open_it(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    content = b"the minutes of a confidential meeting"
    body, kind, sent = attached(content)
    assert theirs.post(STATEMENTS, data=body, content_type=kind).status_code == 200
    theirs_answer = theirs.get(
        STATEMENTS, query_string={"statementId": sent["id"], "attachments": "true"}
    )
    assert content in theirs_answer.data

    # A Statement of ours declares the same hash, with an address instead of a part.
    _, _, claim = attached(content, fileUrl="https://files.example.com/1")
    post(ours, claim)
    for query in ({"statementId": claim["id"]}, {"limit": "50"}):
        answer = ours.get(STATEMENTS, query_string={**query, "attachments": "true"})
        assert answer.status_code == 200
        assert content not in answer.data
    # Within the tenant too: who never sent the content does not get it by its hash.
    post(theirs, claim)
    answer = theirs.get(
        STATEMENTS, query_string={"statementId": claim["id"], "attachments": "true"}
    )
    assert content not in answer.data


def test_a_void_and_a_reference_stay_within_the_tenant(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    target = a_statement(activity="https://courses.example.com/referred")
    post(theirs, target)
    reference = a_statement(object={"objectType": "StatementRef", "id": target["id"]})
    post(ours, a_void(target["id"]), reference)
    assert one(theirs, target["id"]).status_code == 200
    assert one(ours, target["id"]).status_code == 404
    assert page(ours, activity="https://courses.example.com/referred") == []


def test_a_more_address_carries_the_query_and_not_the_tenant(
    two: tuple[Client, Client],
) -> None:
    ours, theirs = two
    post(theirs, *(a_statement(activity=ACTIVITY) for _ in range(3)))
    address = ask(theirs, limit="1", activity=ACTIVITY).json["more"]
    ours_ids = {item["id"] for item in ours.get(address).get_json()["statements"]}
    theirs_ids = set(page(theirs, activity=ACTIVITY))
    assert not ours_ids & theirs_ids
