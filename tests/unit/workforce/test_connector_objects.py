"""Large JSON answers, item by item: what breaks off, repeats or is another thing."""

from __future__ import annotations

import io

import pytest

from analytics.workforce.connectors.objects import items_of, objects_by_name
from analytics.workforce.connectors.shelf import Shelf
from lrs.errors import BadRequest


def members(text: str) -> list[object]:
    return list(objects_by_name("it", io.StringIO(text), "people"))


def items(text: str) -> list[object]:
    return list(items_of("it", io.StringIO(text), "people"))


def test_members_below_a_name_come_one_by_one() -> None:
    text = (
        '{"a": [1], "people": {"7": {"n": 1.10, "l": [null, true]}, "8": {}}, "b": 1}'
    )
    assert members(text) == [("7", {"n": "1.10", "l": [None, True]}), ("8", {})]
    assert type(members(text)[0][1]["n"]) is str  # type: ignore[index]
    assert members('{"people": []}') == members("{}") == []
    assert members('{"people": {"7": {"n": 1, "n": 2}}}') == [("7", {"n": "2"})]


def test_items_below_a_name_come_one_by_one() -> None:
    assert items('{"x": {}, "people": [{"n": 1}, {"n": 2}], "y": 2}') == [
        {"n": "1"},
        {"n": "2"},
    ]
    assert items('{"people": []}') == []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"people": {"7": {}', '{"people": {"7" {}}}', '{"people": {}} x'],
)
def test_members_that_break_off_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        members(text)


@pytest.mark.parametrize(
    "text", ["{}", '{"people": {}}', '{"people": [1', '{"people": [1 2]}', "[1]"]
)
def test_items_that_break_off_or_are_missing_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        items(text)


def test_a_shelf_keeps_one_of_each_and_gives_them_in_order() -> None:
    with Shelf() as shelf:
        assert shelf.put("people", [("b", "", 1), ("a", "2", 2), ("a", "1", 3)]) == 0
        assert shelf.put("people", [("b", "", 4), ("c", "", 5)]) == 1
        assert shelf.put("others", [("a", "", 6)]) == 0
        assert list(shelf.all("people")) == [("a", 3), ("a", 2), ("b", 4), ("c", 5)]
        assert (shelf.of("people", "a"), shelf.of("people", "x")) == ([3, 2], [])
        ids = [("a", "1"), ("a", "2"), ("b", ""), ("c", "")]
        assert list(shelf.ids("people")) == ids
        assert (shelf.count("people"), shelf.has("others", "a")) == (4, True)
        shelf.clear("people")
        assert (shelf.count("people"), shelf.count("others")) == (0, 1)
