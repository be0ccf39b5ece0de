"""POST over a stored document: the JSON procedure (xAPI-Communication 2.2)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.document_requests import (
    Address,
    a_state,
    create,
    each_resource,
    each_version,
    etag,
    get,
    post,
)

Make = Callable[..., Address]


@each_resource
@each_version
def test_top_level_properties_are_set_and_the_rest_stays(
    shared: Client, make: Make, version: str
) -> None:
    at = make()
    create(shared, at, b'{"x":"foo","y":"bar","deep":{"a":1,"b":2}}')
    posted = b'{"x":"bash","z":"faz","deep":{"a":3}}'
    done = post(shared, at, posted, version=version)
    merged = b'{"x":"bash","y":"bar","deep":{"a":3},"z":"faz"}'
    assert (done.status_code, done.data) == (204, b"")
    found = get(shared, at, version=version)
    assert found.data == merged
    assert done.headers["ETag"] == found.headers["ETag"] == etag(merged)


@each_resource
def test_what_is_not_replaced_keeps_every_character(shared: Client, make: Make) -> None:
    at = make()
    create(
        shared,
        at,
        '{ "price": 1.10,\n  "big": 12345678901234567890.12345678901234567890,'
        '\t"huge":1e400, "zero":-0.0, "text": "\\u0041é\\/" ,"old":1}'.encode(),
    )
    assert post(shared, at, b'{"old": 2.50, "new": 1E+2}').status_code == 204
    assert (
        get(shared, at).data
        == (
            '{ "price": 1.10,\n  "big": 12345678901234567890.12345678901234567890,'
            '\t"huge":1e400, "zero":-0.0, "text": "\\u0041é\\/" ,"old":2.50,"new":1E+2}'
        ).encode()
    )


@each_resource
@each_version
def test_a_null_is_a_value(shared: Client, make: Make, version: str) -> None:
    at = make()
    create(shared, at, b'{"a":1,"b":2}')
    assert post(shared, at, b'{"a":null}', version=version).status_code == 204
    assert get(shared, at).data == b'{"a":null,"b":2}'


@each_resource
def test_an_empty_object_changes_nothing_but_the_time(
    shared: Client, make: Make
) -> None:
    at = make()
    create(shared, at, b'{"a":1}')
    assert post(shared, at, b" {} ").status_code == 204
    assert get(shared, at).data == b'{"a":1}'
    create(shared, at.named("empty"), b"{}")
    assert post(shared, at.named("empty"), b'{"a":1}').status_code == 204
    assert get(shared, at.named("empty")).data == b'{"a":1}'


def test_many_merges_add_up(shared: Client) -> None:
    at = a_state()
    for number in range(30):
        body = b'{"k%d":%d,"last":%d}' % (number % 10, number, number)
        assert post(shared, at, body).status_code == 204
    expected = {f"k{number % 10}": number for number in range(30)} | {"last": 29}
    assert get(shared, at).json == expected


@pytest.mark.parametrize(
    ("stored", "posted"),
    [
        ("application/json", "application/json; charset=utf-8"),
        ("application/json; charset=UTF-8", "application/json"),
        ("Application/JSON", "application/json"),
    ],
)
def test_the_type_of_what_is_stored_stays(
    shared: Client, stored: str, posted: str
) -> None:
    at = a_state()
    create(shared, at, b'{"a":1}', stored)
    assert post(shared, at, b'{"b":2}', posted).status_code == 204
    found = get(shared, at)
    assert (found.headers["Content-Type"], json.loads(found.data)) == (
        stored,
        {"a": 1, "b": 2},
    )


NO_MERGE = {
    "another type is posted": ("{}", "application/json", "{}", "text/plain"),
    "no type is posted": ("{}", "application/json", "{}", None),
    "another type is stored": ("{}", "text/plain", "{}", "application/json"),
    "neither is json": ("a", "text/plain", "b", "text/plain"),
    "an array is posted": ("{}", "application/json", "[]", "application/json"),
    "a string is posted": ("{}", "application/json", '"a"', "application/json"),
    "a null is posted": ("{}", "application/json", "null", "application/json"),
    "an array is stored": ("[1]", "application/json", "{}", "application/json"),
    "a number is stored": ("1", "application/json", "{}", "application/json"),
    "broken json is posted": ("{}", "application/json", '{"a":', "application/json"),
    "nothing is posted": ("{}", "application/json", "", "application/json"),
}


@each_resource
@each_version
@pytest.mark.parametrize(
    ("stored", "stored_type", "posted", "posted_type"),
    NO_MERGE.values(),
    ids=NO_MERGE.keys(),
)
def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    shared: Client,
    make: Make,
    version: str,
    stored: str,
    stored_type: str,
    posted: str,
    posted_type: str | None,
) -> None:
    at = make()
    create(shared, at, stored.encode(), stored_type)
    problem(post(shared, at, posted.encode(), posted_type, version=version), 400)
    found = get(shared, at)
    assert (found.data, found.headers["Content-Type"]) == (stored.encode(), stored_type)
