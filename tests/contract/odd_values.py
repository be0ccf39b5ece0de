"""Puts a value at any place of a valid Statement, and sees it refused or kept."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, one, post, problem

JSON = "application/json"
_SUB = {"objectType": "SubStatement", **a_statement(with_id=False)}
_CHOICE = {"id": "a", "description": {"en": "A"}}
_DEFINITION = {"interactionType": "choice", "choices": [_CHOICE]}
_ATTACHMENT = {
    "usageType": "http://u.example/u",
    "display": {"en": "x"},
    "contentType": "text/plain",
    "length": 1,
    "sha2": "a" * 64,
    "fileUrl": "http://f.example/f",
}


def at(path: str, value: Any, *, as_key: bool = False) -> dict[str, Any]:
    """A Statement that is valid but for the value at a path."""
    made: dict[str, Any] = json.loads(
        json.dumps(
            a_statement(
                object={**_SUB, "object": {"id": "http://a.example/a"}}
                if path.startswith("object.")
                else {"id": "http://a.example/a", "definition": _DEFINITION},
                attachments=[_ATTACHMENT],
            )
        )
    )
    place: Any = made
    *names, last = path.replace("activity.", "object.", 1).split(".")
    for name in names:
        place = (
            place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
        )
    if as_key:
        place[last] = {value: "x"}
    else:
        place[last] = value
    return made


def refuse(client: Client, statement: Any, path: str, version: str) -> None:
    answer: Any = client.post(
        STATEMENTS,
        data=json.dumps(statement),
        content_type=JSON,
        headers={"X-Experience-API-Version": version},
    )
    paths = [item["path"] for item in problem(answer, 400)["violations"]]
    told = path.replace("activity.", "object.", 1).replace(".0", "[0]")
    assert any(told.startswith(item) and item for item in paths), (paths, told)


def kept(client: Client, *statements: dict[str, Any], version: str = "1.0.3") -> None:
    for start in range(0, len(statements), 200):
        batch = statements[start : start + 200]
        answer = post(client, *batch, version=version)
        for made in (batch[0], batch[-1]):
            found = one(client, made["id"]).json
            assert {name: found[name] for name in made} == made
        assert answer.json == [item["id"] for item in batch]
