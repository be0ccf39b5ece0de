"""A large JSON object, read member by member through a window.

In: text such as ``{"table": "jobInfo", "employees": {"1": {...}, "2": {...}}}``. Out:
the members below one name of the outermost object. Memory is that of one member,
however many there are. Numbers are text, as they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TextIO

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.json_text import JsonText

_JSON = Format(type="json")


def objects_by_name(what: str, stream: TextIO, name: str) -> Iterator[tuple[str, Any]]:
    """Yield names and values below ``name``; raises BadRequest where it is no JSON.

    An empty array there is an empty object, as PHP writes it.
    """
    text = JsonText(what, stream, _JSON)
    for found in _names(text):
        if found == name and text.peek() == "{":
            for inner in _names(text):
                yield inner, text.value()
        else:
            text.value()
    if text.peek():
        raise text.wrong()


def items_by_name(what: str, stream: TextIO, name: str) -> Iterator[Any]:
    """Yield the items of the array ``name``; raises BadRequest where it is no JSON.

    Raises KeyError where the object has no such array.
    """
    text = JsonText(what, stream, _JSON)
    is_there = False
    for found in _names(text):
        if found != name:
            text.value()
            continue
        if not text.take("["):
            raise KeyError(name)
        is_there = True
        yield from _items(text)
    if text.peek():
        raise text.wrong()
    if not is_there:
        raise KeyError(name)


def _items(text: JsonText) -> Iterator[Any]:
    if text.take("]"):
        return
    while True:
        yield text.value()
        if text.take("]"):
            return
        if not text.take(","):
            raise text.wrong()


def _names(text: JsonText) -> Iterator[str]:
    """Yield the names of an object; the value behind each is the caller's to read."""
    if not text.take("{"):
        raise text.wrong()
    if text.take("}"):
        return
    while True:
        name = text.value()
        if type(name) is not str or not text.take(":"):
            raise text.wrong()
        yield name
        if text.take("}"):
            return
        if not text.take(","):
            raise text.wrong()
