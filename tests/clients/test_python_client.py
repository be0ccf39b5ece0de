"""PyPI's tincan against the live server."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any

import pytest
import tincan
from tincan.documents import (
    ActivityProfileDocument,
    AgentProfileDocument,
    StateDocument,
)

from tests.conftest import KEY, SECRET


@pytest.fixture
def lrs(endpoint: str) -> Any:
    return tincan.RemoteLRS(
        version="1.0.3", endpoint=endpoint, username=KEY, password=SECRET
    )


@pytest.fixture
def agent() -> Any:
    return tincan.Agent(name="Ann", mbox=f"mailto:{uuid.uuid4()}@example.com")


@pytest.fixture
def activity() -> Any:
    return tincan.Activity(
        id=f"https://courses.example.com/{uuid.uuid4()}",
        definition=tincan.ActivityDefinition(
            name=tincan.LanguageMap({"en-US": "Fire safety"})
        ),
    )


def statement(agent: Any, activity: Any, **more: Any) -> Any:
    return tincan.Statement(
        actor=agent,
        verb=tincan.Verb(id="http://adlnet.gov/expapi/verbs/passed"),
        object=activity,
        result=tincan.Result(
            success=True, score={"scaled": 0.9}, duration=timedelta(minutes=3)
        ),
        **more,
    )


def fine(response: Any) -> Any:
    """Return what an answer holds; it must be a success."""
    assert response.success, response.data
    return response.content


def test_save_and_retrieve(lrs: Any, agent: Any, activity: Any) -> None:
    saved = fine(lrs.save_statement(statement(agent, activity)))
    got = fine(lrs.retrieve_statement(saved.id))
    assert got.actor.mbox == agent.mbox
    assert got.result.score.scaled == 0.9
    assert got.result.duration == timedelta(minutes=3)
    assert got.stored is not None


def test_save_under_an_id_of_its_own(lrs: Any, agent: Any, activity: Any) -> None:
    given = str(uuid.uuid4())
    fine(lrs.save_statement(statement(agent, activity, id=given)))
    assert str(fine(lrs.retrieve_statement(given)).id) == given


def test_query_and_page(lrs: Any, agent: Any, activity: Any) -> None:
    sent = fine(lrs.save_statements([statement(agent, activity) for _ in range(5)]))
    # It writes its booleans as Python does: True.
    found = fine(
        lrs.query_statements(
            {"agent": agent, "activity": activity, "limit": 2, "ascending": True}
        )
    )
    seen = []
    while True:
        seen += [item.id for item in found.statements]
        if not found.more:
            break
        found = fine(lrs.more_statements(found))
    assert seen == [item.id for item in sent]


def test_state(lrs: Any, agent: Any, activity: Any) -> None:
    document = StateDocument(
        id="bookmark", content=bytearray(b'{"page": 7}'), agent=agent, activity=activity
    )
    document.content_type = "application/json"
    assert lrs.save_state(document).success
    got = fine(lrs.retrieve_state(activity, agent, "bookmark"))
    assert bytes(got.content) == b'{"page": 7}'
    assert fine(lrs.retrieve_state_ids(activity, agent)) == ["bookmark"]
    assert lrs.delete_state(document).success
    assert fine(lrs.retrieve_state_ids(activity, agent)) == []
    assert lrs.clear_state(activity, agent).success


def test_profiles(lrs: Any, agent: Any, activity: Any) -> None:
    of_activity = ActivityProfileDocument(
        id="settings", content=bytearray(b"level 1"), activity=activity
    )
    of_agent = AgentProfileDocument(
        id="preferences", content=bytearray(b"audio off"), agent=agent
    )
    for document, save, retrieve, ids, delete, of in (
        (
            of_activity,
            lrs.save_activity_profile,
            lrs.retrieve_activity_profile,
            lrs.retrieve_activity_profile_ids,
            lrs.delete_activity_profile,
            activity,
        ),
        (
            of_agent,
            lrs.save_agent_profile,
            lrs.retrieve_agent_profile,
            lrs.retrieve_agent_profile_ids,
            lrs.delete_agent_profile,
            agent,
        ),
    ):
        # Its save has no way to say that a profile is new, which 1.0.3 asks for.
        refused = save(document)
        assert refused.response.status == 400
        refused.request.headers["If-None-Match"] = "*"
        assert lrs._send_request(refused.request).success
        got = fine(retrieve(of, document.id))
        assert got.content == document.content
        assert fine(ids(of)) == [document.id]
        document.etag = f'"{hashlib.sha1(document.content).hexdigest()}"'
        document.content = bytearray(b"changed")
        assert save(document).success
        assert fine(retrieve(of, document.id)).content == b"changed"
        document.etag = None
        assert delete(document).success
        assert fine(ids(of)) == []


def test_attachments_at_an_address(lrs: Any, agent: Any, activity: Any) -> None:
    attachment = tincan.Attachment(
        usage_type="https://example.com/usage/certificate",
        display=tincan.LanguageMap({"en": "Certificate"}),
        content_type="application/pdf",
        length=27,
        sha2="495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
        fileurl="https://files.example.com/certificate.pdf",
    )
    sent = statement(agent, activity, attachments=[attachment])
    saved = fine(lrs.save_statement(sent))
    (got,) = fine(lrs.retrieve_statement(saved.id)).attachments
    assert got.fileurl == attachment.fileurl
    assert got.sha2 == attachment.sha2


def test_void(lrs: Any, agent: Any, activity: Any) -> None:
    saved = fine(lrs.save_statement(statement(agent, activity)))
    voiding = tincan.Statement(
        actor=agent,
        verb=tincan.Verb(id="http://adlnet.gov/expapi/verbs/voided"),
        object=tincan.StatementRef(id=saved.id),
    )
    fine(lrs.save_statement(voiding))
    assert lrs.retrieve_statement(saved.id).response.status == 404
    assert fine(lrs.retrieve_voided_statement(saved.id)).id == saved.id


def test_about(lrs: Any) -> None:
    assert "1.0.3" in fine(lrs.about()).version
