"""If-Match and If-None-Match: reading the headers, and what they ask for."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from lrs.errors import BadRequest, PreconditionFailed
from lrs.http.preconditions import preconditions
from lrs.preconditions import NONE, Preconditions

ETAG = "a9993e364706816aba3e25717850c26c9cd0d89d"


def read(name: str, value: str) -> Preconditions:
    builder = EnvironBuilder(headers={name: value})
    return preconditions(Request(builder.get_environ()))


@pytest.mark.parametrize(
    ("value", "stands", "nothing"),
    [
        ("*", True, False),
        (" * ", True, False),
        (f'"{ETAG}"', True, False),
        (f'"x", "{ETAG}"', True, False),
        (f'"x" ,"{ETAG}","y"', True, False),
        (f'"x",W/"{ETAG}"', False, False),  # weak tags never match here
        (f'W/"{ETAG}"', False, False),
        ('"x"', False, False),
        ('"*"', False, False),  # a tag in quotes is a tag
        ('""', False, False),
        (f'"{ETAG.upper()}"', False, False),
        (f'"{ETAG}, x"', False, False),  # one tag with a comma in it
        (ETAG, True, False),  # without its quotes
    ],
)
def test_if_match(value: str, stands: bool, nothing: bool) -> None:
    asked = read("If-Match", value)
    assert asked
    assert asked.matches(ETAG) is stands
    assert asked.matches(None) is nothing
    assert asked.none_matches(ETAG)


@pytest.mark.parametrize(
    ("value", "stands"),
    [
        ("*", False),
        (f'"{ETAG}"', False),
        (f'W/"{ETAG}"', False),
        (f'"x", W/"{ETAG}"', False),
        (ETAG, False),
        ('"x"', True),
        ('"*"', True),
        ('W/"x", "y"', True),
    ],
)
def test_if_none_match(value: str, stands: bool) -> None:
    asked = read("If-None-Match", value)
    assert asked
    assert asked.none_matches(ETAG) is stands
    assert asked.none_matches(None)
    assert asked.matches(ETAG)
    assert asked.matches(None)


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize(
    "value",
    [
        *("", " ", ",", '"', '"abc', 'abc"', '"a""b"', '"a" "b"', '"a",', ',"a"'),
        *("*,*", '*, "a"', '"a", *', 'w/"a"', "W/", 'W"a"', "a b", '"a",,"b"'),
    ],
)
def test_a_header_that_is_no_list_of_tags_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadRequest, match=name):
        read(name, value)


def test_a_long_wrong_header_is_refused_at_once() -> None:
    with pytest.raises(BadRequest):
        read("If-Match", '"a", ' * 20_000 + "*")


def test_no_header_asks_for_nothing() -> None:
    none = preconditions(Request(EnvironBuilder().get_environ()))
    assert none == NONE
    assert not none
    none.demand(None)
    none.demand(ETAG)


@pytest.mark.parametrize(
    ("name", "value", "etag", "said"),
    [
        ("If-Match", "*", None, "No document"),
        ("If-Match", '"x"', None, "No document"),
        ("If-Match", '"x"', ETAG, "has changed"),
        ("If-None-Match", "*", ETAG, "If-None-Match"),
        ("If-None-Match", f'"{ETAG}"', ETAG, "If-None-Match"),
    ],
)
def test_what_does_not_hold_fails(
    name: str, value: str, etag: str | None, said: str
) -> None:
    with pytest.raises(PreconditionFailed, match=said):
        read(name, value).demand(etag)
