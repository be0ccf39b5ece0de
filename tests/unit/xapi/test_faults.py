"""Faults: the place where a text stops being JSON."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi import text
from lrs.xapi.faults import located
from lrs.xapi.violations import Violation
from tests.unit.xapi.samples import a_full_statement


def fault(raw: bytes, line: int = 1, column: int = 1) -> Violation:
    with pytest.raises(text.NotJson) as raised:
        text.parse(raw)
    found = located(raw, raised.value, line, column)
    assert found.rule == "xapi-data:2.1"
    assert found.message.endswith(".")
    return found


AT: dict[str, tuple[bytes, int, int]] = {
    "A value": (b'{"a":}', 1, 6),
    "A value is expected": (b'{\n "a": 1,\n "b": tru\n}', 3, 7),
    "A name in double quotes": (b"{'a':1}", 1, 2),
    "A colon": (b'{"a" 1}', 1, 6),
    "A comma or a closing bracket": (b'{"a":1\n "b":2}', 2, 2),
    "The string that begins here": (b'{"a":"x', 1, 6),
    "A control character": (b'{"a":"\t"}', 1, 7),
    "This is not an escape": (b'{"a":"\\q"}', 1, 7),
    "The JSON ended before": (b"{} {}", 1, 4),
    "A byte stands here that is not UTF-8": ('{"ä":"'.encode() + b"\xff", 1, 7),
    "A byte-order mark": (b"\xef\xbb\xbf{}", 1, 1),
}


@pytest.mark.parametrize("said", AT)
def test_what_is_not_json_is_told_with_line_and_column(said: str) -> None:
    raw, line, column = AT[said]
    found = fault(raw)
    assert found.message.startswith(said)
    assert found.message.endswith(f"(line {line}, column {column}).")
    assert found.path == ""


def test_the_place_counts_on_from_where_the_text_begins() -> None:
    assert fault(b'{"a":}', 10, 5).message.endswith("(line 10, column 10).")
    assert fault(b'{\n"a":}', 10, 5).message.endswith("(line 11, column 5).")


IN: dict[str, tuple[bytes, str]] = {
    "repeats a key": (b'{"actor":{"mbox":1,"mbox":2}}', "actor"),
    "repeats a key;": (b'{"a":1,"a":2}', ""),
    "NaN and Infinity": (b'{"result":{"score":{"raw":NaN}}}', "result.score.raw"),
    "half of a surrogate": (
        b'{"object":[1,{"description":"\\ud800"}]}',
        "object[1].description",
    ),
    "half of a surrogate pair": (b'{"actor":{"\\udfff":1}}', "actor"),
    "more than 4000": (b'{"result":{"raw":%b}}' % (b"1" * 5000), "result.raw"),
}


@pytest.mark.parametrize("said", IN)
def test_what_no_reader_can_take_is_told_with_its_path(said: str) -> None:
    raw, path = IN[said]
    found = fault(raw)
    assert said in found.message
    assert found.path == path


def test_a_path_ends_where_the_names_are_the_senders_own() -> None:
    raw = b'{"context":{"extensions":{"http://geheim.example":{"a":{"b":1,"b":2}}}}}'
    assert fault(raw).path == "context.extensions"


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000])
def test_brackets_without_end_exhaust_nothing(raw: bytes) -> None:
    assert "nested too deeply" in fault(raw).message


@given(st.binary(max_size=60).map(lambda raw: b"{" + raw + b"{"))
def test_whatever_the_bytes_the_refusal_is_one_sentence_that_quotes_nothing(
    raw: bytes,
) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z0-9 ,;:()'-]+\.", fault(raw).message)


@given(st.integers(0, 10_000))
def test_a_statement_that_is_cut_off_is_told_at_its_last_line(cut: int) -> None:
    whole = json.dumps(a_full_statement(), indent=1)
    part = whole[: 1 + cut % (len(whole) - 2)].rstrip()
    line = part.count("\n") + 1
    assert f"(line {line}, " in fault(part.encode()).message
