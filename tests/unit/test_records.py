"""Records: NDJSON, arrays and single objects, taken apart without being parsed."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs import records
from lrs.records import Record, Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def __init__(self, whole: bytes, at_most: int) -> None:
        self._whole = io.BytesIO(whole)
        self._at_most = at_most
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._whole.read(min(len(buffer), self._at_most))
        buffer[: len(found)] = found
        self.given += len(found)
        return len(found)


def split(whole: bytes, **given: Any) -> list[Record]:
    return list(records.split(io.BufferedReader(io.BytesIO(whole)), **given))


def raws(whole: bytes) -> list[bytes]:
    return [record.raw for record in split(whole)]


def test_ndjson_is_a_record_a_line_with_its_number() -> None:
    found = split(b'{"a":1}\r\n\n  {"b":2} \n{"c":3}')
    assert found == [
        Record(1, b'{"a":1}', 1, 1),
        Record(3, b'{"b":2}', 3, 3),
        Record(4, b'{"c":3}', 4, 1),
    ]


def test_an_array_is_a_record_an_element_with_line_and_column() -> None:
    found = split(b'\n[ {"a":\n[1,{}]} ,\n  2,"]",{"b":"}"}\n]\n')
    assert found == [
        Record(1, b'{"a":\n[1,{}]}', 2, 3),
        Record(2, b"2", 4, 3),
        Record(3, b'"]"', 4, 5),
        Record(4, b'{"b":"}"}', 4, 9),
    ]


def test_an_object_over_many_lines_is_one_record() -> None:
    pretty = json.dumps({"a": {"b": [1, 2]}, "c": "d"}, indent=2).encode()
    assert split(b"\n " + pretty + b"\n") == [Record(1, pretty, 2, 2)]
    assert raws(b"{\n}") == [b"{\n}"]


def test_what_holds_nothing_has_no_records() -> None:
    assert [split(text) for text in (b"", b" \n\r\n", b"[]", b" [ \n ] ")] == [[]] * 4


@settings(max_examples=200)
@given(items=st.lists(JSON), indent=st.sampled_from([None, 0, 3]))
def test_any_array_comes_apart_into_its_elements(
    items: list[Any], indent: int | None
) -> None:
    whole = json.dumps(items, indent=indent).encode()
    assert [json.loads(raw) for raw in raws(whole)] == items


@pytest.mark.parametrize("at_most", [1, 2, 7, 1000])
def test_it_makes_no_difference_in_what_pieces_the_text_comes(
    at_most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_PIECE", at_most)
    chance = random.Random(at_most)
    items = [
        {"a": 'x"\\' * chance.randrange(40), "b": [[], {}, chance.random()]}
        for _ in range(60)
    ]
    whole = json.dumps(items, indent=1).encode()
    expected = split(whole)
    stream = io.BufferedReader(Dripping(whole, at_most))
    assert list(records.array(stream)) == expected
    assert [json.loads(record.raw) for record in expected] == items


# where it breaks: how many records before, line, column, a word of the sentence
BROKEN: dict[str, tuple[bytes, int, int, int, str]] = {
    "cut off": (b'[{"a":1},\n{"b":', 1, 2, 6, "breaks off"),
    "cut off between": (b'[{"a":1}', 1, 1, 9, "comma or the end"),
    "cut off in a string": (b'[{"a":"x}]', 0, 1, 11, "breaks off"),
    "cut off at once": (b"[", 0, 1, 2, "breaks off"),
    "no comma": (b'[{}\n{"b":2}]', 1, 2, 1, "comma or the end"),
    "trailing comma": (b"[{},\n]", 1, 2, 1, "A Statement is expected"),
    "two commas": (b"[{},,{}]", 1, 1, 5, "A Statement is expected"),
    "a wrong bracket": (b'[{"a":[1}]', 0, 1, 9, "closes one that is not open"),
    "a stray bracket": (b"[}", 0, 1, 2, "A bracket stands"),
    "a bracket in a word": (b"[tru{}]", 0, 1, 5, "A bracket stands"),
    "too many brackets": (b"[" + b"[" * 20_000, 0, 1, 10_002, "nested too deeply"),
    "more behind": (b"[{}]\n[{}]", 1, 2, 1, "ended before this"),
    "a byte-order mark": (b"\xef\xbb\xbf[{}]", 0, 1, 1, "byte-order mark"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_array_gives_what_stands_before_and_says_where(name: str) -> None:
    whole, before, line, column, word = BROKEN[name]
    found: list[Record] = []
    with pytest.raises(Unreadable, match=word) as raised:
        found.extend(records.split(io.BufferedReader(io.BytesIO(whole))))
    assert len(found) == before
    assert str(raised.value).endswith(f"(line {line}, column {column}).")
    assert raised.value.line == line


@pytest.mark.parametrize(
    "whole",
    [
        b'{"a":"%b"}' % (b"x" * 100),
        b'{\n"a":"%b"}' % (b"x" * 100),
        b"[[%b" % (b" " * 100),
    ],
    ids=["line", "object", "array"],
)
def test_a_record_that_is_too_long_is_not_read_to_its_end(
    whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_PIECE", 8)
    endless = Dripping(whole * 1000, 100)
    with pytest.raises(Unreadable, match="more than 40 bytes"):
        list(records.split(io.BufferedReader(endless, 16), longest=40))
    assert endless.given < 500
