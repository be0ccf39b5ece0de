"""JSON: an array of objects, or an object that has such an array somewhere inside.

Read record by record through a window over the text, to its end before the first record
comes out. Numbers stay as they are written, so that an identifier of many digits keeps
them all. A record that is no object or repeats a field is a fault of its own, and so is
one that is too long or nested too deeply.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.json_cells import is_unicode, json_cell
from analytics.workforce.sources.json_text import JsonText, Repeated, TooLong
from analytics.workforce.sources.records import LONGEST_CELL, Record
from analytics.workforce.sources.spooling import spooled
from analytics.workforce.sources.text import Opener, text_of
from lrs.errors import BadRequest


def read_json(
    name: str, opened: Opener, form: Format
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the fields of all records, and the records. Raises BadRequest."""
    return spooled(name, _records(name, opened, form))


def _records(name: str, opened: Opener, form: Format) -> Iterator[Record]:
    with text_of(name, opened(), form) as stream:
        text = JsonText(name, stream, form)
        for number, item in enumerate(_found(name, text, form.records), start=1):
            yield _record(number, item, escaped=text.escaped)
        if text.peek():
            raise text.wrong()


def _found(name: str, text: JsonText, path: tuple[str, ...]) -> Iterator[object]:
    """Yield the items of the array at the path, then read to the end around it."""
    if not path:
        if not text.take("["):
            raise BadRequest(
                f"{name} is not a JSON array of objects. Where an object holds the "
                "array, the mapping's format.records says under which name."
            )
        yield from _items(text)
        return
    if not text.take("{"):
        raise _nothing(name, path)
    found = False
    while not text.take("}"):
        field = text.value()
        if type(field) is not str or not text.take(":"):
            raise text.wrong()
        if field != path[0] or found:
            text.value()  # beside the records: only sound
        else:
            found = True
            if len(path) == 1 and text.peek() != "[":
                raise _nothing(name, path)
            yield from _found(name, text, path[1:])
        if text.peek() != "}" and not (text.take(",") and text.peek() == '"'):
            raise text.wrong()
    if not found:
        raise _nothing(name, path)


def _items(text: JsonText) -> Iterator[object]:
    if text.take("]"):
        return
    while True:
        text.record += 1
        yield text.value()
        if text.take("]"):
            return
        if not text.take(","):
            raise text.wrong()


def _nothing(name: str, path: tuple[str, ...]) -> BadRequest:
    return BadRequest(
        f"{name} has no JSON array under the name {path[0]!r} of format.records."
    )


def _record(number: int, item: object, *, escaped: bool) -> Record:
    fault = None
    if isinstance(item, Repeated):
        item, fault = item.last, "has a field that stands there twice"
    if isinstance(item, TooLong):
        return Record(number, {}, str(item))
    if not isinstance(item, dict):
        return Record(number, {}, "is not a JSON object")
    for field, value in item.items():
        if type(value) is not str or len(value) > LONGEST_CELL:
            item[field], wrong = json_cell(field, value)
            fault = fault or wrong
    if escaped and not is_unicode(item):
        return Record(number, {}, "has half of a surrogate pair, which is no text")
    return Record(number, item, fault)
