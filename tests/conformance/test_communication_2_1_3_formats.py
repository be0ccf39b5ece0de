"""xAPI-Communication 2.1.3: ``format`` ids, exact, canonical, and Accept-Language.

XAPI-00165 (Content-Type), XAPI-00168 (without format), XAPI-00169 (canonical),
XAPI-00170 (exact), XAPI-00171 (ids), XAPI-00172 (Accept-Language).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.conformance.caller import JSON, Lrs, refused
from tests.conformance.conftest import ONLY_2_0
from tests.conformance.full_statement import (
    AGENTS,
    ANONYMOUS,
    IDENTIFIED,
    IFIS,
    MEMBERS,
    a_context,
    a_statement,
    a_substatement,
    an_activity,
    an_attachment,
    something,
)

SAID = {"fr": "Échelles", "en-GB": "Ladders", "de": "Leitern"}
FORMATS = ("ids", "exact", "canonical")


def _statement() -> dict[str, Any]:
    """Return a Statement that says everything in three languages."""
    return a_statement(
        verb={"id": "http://verbs.example.org/did", "display": SAID},
        object={
            "objectType": "Activity",
            "id": something(),
            "definition": {
                "name": SAID,
                "description": SAID,
                "type": "http://types.example.org/quiz",
                "interactionType": "choice",
                "choices": [{"id": "a", "description": SAID}],
                "extensions": {"http://ext.example.org/x": SAID},
            },
        },
        attachments=[an_attachment() | {"display": SAID, "description": SAID}],
    )


def _one(
    lrs: Lrs, statement: dict[str, Any], languages: str | None, **given: Any
) -> Any:
    headers = {"Accept-Language": languages}
    lone = lrs.read(statement["id"], headers=headers, **given)
    activity = statement["object"].get("id", "")
    if activity:  # a page says the same
        found = lrs.ask(
            "GET", "statements", headers=headers, activity=activity, **given
        )
        assert found.headers["Content-Type"] == JSON
        assert found.json["statements"] == [lone]
    return lone


@pytest.mark.parametrize("languages", [None, "de", "fr;q=0.5, en"])
@pytest.mark.parametrize("given", [{}, {"format": "exact"}], ids=["none", "exact"])
def test_exact_is_what_was_sent(
    lrs: Lrs, given: dict[str, str], languages: str | None
) -> None:
    """XAPI-00165, XAPI-00168, XAPI-00170, XAPI-00172: the default; no language."""
    statement = _statement()
    lrs.store(statement)
    read = _one(lrs, statement, languages, **given)
    for name in ("stored", "timestamp", "authority", "version"):
        read.pop(name)
    assert read == statement


CHOICES = {
    "de": "de",
    "fr": "fr",
    "en-GB": "en-GB",
    "en": "en-GB",
    "EN-gb": "en-GB",
    "de-CH": "de",
    "ja, de;q=0.1": "de",
    "de;q=0.2, fr;q=0.8": "fr",
    "en;q=0, de": "de",
    "ja": None,
    "*": None,
    None: None,
}


@pytest.mark.parametrize(("languages", "chosen"), CHOICES.items())
def test_canonical_has_one_language_in_each_map(
    lrs: Lrs, languages: str | None, chosen: str | None
) -> None:
    """XAPI-00169, XAPI-00172."""
    statement = _statement()
    lrs.store(statement)
    read = _one(lrs, statement, languages, format="canonical")
    definition = read["object"]["definition"]
    for said in (
        definition["name"],
        definition["description"],
        read["verb"]["display"],
    ):
        assert len(said) == 1
        assert set(said.items()) <= set(SAID.items())
        if chosen is not None:
            assert list(said) == [chosen]
    [component] = definition["choices"]
    assert len(component["description"]) == 1
    assert read["actor"] == statement["actor"]
    assert definition["extensions"] == {"http://ext.example.org/x": SAID}


def test_canonical_chooses_for_each_map_by_itself(lrs: Lrs) -> None:
    """XAPI-00172."""
    statement = _statement()
    statement["object"]["definition"]["description"] = {"es": "Escaleras", "en": "x"}
    lrs.store(statement)
    read = _one(lrs, statement, "de, es;q=0.5", format="canonical")
    assert list(read["object"]["definition"]["name"]) == ["de"]
    assert list(read["object"]["definition"]["description"]) == ["es"]


def test_canonical_reaches_substatements_and_contexts(lrs: Lrs) -> None:
    activity = an_activity()
    activity["definition"]["name"] = SAID
    statement = a_statement(
        object=a_substatement(object=activity, verb={"id": "x:y", "display": SAID}),
        context={"contextActivities": {"parent": [activity]}},
    )
    lrs.store(statement)
    headers = {"Accept-Language": "fr"}
    read = lrs.read(statement["id"], headers=headers, format="canonical")
    inner, [parent] = read["object"], read["context"]["contextActivities"]["parent"]
    assert list(inner["verb"]["display"]) == ["fr"]
    assert list(inner["object"]["definition"]["name"]) == ["fr"]
    assert list(parent["definition"]["name"]) == ["fr"]


def test_canonical_has_what_the_lrs_knows_of_an_activity(lrs: Lrs) -> None:
    """XAPI-00169: the definition is that of the LRS, where others have told it."""
    statement = _statement()
    lrs.store(statement)
    bare = a_statement(object={"id": statement["object"]["id"]})
    lrs.store(bare)
    headers = {"Accept-Language": "de"}
    read = lrs.read(bare["id"], headers=headers, format="canonical")
    assert read["object"]["definition"]["name"] == {"de": SAID["de"]}
    assert lrs.read(bare["id"])["object"] == bare["object"]


def test_ids_has_no_more_than_what_identifies(lrs: Lrs) -> None:
    """XAPI-00171."""
    context = a_context("1.0.3", 0, activity=True)
    statement = _statement() | {
        "actor": deepcopy(IDENTIFIED["Group by account"]),
        "context": context,
    }
    lrs.store(statement)
    read = _one(lrs, statement, "de", format="ids")
    assert read["actor"] == {"objectType": "Group", "account": IFIS["account"]}
    assert set(read["object"]) <= {"id", "objectType"}
    assert read["object"]["id"] == statement["object"]["id"]
    assert set(read["verb"]) <= {"id", "display"}
    assert read["verb"]["id"] == statement["verb"]["id"]
    for listed in read["context"]["contextActivities"].values():
        assert all("definition" not in item for item in listed)
    assert "name" not in read["context"]["instructor"]
    for name in ("registration", "revision", "extensions", "language"):
        assert read["context"][name] == context[name]


def test_ids_keeps_the_members_of_an_anonymous_group_by_their_ifi(lrs: Lrs) -> None:
    """XAPI-00171."""
    statement = a_statement(actor=deepcopy(ANONYMOUS))
    lrs.store(statement)
    read = lrs.read(statement["id"], format="ids")
    members = [
        {name: value for name, value in item.items() if name in IFIS}
        for item in MEMBERS
    ]
    assert read["actor"]["objectType"] == "Group"
    assert [
        {name: value for name, value in item.items() if name in IFIS}
        for item in read["actor"]["member"]
    ] == members
    assert "name" not in read["actor"]
    assert all("name" not in item for item in read["actor"]["member"])


@ONLY_2_0
def test_ids_reduces_context_agents_and_groups_too(lrs: Lrs) -> None:
    """XAPI-00171: their relevantTypes stay, since these identify their part in it."""
    who, group = AGENTS["Agent by mbox"], IDENTIFIED["Group by openid"]
    context = {
        "contextAgents": [
            {"objectType": "contextAgent", "agent": who, "relevantTypes": ["x:y"]}
        ],
        "contextGroups": [{"objectType": "contextGroup", "group": group}],
    }
    [found] = lrs.store(a_statement(context=context))
    read = lrs.read(found, format="ids")["context"]
    [agents], [groups] = read["contextAgents"], read["contextGroups"]
    assert "name" not in agents["agent"]
    assert agents["agent"]["mbox"] == IFIS["mbox"]
    assert groups["group"] == {"objectType": "Group", "openid": IFIS["openid"]}
    assert agents["relevantTypes"] == ["x:y"]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_answers_with_json(lrs: Lrs, format_: str) -> None:
    """XAPI-00165."""
    lrs.store(a_statement())
    answer = lrs.ask("GET", "statements", limit="1", format=format_)
    assert answer.headers["Content-Type"] == JSON
    [found] = answer.json["statements"]
    assert {"id", "actor", "verb", "object", "stored", "authority"} <= set(found)


@pytest.mark.parametrize("format_", ["", "IDS", "Exact", "full", "ids,exact"])
def test_there_is_no_other_format(lrs: Lrs, format_: str) -> None:
    refused(lrs.ask("GET", "statements", format=format_), 400)
