"""Familiar Statements: those of which nearly all was seen before, letter for letter.

The same people, verbs and Activities come over and over. In: the text of a Statement.
Out: ``Pieces`` where it has the usual properties and no others, compact or spaced as
Python's json does it, and its larger ones were learned: what was kept of these, and the
values of the few that remain. So a Statement need not be parsed, nor searched for
repeated keys (xAPI-Data 2.2), as a whole: put together again, the pieces must give the
text that came, and each of them was, or is here, found to be JSON without a repetition.
Everything else takes the long way (lrs.xapi.text); it may be valid all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
import orjson

T = TypeVar("T")

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LONGEST = 2_000  # octets of a text that is learned
_LARGEST, _NESTED = 4_000, 100  # octets of any other, and brackets in it
_MOST = 8_000  # texts of a generation
_QUOTE = ord('"')
LEARNED = frozenset(
    {
        *("actor", "verb", "object"),
        *("context.contextActivities", "context.instructor", "context.team"),
    }
)


def _written(prefix: str, *names: str) -> dict[str, tuple[str, bytes, bytes]]:
    """Return for each name its full one, and how it stands before its value."""
    return {
        name: (prefix + name, f',"{name}":'.encode(), f', "{name}": '.encode())
        for name in names
    }


_TOP = _written(
    "",
    *("id", "actor", "verb", "object", "result", "context", "timestamp", "version"),
)
_CONTEXT = _written(
    "context.",
    *("registration", "instructor", "team", "contextActivities"),
    *("revision", "platform", "language", "extensions"),
)


class Pieces(msgspec.Struct, frozen=True):
    """A Statement in pieces, by their full names, as ``context.registration``.

    ``learned`` is what was kept of those that are known, ``values`` are the others.
    """

    learned: Mapping[str, Any]
    values: Mapping[str, Any]


class Memory(Generic[T]):
    """What was learned of texts; those that nobody sends any more are forgotten.

    Two generations: what is asked for in the elder one goes on into the younger.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._young: dict[tuple[str, bytes], T] = {}
        self._old: dict[tuple[str, bytes], T] = {}

    def get(self, name: str, text: bytes) -> T | None:
        """Return what was kept of the text of a property."""
        kept = self._young.get((name, text))
        if kept is None:
            kept = self._old.get((name, text))
            if kept is not None:
                self.keep(name, text, kept)
        return kept

    def keep(self, name: str, text: bytes, what: T) -> None:
        """Keep something of a text."""
        if len(self._young) >= self._most:
            self._young, self._old = {}, self._young
        self._young[name, text] = what


class _Strange(Exception):
    """A piece does not have a form that is told at a glance."""


def recognized(raw: bytes, memory: Memory[Any]) -> Pieces | None:
    """Return the pieces of a familiar Statement, None for every other text."""
    learned: dict[str, Any] = {}
    values: dict[str, Any] = {}
    try:
        members = _taken_apart(raw, _TOP)
        for name, text in members:
            if name == "context":
                members += _taken_apart(text, _CONTEXT)
            elif name in LEARNED:
                kept = memory.get(name, text)
                if kept is None:
                    return None
                learned[name] = kept
            elif text[0] == _QUOTE:
                values[name] = orjson.loads(text)
            else:
                values[name] = _proven(text)
    except (_Strange, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return Pieces(learned, values)


def texts(raw: str, statement: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the texts of what can be learned of a valid Statement, by full name.

    Nothing where the whole of it would not be familiar all the same.
    """
    if not statement.keys() <= _TOP.keys():
        return {}
    found = _MEMBERS.decode(raw)
    named = {name: bytes(text) for name, text in found.items()}
    context = named.get("context", b"")
    if context.startswith(b"{"):
        for name, text in _MEMBERS.decode(context).items():
            named[f"context.{name}"] = bytes(text)
    return {
        name: text
        for name, text in named.items()
        if name in LEARNED and len(text) <= _LONGEST
    }


def _taken_apart(
    raw: bytes, written: Mapping[str, tuple[str, bytes, bytes]]
) -> list[tuple[str, bytes]]:
    """Return (full name, text) of the members of an object; raises _Strange.

    That they make up the text again shows that no name is repeated.
    """
    members = _MEMBERS.decode(raw)
    if not members.keys() <= written.keys():
        raise _Strange
    named: list[tuple[str, bytes]] = []
    compact: list[bytes] = []
    for name, value in members.items():
        text = bytes(value)
        full, standing, _ = written[name]
        named.append((full, text))
        compact += (standing, text)
    inside = raw[1:-1]
    if b"".join(compact)[1:] != inside:
        spaced: list[bytes] = []
        for name, (_, text) in zip(members, named, strict=True):
            spaced += (written[name][2], text)
        if b"".join(spaced)[2:] != inside:
            raise _Strange
    return named


def _proven(text: bytes) -> Any:
    """Return a value, of which no object repeats a key; raises _Strange."""
    if len(text) > _LARGEST or text.count(b"{") + text.count(b"[") > _NESTED:
        raise _Strange
    value = orjson.loads(text)
    again = orjson.dumps(value)
    if again != text and again != msgspec.json.format(text, indent=-1):
        raise _Strange
    return value
