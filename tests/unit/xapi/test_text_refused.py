"""What is no JSON text for a Statement, and the sentence that refuses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.text import NotJson, split


def refusal(body: str | bytes) -> str:
    """Return the sentence with which a body is refused."""
    with pytest.raises(NotJson) as raised:
        split(body.encode() if isinstance(body, str) else body)
    violation = raised.value.violation
    assert (violation.path, violation.rule) == ("", "xapi-data:2.1")
    assert violation.message == str(raised.value)
    assert violation.message.endswith(".")
    return violation.message


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\xa0", "\u2003"])
@pytest.mark.parametrize("body", ["{}", "[{}]"])
def test_whitespace_that_json_does_not_know_is_refused(body: str, space: str) -> None:
    assert "well-formed" in refusal(space + body)
    assert "well-formed" in refusal(body + space)


NOT_JSON = {
    "nothing": "",
    "blanks": " \n",
    "cut off": '{"a":',
    "trailing comma": '{"a":1,}',
    "two values": "{} {}",
    "single quotes": "{'a':1}",
    "comment": '{"a":1/**/}',
    "leading zero": '{"a":01}',
    "leading plus": '{"a":+1}',
    "no digit after the point": '{"a":1.}',
    "no digit before the point": '{"a":.5}',
    "hexadecimal": '{"a":0x1F}',
    "unquoted key": "{a:1}",
    "Python's words": '{"a":None,"b":True}',
    "raw control character": '{"a":"\x01"}',
    "raw line break in a string": '{"a":"x\ny"}',
    "raw NUL": '{"a":"\0"}',
    "unknown escape": r'{"a":"\x41"}',
    "NaN": '{"a":NaN}',
    "Infinity": '{"a":Infinity}',
    "minus Infinity": '{"a":[-Infinity]}',
    "open array": "[{}",
    "array with a trailing comma": "[{},]",
    "text after an array": "[{}] x",
    "digits of another script": '{"a":\u0661}',
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_refused(body: str) -> None:
    refusal(body)


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1,"a":1}',
        '{"a":1, "a":2}',
        r'{"a":1,"\u0061":2}',
        '{"x":{"y":[{"k":1,"k":1}]}}',
        '[{"b":1},{"a":1,"a":1}]',
    ],
)
def test_a_repeated_key_is_refused(body: str) -> None:
    assert "repeats a key" in refusal(body)


@pytest.mark.parametrize(
    "body",
    [r'{"a":"\ud800"}', r'{"a":"\udc00\ud800"}', r'{"\udfff":1}', r'[{"a":"\ude00"}]'],
)
def test_half_a_surrogate_pair_is_refused(body: str) -> None:
    assert "surrogate" in refusal(body) or body.startswith("[")


def test_a_byte_order_mark_is_refused() -> None:
    assert "byte-order mark" in refusal(b"\xef\xbb\xbf{}")


@pytest.mark.parametrize(
    "body",
    [b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}', b'[{"a":"\xe9"}]'],
)
def test_bytes_that_are_no_utf8_are_refused(body: bytes) -> None:
    assert "UTF-8" in refusal(body)


def test_utf16_is_refused() -> None:
    refusal('{"a":1}'.encode("utf-16"))
    refusal('{"a":1}'.encode("utf-16-le"))


@pytest.mark.parametrize("deep", [251 + 5, 980, 1020, 100_000])
@pytest.mark.parametrize(
    ("opened", "closed"), [("[", "]"), ('{"a":', "}"), ('{"a": [', "]}")]
)
def test_deep_nesting_is_refused(opened: str, closed: str, deep: int) -> None:
    whole = f'{{"a":{opened * deep}1{closed * deep}}}'
    assert "too deeply" in refusal(whole)
    refusal(opened * deep)


@pytest.mark.parametrize(
    "number", ["1E99999999999999999999", "-1.5e1999999999999999999"]
)
@pytest.mark.parametrize("around", ['{"a":%s}', '[{"a":[ %s ]}]'])
def test_an_exponent_that_nothing_can_compare_is_refused(
    number: str, around: str
) -> None:
    assert "exponent" in refusal(around % number)


def test_numbers_do_not_open_a_way_around_the_limit_of_nesting() -> None:
    assert "too deeply" in refusal('{"a":' + "[" * 251 + "1E400" + "]" * 251 + "}")


@pytest.mark.parametrize("number", ["9" * 5000, "0." + "9" * 5000])
def test_a_number_of_thousands_of_digits_is_refused_or_kept(number: str) -> None:
    body = f'{{"n": {number}}}'
    try:
        assert split(body.encode())[0][0].text == body
    except NotJson as error:
        assert "number" in str(error)  # noqa: PT017 - either answer will do


@given(st.binary(max_size=40))
def test_any_bytes_are_either_taken_apart_or_refused(body: bytes) -> None:
    try:
        found, _ = split(body)
    except NotJson:
        return
    for item in found:
        assert item.text.encode() in body
