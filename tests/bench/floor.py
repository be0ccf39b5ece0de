"""The floor: what Flask, gunicorn and MongoDB take when an LRS does next to nothing.

Parses JSON with orjson, inserts and reads raw text: no rules, no authentication, no
transaction, no order, no answer for what is wrong. The indexes are ours, made by our
own schema steps (tests/bench/contenders.py); ``_document`` and ``_where`` fill and use
them as lrs/store/statement_documents.py does.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any

import orjson
from flask import Flask, Response, request

from lrs.retrieval import StatementQuery
from lrs.store import mongo, terms
from lrs.xapi.keys import Keys

app = Flask(__name__)
_TENANT = "default"
_AUTHORITY = {
    "objectType": "Agent",
    "account": {"homePage": "http://localhost:8080", "name": "0123456789abcdef"},
}
_AUTHORITY_KEY = "account http://localhost:8080 0123456789abcdef"
_DIGEST = bytes(32)
_statements = mongo.database(mongo.connect(os.environ["FLOOR_MONGODB_URI"]), "lrs")[
    "statements"
]


def _document(statement: dict[str, Any], stored: int, text: str) -> dict[str, Any]:
    """Return a document. Must mirror lrs/store/statement_documents.py `_document`.

    Same names, same entries in every index; the keys by bare access, for what the
    generator makes and nothing else.
    """
    agents = (_ifi(statement["actor"]),)
    context = statement["context"]
    around = context["contextActivities"]
    related_agents = agents
    if "instructor" in context:
        related_agents = (*agents, _ifi(context["instructor"]))
    activity = statement["object"]["id"]
    keys = Keys(
        verb=statement["verb"]["id"],
        agents=agents,
        related_agents=related_agents,
        activities=(activity,),
        related_activities=(
            activity,
            around["parent"][0]["id"],
            around["grouping"][0]["id"],
        ),
        registration=context.get("registration"),
        target=None,
        voiding=False,
    )
    return {
        "_id": {"t": _TENANT, "s": uuid.UUID(statement["id"])},
        "stored": stored,
        "terms": terms.of_statement(_TENANT, keys, _AUTHORITY_KEY),
        "about": terms.about(_TENANT, keys),
        "authority": _AUTHORITY_KEY,
        "voided": False,
        "digest": _DIGEST,
        "statement": text,
    }


def _where(agent: dict[str, Any] | None, verb: str | None, before: int | None) -> Any:
    """Return the filter of a page, as ours asks the indexes."""
    query = StatementQuery(agent=_ifi(agent) if agent else None, verb=verb)
    stored = {"$gt": 0, "$lt": before} if before else {"$gt": 0}
    asked = terms.question(_TENANT, query, None)
    return {**asked, "voided": False, "stored": stored}


def _ifi(agent: dict[str, Any]) -> str:
    if "account" in agent:
        return f"account {agent['account']['homePage']} {agent['account']['name']}"
    return f"mbox {agent['mbox']}"


@app.post("/statements")
def post() -> Response:
    """Insert the Statements of the body."""
    body = orjson.loads(request.get_data(cache=False))
    statements = body if isinstance(body, list) else [body]
    stored = time.time_ns() // 1000
    documents = []
    for at, statement in enumerate(statements):
        if "id" not in statement:
            statement["id"] = str(uuid.uuid4())
        statement["stored"] = "2026-01-01T00:00:00.000000Z"
        statement.setdefault("timestamp", statement["stored"])
        statement["authority"] = _AUTHORITY
        statement["version"] = "1.0.0"
        # To write it again is cheaper than to find its raw slice of the body.
        text = orjson.dumps(statement).decode()
        documents.append(_document(statement, stored + at, text))
    if len(documents) == 1:
        _statements.insert_one(documents[0])
    else:
        _statements.insert_many(documents, ordered=False)
    return _answer(orjson.dumps([statement["id"] for statement in statements]))


@app.get("/statements")
def get() -> Response:
    """Return one Statement or a page."""
    given = request.args
    if "statementId" in given:
        wanted = {"_id": {"t": _TENANT, "s": uuid.UUID(given["statementId"])}}
        found = _statements.find_one(wanted, {"statement": 1})
        return _answer(found["statement"].encode())  # type: ignore[index]
    limit = int(given.get("limit", 100))
    rows = list(
        _statements.find(
            _where(
                orjson.loads(given["agent"]) if "agent" in given else None,
                given.get("verb"),
                given.get("before", type=int),
            ),
            {"statement": 1, "stored": 1},
        )
        .sort("stored", -1)
        .limit(limit)
    )
    texts = ",".join([row["statement"] for row in rows])
    more = ""
    if len(rows) == limit:
        more = f"/statements?limit={limit}&before={rows[-1]['stored']}"
    return _answer(f'{{"statements":[{texts}],"more":"{more}"}}'.encode())


@app.get("/ready")
def ready() -> Response:
    """Tell that this process answers."""
    return _answer(b"{}")


def _answer(body: bytes) -> Response:
    return Response(body, content_type="application/json")
