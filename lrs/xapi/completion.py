"""Completion: what the LRS sets is put into a Statement's text, never re-encoded.

Spec: xAPI-Data 2.1, 2.2 (a Statement is read back as it was sent), XAPI-00096 (the one
wrapping). In: a Statement as received and the properties to be set. Out: its text;
every other character of it is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lrs.xapi.text import SPACE, Received


def is_as_it_will_be(received: Received, properties: Iterable[str]) -> bool:
    """Tell whether ``complete`` only has to add to the end of the text."""
    value = received.value
    if not value.keys().isdisjoint(properties):
        return False
    return not _lone(value) and not _lone(value.get("object"))


def complete(received: Received, properties: Mapping[str, str]) -> str:
    """Return the Statement's text with these properties set.

    ``properties`` maps a top-level name to its JSON text. What stands already is
    replaced in place, the rest is added at the end; a lone object in
    contextActivities is wrapped into an array; nothing else changes.
    """
    text, value = received.text, received.value
    edits: list[tuple[int, int, str]] = []
    standing = not properties.keys().isdisjoint(value)
    if standing:
        for name, start, end in members(text, 0):
            if name in properties:
                edits.append((start, end, properties[name]))
    edits.extend(_wrappings(text, value))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    added = [
        f'"{name}":{json_text}'
        for name, json_text in properties.items()
        if not standing or name not in value
    ]
    if not added:
        return text
    comma = "," if value else ""
    return f"{text[:-1]}{comma}{','.join(added)}}}"


def members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield (name, start, end) of each member's value of the object at ``at``.

    The text is known to be well-formed.
    """
    decode = json.JSONDecoder(parse_float=str, parse_int=str).raw_decode
    at = _skip(text, at + 1)
    while text[at] != "}":
        if text[at] == ",":
            at = _skip(text, at + 1)
        name, at = decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = decode(text, start)
        yield name, start, end
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    while text[at] in SPACE:
        at += 1
    return at


def _wrappings(text: str, value: Any) -> list[tuple[int, int, str]]:
    """Return the edits that put lone contextActivities objects into arrays."""
    edits: list[tuple[int, int, str]] = []
    for path, holder in (
        (("context",), value),
        (("object", "context"), value.get("object")),
    ):
        lone = _lone(holder)
        if not lone:
            continue
        at = 0
        for name in (*path, "contextActivities"):
            at = next(start for key, start, _ in members(text, at) if key == name)
        for name, start, end in members(text, at):
            if name in lone:
                edits.append((start, end, f"[{text[start:end]}]"))
    return edits


def _lone(holder: Any) -> list[str]:
    """Return the names of contextActivities that are an object and no array."""
    context = holder.get("context") if isinstance(holder, dict) else None
    lists = context.get("contextActivities") if isinstance(context, dict) else None
    if not isinstance(lists, dict):
        return []
    return [name for name, item in lists.items() if isinstance(item, dict)]
