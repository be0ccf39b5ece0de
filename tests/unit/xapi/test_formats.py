"""Tests of lrs.xapi.formats."""

from copy import deepcopy

import pytest

from lrs.xapi.formats import canonical, choose, ids
from lrs.xapi.statement import validate
from lrs.xapi.versions import Version

from .samples import (
    ANNA,
    BEN,
    TEAM,
    a_full_statement,
    a_full_statement_about_a_substatement,
    a_statement,
)

ANNA_ONLY = {"mbox": "mailto:anna@example.com"}
TEAM_ONLY = {
    "objectType": "Group",
    "mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975",
}


def test_ids_keep_only_what_identifies():
    shaped = ids(a_full_statement())
    assert shaped["actor"] == ANNA_ONLY
    assert shaped["verb"] == {"id": "http://example.com/verbs/passed"}
    assert shaped["object"] == {"id": "http://example.com/quiz/1"}
    assert shaped["authority"] == {"objectType": "Group", "member": [BEN, ANNA_ONLY]}
    context = shaped["context"]
    assert context["team"] == TEAM_ONLY
    assert context["contextActivities"]["grouping"] == [
        {"id": "http://example.com/programme"}
    ]
    assert shaped["result"] == a_full_statement()["result"]
    assert shaped["attachments"] == a_full_statement()["attachments"]


def test_ids_keep_the_type_of_an_agent_that_is_the_object():
    assert ids(a_statement(object=ANNA))["object"] == {
        "objectType": "Agent",
        **ANNA_ONLY,
    }
    assert ids(a_statement(object=TEAM))["object"] == TEAM_ONLY


def test_ids_reach_into_substatements():
    inner = ids(a_full_statement_about_a_substatement())["object"]
    assert inner["objectType"] == "SubStatement"
    assert inner["actor"] == ANNA_ONLY
    assert inner["object"] == {"id": "http://example.com/quiz/1"}


def test_canonical_has_one_language_in_each_map():
    shaped = canonical(a_full_statement(), ["de", "fr"])
    definition = shaped["object"]["definition"]
    assert definition["name"] == {"de-CH": "Quiz"}
    assert definition["description"] == {"en": "A quiz"}
    assert definition["choices"][1] == {"id": "b", "description": {"fr": "B"}}
    assert shaped["actor"] == ANNA
    assert shaped["context"]["team"] == TEAM
    assert isinstance(shaped["context"]["contextActivities"]["grouping"], list)


def test_canonical_takes_the_definition_that_the_lrs_has_merged():
    merged = {"http://example.com/quiz/1": {"name": {"en": "The quiz", "fr": "Le"}}}
    shaped = canonical(a_statement(), ["en"], merged)
    assert shaped["object"]["definition"] == {"name": {"en": "The quiz"}}


@pytest.mark.parametrize(
    ("tags", "languages", "expected"),
    [
        (["en-US", "en-GB"], ["en-GB"], "en-GB"),
        (["en-US", "en-GB"], ["EN-gb"], "en-GB"),
        (["fr", "en-US"], ["en"], "en-US"),
        (["fr", "eng"], ["en"], "fr"),
        (["fr", "en"], ["en-GB"], "en"),
        (["fr", "en-US"], ["en-GB"], "en-US"),
        (["fr", "en"], ["de", "en"], "en"),
        (["fr", "en-US"], ["en-GB", "fr"], "en-US"),
        (["fr", "en"], ["*"], "fr"),
        (["fr", "en"], [], "fr"),
        ([], ["en"], None),
    ],
)
def test_the_language_that_fits_best_is_chosen(tags, languages, expected):
    assert choose(tags, languages) == expected


@pytest.mark.parametrize(
    "build", [a_full_statement, a_full_statement_about_a_substatement]
)
def test_formats_leave_the_statement_alone_and_give_a_valid_one(build):
    statement = build()
    before = deepcopy(statement)
    for shaped in (ids(statement), canonical(statement, ["en"])):
        assert validate(shaped, Version.V2_0_0) == []
        assert statement == before
