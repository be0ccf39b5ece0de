"""Large JSON answers in a file, read item by item through a window.

In: text such as ``{"table": "jobInfo", "employees": {"1": {...}, "2": {...}}}`` or
``{"Report_Entry": [{...}, {...}]}``. Out: what stands below one name of the outermost
object. Memory is that of one item, however many there are. Numbers are text, as they
are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TextIO

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.json_text import JsonText, Repeated, TooLong
from lrs.errors import BadRequest

_JSON = Format(type="json")


def objects_by_name(what: str, stream: TextIO, name: str) -> Iterator[tuple[str, Any]]:
    """Yield names and values below ``name``; raises BadRequest where it is no JSON.

    An empty array there is an empty object, as PHP writes it.
    """
    text = JsonText(what, stream, _JSON)
    for found in _names(text):
        if found == name and text.peek() == "{":
            for inner in _names(text):
                yield inner, _plain(what, text.value())
        else:
            text.value()
    if text.peek():
        raise text.wrong()


def items_of(what: str, stream: TextIO, name: str) -> Iterator[Any]:
    """Yield the items of the array below ``name``; raises BadRequest likewise."""
    text = JsonText(what, stream, _JSON)
    met = False
    for found in _names(text):
        if found != name or not text.take("["):
            text.value()
            continue
        met = True
        while not text.take("]"):
            yield _plain(what, text.value())
            if text.peek() != "]" and not text.take(","):
                raise text.wrong()
    if text.peek() or not met:
        raise text.wrong()


def _plain(what: str, value: object) -> Any:
    """Return a value without what only tells of its text."""
    if isinstance(value, TooLong):
        raise BadRequest(f"{what} has an item that {value}.")
    if isinstance(value, Repeated):
        value = value.last
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return [_plain(what, item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(what, item) for name, item in value.items()}
    return value


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
