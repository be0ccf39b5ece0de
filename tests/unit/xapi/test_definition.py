"""Definitions: taken out of Statements, merged by their stored times, put together."""

from __future__ import annotations

import itertools
import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi import text
from lrs.xapi.definition import (
    Parts,
    activities,
    defined,
    holds,
    merge,
    outline,
    put_together,
    take_apart,
    times,
    with_times,
)
from tests.builders import ACTIVITY, a_statement

CHOICE = {
    "interactionType": "choice",
    "correctResponsesPattern": ["a"],
    "choices": [{"id": "a", "description": {"en": "Red", "fr": "Rouge"}}],
}


def parts(definition: dict[str, Any] | str, stored: int) -> Parts:
    written = definition if isinstance(definition, str) else json.dumps(definition)
    return take_apart(written, stored)


def merged(*said: dict[str, Any] | str) -> Any:
    """Merge them, each stored one later than the one before."""
    found: Parts = {}
    for at, definition in enumerate(said):
        found = merge(found, parts(definition, at + 1)).parts
    return json.loads(put_together(found))


# -- the rules of the merge ------------------------------------------------------------


def test_languages_are_added_and_a_later_text_of_a_language_replaces() -> None:
    first = {"name": {"en": "Fire", "fr": "Feu"}, "description": {"en": "Old"}}
    second = {"name": {"en": "Fire safety", "de": "Brandschutz"}}
    assert merged(first, second) == {
        "name": {"en": "Fire safety", "fr": "Feu", "de": "Brandschutz"},
        "description": {"en": "Old"},
    }


def test_a_tag_in_another_letter_case_is_the_same_language() -> None:
    assert merged({"name": {"en-us": "a"}}, {"name": {"en-US": "b"}}) == {
        "name": {"en-US": "b"}
    }


def test_type_and_more_info_are_replaced_and_never_taken_away() -> None:
    first = {"type": "http://example.com/a", "moreInfo": "http://example.com/info"}
    assert merged(first, {"type": "http://example.com/b"}, {}) == {
        "type": "http://example.com/b",
        "moreInfo": "http://example.com/info",
    }


def test_extensions_are_replaced_key_by_key_and_each_as_a_whole() -> None:
    a, b = "http://a.example", "http://b.example"
    first = {"extensions": {a: {"x": 1, "y": 2}, b.upper(): 1}}
    assert merged(first, {"extensions": {a: {"x": 3}, b: None}}) == {
        "extensions": {a: {"x": 3}, b.upper(): 1, b: None}
    }


def test_an_interaction_is_replaced_as_one() -> None:
    numeric = {"interactionType": "numeric", "correctResponsesPattern": ["4[:]"]}
    assert merged({**CHOICE, "name": {"en": "Q"}}, numeric) == {
        "name": {"en": "Q"},
        **numeric,
    }
    assert merged(CHOICE, {"interactionType": "true-false"}) == {
        "interactionType": "true-false"
    }


def test_a_definition_without_interaction_leaves_the_interaction() -> None:
    assert merged(CHOICE, {"name": {"en": "Q"}}) == {"name": {"en": "Q"}, **CHOICE}


def test_an_older_definition_only_adds() -> None:
    newer = parts({"name": {"en": "new"}, "type": "http://example.com/new"}, 2)
    older = parts({"name": {"en": "old", "fr": "vieux"}, **CHOICE}, 1)
    result = merge(newer, older)
    assert result.changed
    assert result.replaced == frozenset()
    assert json.loads(put_together(result.parts)) == {
        "name": {"en": "new", "fr": "vieux"},
        "type": "http://example.com/new",
        **CHOICE,
    }


def test_the_same_said_later_changes_nothing() -> None:
    kept = parts({"name": {"en": "a"}, **CHOICE}, 1)
    result = merge(kept, parts({"name": {"en": "a"}}, 2))
    assert (result.changed, result.replaced) == (False, frozenset())


def test_the_same_in_another_spelling_of_json_changes_nothing() -> None:
    kept = take_apart('{"name": {"de": "f\\u00fcr alle"}}', 1)
    said = take_apart('{"name":{"de":"für alle"}}', 2)
    merged = merge(kept, said)
    assert not merged.changed
    assert not merged.replaced
    assert holds(kept, said)


def test_what_is_replaced_is_told() -> None:
    kept = parts({"name": {"en": "a", "fr": "a"}, "type": "http://example.com/a"}, 1)
    said = parts({"name": {"en": "b", "fr": "a", "de": "c"}}, 2)
    assert merge(kept, said).replaced == {("name", "en")}


def test_holds_looks_at_the_words_and_not_at_the_time() -> None:
    kept = parts({"name": {"en": "a", "fr": "b"}}, 5)
    assert holds(kept, parts({"name": {"en": "a"}}, 1))
    assert holds(kept, parts({"name": {"en": "a"}}, 9))
    assert not holds(kept, parts({"name": {"en": "b"}}, 1))
    assert not holds(kept, parts({"name": {"de": "a"}}, 1))


_TEXTS = st.sampled_from(["a", "b", "c"])
_DEFINITIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.dictionaries(st.sampled_from(["en", "EN", "fr"]), _TEXTS),
        "type": _TEXTS.map("http://example.com/{}".format),
        "interactionType": st.sampled_from(["numeric", "choice"]),
        "extensions": st.dictionaries(st.just("http://example.com"), _TEXTS),
    },
)


@given(st.lists(_DEFINITIONS, min_size=2, max_size=4))
def test_the_order_and_the_number_of_merges_do_not_matter(
    said: list[dict[str, Any]],
) -> None:
    stamped = [parts(definition, at) for at, definition in enumerate(said)]
    outcomes = []
    for order in itertools.permutations([*stamped, stamped[0]]):
        found: Parts = {}
        for item in order:
            found = merge(found, item).parts
        outcomes.append(found)
    assert all(outcome == outcomes[0] for outcome in outcomes)


# -- nothing is re-encoded -------------------------------------------------------------

_ODD = (
    '{ "name" : {"en": "caf\\u00e9 \\u0000 \\"q\\""} ,\n "extensions": {'
    '"http://a.example/1.10": 1.10, "http://a.example/big": 12345678901234567890123,'
    '"http://a.example/e": [1E400, -0.0, {"a": 0.10000000000000000001}]}}'
)


def test_values_stay_as_they_were_written() -> None:
    written = put_together(parts(_ODD, 1))
    for piece in ("1.10,", "12345678901234567890123,", "[1E400, -0.0, {", "\\u0000"):
        assert piece in written
    assert "0.10000000000000000001" in written


def test_parts_and_times_survive_being_kept() -> None:
    kept = parts(_ODD, 7) | parts({"name": {"en-US": "x"}, **CHOICE}, 9)
    assert with_times(put_together(kept), times(kept)) == kept


def test_an_outline_holds_the_languages_and_the_rest_as_it_is() -> None:
    whole = {"name": {"en": "a"}, "type": "http://example.com", **CHOICE}
    found = outline(json.dumps({**whole, "extensions": {"http://a.example": [1]}}))
    assert found["name"] == {"en": "a"}
    assert found["choices"] == CHOICE["choices"]
    assert json.loads(orjson.dumps(found)) == {
        **whole,
        "extensions": {"http://a.example": [1]},
    }


def test_an_outline_can_be_as_deep_as_a_statement() -> None:
    deep = "[" * 245 + "]" * 245
    found = outline(f'{{"extensions":{{"http://a.example":{deep}}}}}')
    nested: Any = found
    for _ in range(20):
        nested = [nested]
    assert deep.encode() in orjson.dumps(nested)


# -- where Statements define -----------------------------------------------------------


def named(name: str) -> dict[str, Any]:
    return {"name": {"en": name}}


def an_activity(name: str) -> dict[str, Any]:
    return {"id": f"http://example.com/{name}", "definition": named(name)}


def test_every_activity_of_a_statement_is_found() -> None:
    inner = {
        **a_statement(with_id=False, object=an_activity("inner")),
        "objectType": "SubStatement",
        "context": {"contextActivities": {"other": an_activity("inner-other")}},
    }
    by_type = {
        "parent": [an_activity("parent"), {"id": "http://example.com/bare"}],
        "category": an_activity("category"),
    }
    said = json.dumps(a_statement(object=inner, context={"contextActivities": by_type}))
    names = {"inner", "inner-other", "parent", "category"}
    assert defined(said) == {
        f"http://example.com/{name}": (json.dumps(named(name)).encode(),)
        for name in names
    }
    assert {activity for activity, _ in activities(said)} == {
        f"http://example.com/{name}" for name in (*names, "bare")
    }


@pytest.mark.parametrize(
    "target",
    [
        {"objectType": "Agent", "mbox": "mailto:ann@example.com", "name": "definition"},
        {"objectType": "StatementRef", "id": "7f2a1a44-2d36-4f41-b4e5-d0a51a1d8d3b"},
        {"id": ACTIVITY},
        {"id": ACTIVITY, "definition": {}},
    ],
)
def test_what_defines_nothing_is_left_out(target: dict[str, Any]) -> None:
    assert defined(json.dumps(a_statement(object=target))) == {}


def test_of_one_statement_the_object_says_more_than_the_context() -> None:
    object_ = {"id": ACTIVITY, "definition": named("object")}
    other = {"id": ACTIVITY, "definition": named("context")}
    context = {"contextActivities": {"other": [other], "parent": [object_]}}
    texts = defined(json.dumps(a_statement(object=object_, context=context)))
    assert json.loads(texts[ACTIVITY][-1]) == named("object")


def test_a_key_with_an_escape_is_read_too() -> None:
    written = json.dumps(a_statement(object=an_activity("x")))
    escaped = written.replace('"definition"', '"d\\u0065finition"')
    assert defined(escaped) == defined(written) != {}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(_JSON)
def test_whatever_the_parser_takes_is_taken_apart(value: Any) -> None:
    extension = {"http://example.com/x": value}
    definition = {"definition": {"extensions": extension}, "id": ACTIVITY}
    try:
        written = json.dumps(a_statement(object=definition)).encode()
        received, _ = text.split(written)
    except text.NotJson:
        return
    (raw,) = defined(received[0].text)[ACTIVITY]
    assert json.loads(put_together(take_apart(raw))) == {"extensions": extension}
