"""A database of release 0.2 gets terms: every query finds what it found before."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from pymongo.database import Database

from config.settings import Settings
from lrs.retrieval import StatementQuery
from lrs.services import STEPS
from lrs.store import mongo, terms_index
from lrs.store.mongo import Document
from lrs.store.schema import upgrade
from lrs.store.statements import MongoStatements

FORMER = (
    "stored",
    "verb",
    "agents",
    "activities",
    "related_agents",
    "related_activities",
    "registration",
)
ANN, BEN, BOSS = (f"mbox mailto:{name}@example.com" for name in ("ann", "ben", "boss"))
WRITER = "account http://lrs.example.com key"
PASSED, SEEN = "http://example.com/passed", "http://example.com/seen"
QUIZ, COURSE = "http://example.com/quiz", "http://example.com/course"
REGISTRATION = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"


def _agent(key: str) -> dict[str, Any]:
    return {"mbox": key.removeprefix("mbox ")}


def _row(
    stored: int, actor: str, verb: str, about: dict[str, Any], **more: Any
) -> Document:
    """Return a document as 0.2 wrote it; ``more`` are keys that were copied to it."""
    name = uuid.UUID(int=stored)
    statement: dict[str, Any] = {
        "id": str(name),
        "actor": _agent(actor),
        "verb": {"id": verb},
        "object": about,
        "context": more.pop("context", {}),
    }
    return {
        "_id": {"t": "default", "s": name},
        "stored": stored,
        "timestamp": stored,
        "verb": verb,
        "agents": [actor],
        "related_agents": [actor, WRITER],
        "activities": [],
        "related_activities": [],
        "authority": WRITER,
        "voided": False,
        "digest": bytes(32),
        "statement": orjson.dumps(statement).decode(),
        **more,
    }


def _refer(stored: int, actor: str, to: int) -> Document:
    target = str(uuid.UUID(int=to))
    reference = {"objectType": "StatementRef", "id": target}
    return _row(stored, actor, SEEN, reference, target=target)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database[Document]]:
    """Give a database that 0.2 has left: a quiz, what refers to it, and to that."""
    with mongo.connect(settings.mongodb_uri or "") as client:
        database = mongo.database(client, settings.database)
        before = [step.name for step in STEPS].index("index-marks")
        upgrade(database, STEPS[:before])
        statements = database["statements"]
        for name in FORMER:
            statements.create_index([("_id.t", 1), (name, 1), ("_id", 1)], name=name)
        context = {
            "registration": REGISTRATION.upper(),
            "instructor": _agent(BOSS),
            "contextActivities": {"parent": [{"id": COURSE}]},
        }
        quiz = _row(1, ANN, PASSED, {"id": QUIZ}, context=context)
        # The outer one comes first: it inherits in a second round only.
        statements.insert_many([_refer(3, BOSS, 2), _refer(2, BEN, 1), quiz])
        statements.insert_one(
            {"_id": {"t": "default", "s": uuid.UUID(int=9)}, "stub": True}
        )
        yield database


def found(database: Database[Document], **query: Any) -> list[int]:
    """Return the stored times that a query finds, the newest first."""
    rows = MongoStatements(database).page("default", StatementQuery(**query), None)
    return [row[0] for row in rows]


ALL = [3, 2, 1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ALL),
        ({"agent": ANN}, ALL),
        ({"agent": BEN}, [3, 2]),
        ({"agent": BOSS}, [3]),
        ({"agent": BOSS, "related_agents": True}, ALL),
        ({"agent": WRITER, "related_agents": True}, ALL),
        ({"agent": WRITER}, []),
        ({"verb": PASSED}, ALL),
        ({"verb": SEEN}, [3, 2]),
        ({"activity": QUIZ}, ALL),
        ({"activity": COURSE}, []),
        ({"activity": COURSE, "related_activities": True}, ALL),
        ({"registration": REGISTRATION}, ALL),
        ({"agent": ANN, "verb": PASSED}, ALL),
        ({"agent": ANN, "verb": PASSED, "activity": QUIZ}, ALL),
        ({"activity": QUIZ, "verb": SEEN}, []),
        ({"agent": BEN, "since": 2}, [3]),
    ],
    ids=str,
)
def test_queries_find_what_a_former_release_has_stored(
    database: Database[Document], query: dict[str, Any], expected: list[int]
) -> None:
    upgrade(database, STEPS)
    assert found(database, **query) == expected


def test_only_who_wrote_a_statement_has_written_it(
    database: Database[Document],
) -> None:
    upgrade(database, STEPS)
    statements = MongoStatements(database)
    mine = statements.page("default", StatementQuery(), WRITER)
    assert [row[0] for row in mine] == ALL
    assert statements.page("default", StatementQuery(), BOSS) == []


def test_former_indexes_and_keys_go(database: Database[Document]) -> None:
    upgrade(database, STEPS)
    statements = database["statements"]
    assert not {*FORMER} & {*statements.index_information()}
    assert not any({*FORMER[1:], "timestamp"} & {*row} for row in statements.find())


def test_an_upgrade_that_was_cut_off_is_done_again(
    database: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(Exception):
        """The process ended here."""

    def cut(_: object) -> bool:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(terms_index, "_inherit", cut)
        with pytest.raises(Cut):
            upgrade(database, STEPS)
    assert {*FORMER} <= {*database["statements"].index_information()}
    upgrade(database, STEPS)
    assert found(database, agent=ANN) == ALL
