"""The content of documents: ETag, JSON or not, and the merge of 2.2."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.document import check, etag, is_json, is_object, merge
from lrs.xapi.text import NotJson


def test_the_etag_is_the_sha1_of_the_content_in_lower_case() -> None:
    assert etag(b"abc") == hashlib.sha1(b"abc").hexdigest()
    assert etag(b"abc") == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert etag(b"") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/json", True),
        ("Application/JSON", True),
        ("application/json;charset=utf-8", True),
        ("application/json ; charset=utf-8", True),
        ("application/jsonx", False),
        ("application/ld+json", False),
        ("text/json", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_json_is_what_the_type_says_before_its_parameters(
    kind: str, expected: bool
) -> None:
    assert is_json(kind) is expected


def test_only_what_is_declared_as_json_must_be_json() -> None:
    check(b"{", "text/plain")
    check(b'{"a": 1}', "application/json")
    with pytest.raises(NotJson):
        check(b"{", "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"{}", True), (b' \n\t\r{"a":1}', True), (b"[]", False), (b"1", False)],
)
def test_an_object_begins_with_a_brace(content: bytes, expected: bool) -> None:
    assert is_object(content) is expected


@pytest.mark.parametrize(
    ("existing", "posted", "merged"),
    [
        (b"{}", b"{}", b"{}"),
        (b"{}", b'{"a":1}', b'{"a":1}'),
        (b'{"a":1}', b"{}", b'{"a":1}'),
        (
            b'{"x":"foo","y":"bar"}',
            b'{"x":"bash","z":"faz"}',
            b'{"x":"bash","y":"bar","z":"faz"}',
        ),
        # Only the top level is merged.
        (b'{"a":{"b":1,"c":2}}', b'{"a":{"b":3}}', b'{"a":{"b":3}}'),
        (b'{"a":1}', b'{"a":null}', b'{"a":null}'),
        # What is not replaced keeps every character; so does what replaces it.
        (
            b'  { "a" : 1.10 ,\n  "b": 1e400, "c":[ ] }\n',
            b'{"b" : 100000000000000000000.0}',
            b'{ "a" : 1.10 ,\n  "b": 100000000000000000000.0, "c":[ ] }',
        ),
        (b'{ "a": 1 }', b'{ "b":  -0.0 }', b'{ "a": 1 ,"b":-0.0}'),
        (b"{ }", b'{"a":1}', b'{ "a":1}'),
        # Names are compared as they are meant, whatever their spelling.
        (b'{"\\u0061":1}', b'{"a":2}', b'{"\\u0061":2}'),
        (b'{"a":1}', b'{"\\u0061":2}', b'{"a":2}'),
        (b"{}", '{"é\\n\\"":"😀"}'.encode(), '{"é\\n\\"":"😀"}'.encode()),
        (b'{"a":"}"}', b'{"b":"{\\"a\\":1}"}', b'{"a":"}","b":"{\\"a\\":1}"}'),
        (b'{"":1}', b'{"":2}', b'{"":2}'),
    ],
)
def test_a_merge_sets_the_top_level_properties(
    existing: bytes, posted: bytes, merged: bytes
) -> None:
    assert merge(existing, posted) == merged


@pytest.mark.parametrize(
    "other", [b"[]", b"1", b'"x"', b"null", b"true", b' [{"a":1}]']
)
def test_what_is_no_object_is_not_merged(other: bytes) -> None:
    with pytest.raises(NotJson, match="stored"):
        merge(other, b"{}")
    with pytest.raises(NotJson, match="sent"):
        merge(b"{}", other)


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TEXTS = st.builds(
    lambda value, indent, ascii_only: json.dumps(
        value, indent=indent, ensure_ascii=ascii_only
    ).encode(),
    st.dictionaries(st.text(max_size=3), VALUES),
    st.none() | st.just(2),
    st.booleans(),
)


@given(TEXTS, TEXTS)
def test_a_merge_says_what_the_specification_says(old: bytes, new: bytes) -> None:
    merged = merge(old, new)
    check(merged, "application/json")
    assert json.loads(merged) == json.loads(old) | json.loads(new)
    assert merge(merged, new) == merged
