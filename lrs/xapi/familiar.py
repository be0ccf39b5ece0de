"""Familiar Statements: those whose larger pieces come over and over, letter for letter.

The same people, verbs and Activities are sent again and again. In: the text of a
Statement. Out: ``Pieces`` where it has the usual properties and no others, compact or
spaced as Python's json does it: what is known of the larger ones, each of which is
learned when it first comes, and the values of the others. So a Statement need not be
parsed, nor searched for repeated keys (xAPI-Data 2.2), as a whole: the pieces must make
up the text that came, and each of them was, or is here, found to be JSON without a
repetition. Everything else takes the long way (lrs.xapi.text); it may be valid all the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

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


class _Member(NamedTuple):
    """A property that is usual: its full name, and how it stands before its value.

    ``length`` is that of the compact text beside the value.
    """

    full: str
    length: int
    learned: bool
    spaced: bytes


def _members(prefix: str, *names: str) -> dict[str, _Member]:
    return {
        name: _Member(
            prefix + name,
            len(f',"{name}":'.encode()),
            prefix + name in LEARNED,
            f', "{name}": '.encode(),
        )
        for name in names
    }


_TOP = _members(
    "",
    *("id", "actor", "verb", "object", "result", "context", "timestamp", "version"),
)
_CONTEXT = _members(
    "context.",
    *("registration", "instructor", "team", "contextActivities"),
    *("revision", "platform", "language", "extensions"),
)


class Pieces(msgspec.Struct, frozen=True):
    """A Statement in pieces, by their full names, as ``context.registration``.

    ``learned`` is what is known of those that were learned, ``values`` are the others.
    """

    learned: Mapping[str, Any]
    values: Mapping[str, Any]


class Memory(Generic[T]):
    """What was learned of texts; those that nobody sends any more are forgotten.

    ``teach(name, text)`` returns what is to be kept of the text of a property; None, or
    a ValueError, where that is nothing. Two generations: what is asked for in the elder
    one goes on into the younger.
    """

    def __init__(
        self, teach: Callable[[str, bytes], T | None], most: int = _MOST
    ) -> None:
        self._teach = teach
        self._most = most
        self._young: dict[tuple[str, bytes], T] = {}
        self._old: dict[tuple[str, bytes], T] = {}

    @property
    def known(self) -> int:
        """How many texts it holds."""
        return len(self._young) + len(self._old)

    def get(self, name: str, text: bytes) -> T | None:
        """Return what is known of the text of a property, learned now if it is new."""
        asked = (name, text)
        known = self._young.get(asked)
        if known is None:
            known = self._old.get(asked)
            if known is None and len(text) <= _LONGEST and _is_flat(text):
                known = self._teach(name, text)
            if known is not None:
                if len(self._young) >= self._most:
                    self._young, self._old = {}, self._young
                self._young[asked] = known
        return known


class _Strange(Exception):
    """A piece does not have a form that is told at a glance."""


def recognized(raw: bytes, memory: Memory[Any]) -> Pieces | None:
    """Return the pieces of a familiar Statement, None for every other text."""
    learned: dict[str, Any] = {}
    values: dict[str, Any] = {}
    try:
        context = _take_apart(raw, _TOP, memory, learned, values)
        if context is not None:
            _take_apart(context, _CONTEXT, memory, learned, values)
    except (_Strange, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return Pieces(learned, values)


def _take_apart(
    raw: bytes,
    usual: Mapping[str, _Member],
    memory: Memory[Any],
    learned: dict[str, Any],
    values: dict[str, Any],
) -> bytes | None:
    """Add the members of an object to what was learned and to the values.

    Returns the text of the context, which is neither; raises _Strange.
    """
    members = _MEMBERS.decode(raw)
    if not members.keys() <= usual.keys():
        raise _Strange
    context = None
    length = 1  # two brackets, and the first member has no comma
    texts = []
    for name, value in members.items():
        full, beside, is_learned, _ = usual[name]
        text = bytes(value)
        texts.append(text)
        length += beside + len(text)
        if is_learned:
            known = memory.get(full, text)
            if known is None:
                raise _Strange
            learned[full] = known
        elif full == "context":
            context = text
        elif text[0] == _QUOTE:
            values[full] = orjson.loads(text)
        else:
            values[full] = _proven(text)
    # A repeated or an escaped name, or white space, would make it longer than that.
    if length != len(raw) and not _is_spaced(raw, usual, members, texts):
        raise _Strange
    return context


def _is_spaced(
    raw: bytes,
    usual: Mapping[str, _Member],
    members: Mapping[str, object],
    texts: Sequence[bytes],
) -> bool:
    """Tell whether an object is just these members, as Python's json writes them."""
    again: list[bytes] = []
    for name, text in zip(members, texts, strict=True):
        again += (usual[name].spaced, text)
    return b"".join(again)[2:] == raw[1:-1]


def _proven(text: bytes) -> Any:
    """Return a value, of which no object repeats a key; raises _Strange."""
    if len(text) > _LARGEST or not _is_flat(text):
        raise _Strange
    value = orjson.loads(text)
    again = orjson.dumps(value)
    if again != text and again != msgspec.json.format(text, indent=-1):
        raise _Strange
    return value


def _is_flat(text: bytes) -> bool:
    """Tell whether a piece is surely not what makes a Statement nested too deeply."""
    return text.count(b"{") + text.count(b"[") <= _NESTED
