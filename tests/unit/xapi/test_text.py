"""The text of Statements: split, completed, and otherwise kept as it came."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi import text
from lrs.xapi.completion import complete, members
from lrs.xapi.text import Received, split

STORED = {"stored": '"2026-01-02T03:04:05.000006Z"'}


def received(body: str | bytes) -> Received:
    """Split a body that holds one Statement."""
    found, batch = split(body.encode() if isinstance(body, str) else body)
    assert not batch
    return found[0]


ODD_TEXTS = {
    "trailing zero": '{"n":1.10}',
    "exponents": '{"a":1E2,"b":1e+2,"c":0.1e-7,"d":-0,"e":-0.0}',
    "escapes": r'{"s":"\u0041\/\"\\\b\f\n\r\t\ud83d\ude00"}',
    "odd whitespace": '{ \t\r\n"a" \n:\t[ 1 ,\r2 ] , "b":{ } }',
    "unicode": '{"s":"żółć 😀 \u2028\u200b\ufeff","ключ":"значение"}',
    "key order": '{"z":1,"a":2,"m":{"z":1,"a":2}}',
    "escaped key": r'{"\u0061ctor":1,"b":2}',
    "NUL escape": r'{"s":"a\u0000b"}',
    "beyond 64 bits": '{"n":123456789012345678901234567890,"m":-99999999999999999999}',
    "beyond a double": '{"n":1E400,"m":-1e999999}',
    "400 digits": '{"n":' + "7" * 400 + "}",
    "400 decimals": '{"n":0.' + "3" * 400 + "}",
}


@pytest.mark.parametrize("body", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_text_is_kept_character_for_character(body: str) -> None:
    assert received(body).text == body
    assert (
        complete(received(body), STORED) == f'{body[:-1]},"stored":{STORED["stored"]}}}'
    )


@pytest.mark.parametrize("body", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_text_in_an_array_is_kept_character_for_character(body: str) -> None:
    found, batch = split(f' [ {body} ,\n{{"b":1}}\t]\r\n'.encode())
    assert batch
    assert [item.text for item in found] == [body, '{"b":1}']
    assert found[1].value == {"b": 1}


@pytest.mark.parametrize(
    "number", ["1.10", "-0.0", "1E400", f"0.{'3' * 400}", "123456789012345678901234567"]
)
def test_a_text_that_was_received_is_read_with_all_its_digits(number: str) -> None:
    assert text.exact(f'{{"n":{number}}}') == {"n": Decimal(number)}


def test_a_zero_with_an_absurd_exponent_is_a_zero() -> None:
    assert text.exact('{"n":0e99999999999999999999}') == {"n": 0}


def test_whitespace_around_a_statement_is_not_part_of_it() -> None:
    assert received(' \t\r\n{"a":1}\n ').text == '{"a":1}'


def test_an_empty_array_is_a_batch_of_none() -> None:
    assert split(b" [ ] ") == ([], True)


def test_the_value_says_what_the_text_says() -> None:
    value = received(r'{"s":"\u00e9\u0000","n":1.10,"b":true,"x":null}').value
    assert value == {"s": "é\0", "n": 1.1, "b": True, "x": None}
    assert received('{ "n": 1E400 }').value == {"n": Decimal("1E400")}


@pytest.mark.parametrize(
    "body",
    ["null", "1", "true", '"text"', "-1.5e3"],
)
def test_a_value_that_is_no_object_is_taken_apart_too(body: str) -> None:
    assert received(body).value == json.loads(body)


@pytest.mark.parametrize("number", ["1", "1E400"])
def test_nesting_up_to_the_limit_is_taken_and_completed(number: str) -> None:
    body = '{ "a":' + "[" * 248 + number + "]" * 248 + ',"stored":null}'
    whole = complete(received(body), STORED)
    assert whole == body.replace("null", STORED["stored"])


def test_properties_of_the_lrs_are_replaced_in_place_and_appended_otherwise() -> None:
    body = '{ "stored" : "old" ,"actor":{"stored":"mine"}, "authority":{ "a":[1,{}]} }'
    whole = complete(
        received(body),
        {"stored": '"new"', "authority": '{"b":1}', "version": '"1.0.0"'},
    )
    assert whole == (
        '{ "stored" : "new" ,"actor":{"stored":"mine"}, "authority":{"b":1} '
        ',"version":"1.0.0"}'
    )


def test_a_property_with_an_escaped_name_is_replaced_in_place() -> None:
    body = r'{"\u0073tored":"old","a":"}\\\"{"}'
    assert (
        complete(received(body), {"stored": "1"}) == r'{"\u0073tored":1,"a":"}\\\"{"}'
    )


def test_complete_with_nothing_to_set_changes_nothing() -> None:
    assert complete(received('{ "a" : 1.0 }'), {}) == '{ "a" : 1.0 }'


LONE = '{ "id":"http://a.example/1" , "n":1.0 }'


@pytest.mark.parametrize(
    "body",
    [
        '{"context":{"contextActivities":%s}}',
        '{"x":[{}],"context": {"y":{"parent":{}}, "contextActivities" : %s, "z":1}}',
        '{"object":{"objectType":"SubStatement","context":{"contextActivities":%s}}}',
        r'{"\u0063ontext":{"contextActiviti\u0065s":%s}}',
    ],
)
def test_a_lone_context_activity_is_wrapped_into_an_array(body: str) -> None:
    before = (
        f'{{"parent":{LONE},"other" :[{LONE}], "category":[] , "grouping": {LONE}}}'
    )
    after = (
        f'{{"parent":[{LONE}],"other" :[{LONE}], "category":[] , "grouping": [{LONE}]}}'
    )
    whole = complete(received(body % before), STORED)
    assert whole == (body % after)[:-1] + f',"stored":{STORED["stored"]}}}'


def test_context_activities_are_wrapped_at_both_places_of_one_statement() -> None:
    part = '{"contextActivities":{"parent":%s}}'
    body = f'{{"object":{{"context":{part}}},"stored":0,"context":{part}}}'
    whole = complete(received(body % (LONE, LONE)), {"stored": "1"})
    assert whole == (body % (f"[{LONE}]", f"[{LONE}]")).replace(
        '"stored":0', '"stored":1'
    )


def test_extensions_that_look_like_context_activities_are_left_alone() -> None:
    body = (
        '{"context":{"extensions":{"http://e.example/context":'
        '{"contextActivities":{"parent":{}}}}},'
        '"result":{"context":{"contextActivities":{"parent":{}}}}}'
    )
    assert complete(received(body), {}) == body


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
_KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)
_SET = ("id", "stored", "authority", "version", "timestamp")
_STATEMENTS = st.dictionaries(_KEYS | st.sampled_from(_SET), _VALUES, min_size=1)


@given(
    _STATEMENTS,
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
    st.sets(st.sampled_from(_SET)),
)
def test_stored_text_equals_the_received_but_for_the_properties_set(
    statement: dict[str, Any], indent: Any, ascii_only: bool, names: set[str]
) -> None:
    body = json.dumps(statement, indent=indent, ensure_ascii=ascii_only)
    item = received(body)
    assert item.text == body
    properties = {name: f'["{name}", 1.10]' for name in sorted(names)}
    whole = complete(item, properties)
    read = orjson.loads(body)  # beyond 64 bits an integer is read as a double
    expected = read | {name: [name, 1.1] for name in sorted(names)}
    assert text.parse(whole.encode()) == expected
    assert list(json.loads(whole)) == list(expected)
    for name, start, end in reversed(list(members(whole, 0))):
        if name in names and name in statement:
            old = next(v for v in members(body, 0) if v[0] == name)
            whole = whole[:start] + body[old[1] : old[2]] + whole[end:]
    added = "".join(
        f',"{name}":{json_text}'
        for name, json_text in properties.items()
        if name not in statement
    )
    assert whole == body[:-1] + added + "}"
