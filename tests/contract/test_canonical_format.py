"""format=canonical: the LRS's own definitions in place of those sent (2.1.3)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.activity_requests import about, an_id, define
from tests.contract.answers import STATEMENTS, ask, one, post

BASICS = {
    "description": {"en": "What to do when it burns."},
    "type": "http://adlnet.gov/expapi/activities/course",
}
CHOICE = {
    "interactionType": "choice",
    "choices": [{"id": "a", "description": {"en": "A", "fr": "Ah"}}, {"id": "b"}],
}


def named(name: str, tag: str = "en") -> dict[str, Any]:
    return {"name": {tag: name}}


def canonical(client: Client, statement_id: str, languages: str | None = None) -> Any:
    headers = {"Accept-Language": languages} if languages is not None else {}
    address = f"{STATEMENTS}?statementId={statement_id}&format=canonical"
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def test_canonical_shows_what_others_have_said_since(shared: Client) -> None:
    activity = an_id()
    first = about(activity, {**BASICS, **named("Fire", "en")})
    post(shared, first)
    define(shared, activity, named("Feu", "fr"), named("Fire safety", "en"), CHOICE)
    shown = canonical(shared, first["id"], "fr")["object"]["definition"]
    assert shown["name"] == {"fr": "Feu"}
    assert shown["type"] == BASICS["type"]
    assert shown["choices"][0] == {"id": "a", "description": {"fr": "Ah"}}
    assert canonical(shared, first["id"], "en")["object"]["definition"]["name"] == {
        "en": "Fire safety"
    }
    # The Statement itself is as it was sent, and ids say nothing more.
    assert one(shared, first["id"]).json["object"] == first["object"]
    ids = shared.get(f"{STATEMENTS}?statementId={first['id']}&format=ids")
    assert ids.json["object"] == {"id": activity}


def test_canonical_fills_every_activity_of_a_page(fresh: Client) -> None:
    ids = [an_id() for _ in range(6)]
    post(fresh, *(about(activity, named(activity)) for activity in ids[:5]))
    inner = {
        **a_statement(activity=ids[0], with_id=False),
        "objectType": "SubStatement",
        "context": {"contextActivities": {"other": [{"id": ids[1]}]}},
    }
    by_type = {"parent": {"id": ids[2]}, "category": [{"id": ids[5]}]}
    post(fresh, a_statement(object=inner, context={"contextActivities": by_type}))
    shown = ask(fresh, format="canonical").json["statements"]
    assert len(shown) == 6
    for statement in shown[1:]:
        assert statement["object"]["definition"] == named(statement["object"]["id"])
    latest = shown[0]
    inner = latest["object"]
    parts = [
        inner["object"],
        *inner["context"]["contextActivities"]["other"],
        *latest["context"]["contextActivities"]["parent"],
    ]
    assert [part["definition"] for part in parts] == [named(at) for at in ids[:3]]
    assert latest["context"]["contextActivities"]["category"] == [{"id": ids[5]}]


ABSURD = [
    *("", ";", ",,,,", "en;q=nan", "en;q=1e999", "en;q=-1", "*;q=0", '"en', "=;;q=,"),
    *("x" * 6000, "en-" + "a-" * 2000, "\u00e9;q=1", "en;q=0.5;q=0.7;level=1"),
    ",".join(f"x{number}" for number in range(1500)),
]


@pytest.mark.parametrize("languages", ABSURD, ids=range(len(ABSURD)))
def test_absurd_languages_are_no_error(shared: Client, languages: str) -> None:
    activity = an_id()
    statement = about(activity, {"name": {"de": "Feuer", "en": "Fire"}})
    post(shared, statement)
    shown = canonical(shared, statement["id"], languages)["object"]["definition"]
    assert len(shown["name"]) == 1


def test_repeated_language_headers_are_one(shared: Client) -> None:
    statement = about(an_id(), {"name": {"de": "Feuer", "en": "Fire", "fr": "Feu"}})
    post(shared, statement)
    answer = shared.app.test_client().get(  # type: ignore[attr-defined]
        f"{STATEMENTS}?statementId={quote(statement['id'])}&format=canonical",
        headers=[
            ("X-Experience-API-Version", "1.0.3"),
            ("Accept-Language", "de;q=0.1, x-none"),
            ("Accept-Language", "fr;q=0.5"),
        ],
        auth=shared.auth,
    )
    assert answer.json["object"]["definition"]["name"] == {"fr": "Feu"}


def test_a_page_of_very_long_ids_is_canonical(fresh: Client) -> None:
    ids = [f"{an_id()}/{'x' * 700_000}" for _ in range(4)]
    post(fresh, *(about(activity, named("long")) for activity in ids))
    answer = ask(fresh, format="canonical")
    assert {s["object"]["id"] for s in answer.json["statements"]} == set(ids)
    assert all(
        s["object"]["definition"] == named("long") for s in answer.json["statements"]
    )


def test_the_deepest_definition_is_canonical_in_the_deepest_place(
    shared: Client,
) -> None:
    activity = an_id()
    deep = json.dumps(about(activity, {"extensions": {"http://a.example": "?"}}))
    body = deep.replace('"?"', "[" * 240 + "]" * 240).encode()
    answer = shared.post(STATEMENTS, data=body, content_type="application/json")
    assert answer.status_code == 200
    by_type = {"contextActivities": {"other": [{"id": activity}]}}
    inner = {**a_statement(with_id=False), "objectType": "SubStatement"}
    made = post(shared, a_statement(object={**inner, "context": by_type})).json[0]
    answer = shared.get(f"{STATEMENTS}?statementId={made}&format=canonical")
    assert answer.status_code == 200
    assert b"[" * 240 + b"]" * 240 in answer.data
