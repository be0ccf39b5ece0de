"""Faults: where a text stops being JSON, for people who have to mend it.

Spec: RFC 8259; xAPI-Data 2.1. In: bytes that ``text`` refused, and where they begin.
Out: one Violation with the line and column, or the path of the object concerned. Read
with the slow reader of the standard library, which knows its place; so only what is
refused already comes here. Nothing of the text is quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lrs.xapi.text import LONG_NUMBER, NotJson
from lrs.xapi.violations import Violation

# What the standard library says, by its beginning, and what we say.
_SAID = {
    "Expecting value": "A value is expected here",
    "Expecting property name": "A name in double quotes is expected here",
    "Expecting ':'": "A colon is expected here",
    "Expecting ','": "A comma or a closing bracket is expected here",
    "Illegal trailing comma": "This comma must not be followed by a bracket",
    "Unterminated string": "The string that begins here has no end",
    "Invalid control character": "A control character must be escaped",
    "Invalid \\": "This is not an escape of JSON",
    "Extra data": "The JSON ended before this",
    "Unexpected UTF-8 BOM": "A byte-order mark stands here; JSON text has none",
}
# A name that may stand in a path: those of the specification are all like this, and
# whatever else the sender wrote is cut off.
_NAME = re.compile(r"[A-Za-z]{1,40}").fullmatch
_WRONG = object()


class _Repeating(dict[str, Any]):
    """An object that repeats a key."""


def located(raw: bytes, error: NotJson, line: int = 1, column: int = 1) -> Violation:
    """Return the error's Violation with its place.

    ``line`` and ``column`` are where ``raw`` begins; columns count characters.
    """
    try:
        value = _read(raw.decode())
    except UnicodeDecodeError as broken:
        before = raw[: broken.start].decode()
        at = _place(before, line, column)
        return _said(error, "A byte stands here that is not UTF-8", at)
    except json.JSONDecodeError as broken:
        said = next(
            (ours for theirs, ours in _SAID.items() if broken.msg.startswith(theirs)),
            "The JSON breaks here",
        )
        return _said(error, said, _place(broken.doc[: broken.pos], line, column))
    except (RecursionError, ValueError):
        return error.violation  # too deep, or a number too long: said already
    return replace(error.violation, path=_first_wrong(value))


def _read(text: str) -> Any:
    return json.loads(
        text,
        object_pairs_hook=_pairs,
        parse_constant=lambda _: _WRONG,
        parse_float=_number,
        parse_int=_number,
    )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _Repeating(members)


def _number(text: str) -> object:
    return _WRONG if len(text) > LONG_NUMBER else None  # its value is not looked at


def _first_wrong(value: object) -> str:
    """Return the path of the first value that is no JSON although it could be read.

    Walks with a stack of its own: what is refused may be nested to any depth.
    """
    open_: list[tuple[str, bool, Iterator[tuple[str | int, object]]]] = []
    open_.append(("", True, iter([("", value)])))
    while open_:
        path, known, items = open_[-1]
        for step, item in items:
            if _is_wrong(item):
                return _below(path, step, known=known)[0]
            if isinstance(item, dict):
                inner = iter(item.items())
            elif isinstance(item, list):
                inner = iter(enumerate(item))
            else:
                continue
            open_.append((*_below(path, step, known=known), inner))
            break
        else:
            open_.pop()
    return ""


def _is_wrong(item: object) -> bool:
    if isinstance(item, dict):
        return isinstance(item, _Repeating) or any(map(_is_half, item))
    return item is _WRONG or (isinstance(item, str) and _is_half(item))


def _is_half(text: str) -> bool:
    """Tell whether a string holds half of a surrogate pair."""
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)


def _below(path: str, step: str | int, *, known: bool) -> tuple[str, bool]:
    """Return the path one step down, and whether it may grow further."""
    if known and isinstance(step, int):
        return f"{path}[{step}]", True
    if known and isinstance(step, str) and _NAME(step):
        return f"{path}.{step}" if path else step, True
    return path, known and step == ""


def _place(before: str, line: int, column: int) -> tuple[int, int]:
    breaks = before.count("\n")
    if breaks:
        return line + breaks, len(before) - before.rindex("\n")
    return line, column + len(before)


def _said(error: NotJson, message: str, at: tuple[int, int]) -> Violation:
    line, column = at
    told = f"{message} (line {line}, column {column})."
    return replace(error.violation, message=told)
