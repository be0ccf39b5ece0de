"""The text of Statements: taken apart as it came.

In goes a request's body; out come its Statements, each as the exact text received
beside its parsed value, so that it can be read back as it was sent (xAPI-Data 2.1,
2.2); what the LRS sets in it is of lrs.xapi.completion.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import orjson

from lrs.xapi import familiar
from lrs.xapi.familiar import Memory, Pieces
from lrs.xapi.violations import Violation

_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
SPACE = " \t\n\r"
_SPACE_BYTES = SPACE.encode()
LONG_NUMBER = 4000  # digits; Python refuses to convert more than 4300
# Levels of arrays and objects. What orjson writes (it stops at 254) must suffice for
# every later reader, whatever stands on its stack by then.
_DEEPEST = 250


class NotJson(ValueError):
    """The text is not JSON as RFC 8259 defines it, or repeats a key."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.violation = Violation("", "xapi-data:2.1", message)


class TooMany(ValueError):
    """An array has more elements than are taken."""


class Received:
    """One Statement of a request: the text as it came, and what it says.

    ``pieces`` are there where it is familiar; then it is parsed only for who asks.
    """

    __slots__ = ("_value", "pieces", "text")

    def __init__(self, text: str, value: Any = None, pieces: Pieces | None = None):
        self.text = text
        self.pieces = pieces
        self._value = value

    @property
    def value(self) -> Any:
        """What it says, as orjson (or json with Decimals) reads it."""
        if self.pieces is not None and self._value is None:
            self._value = orjson.loads(self.text)
        return self._value


def split(
    body: bytes, most: int | None = None, memory: Memory[Any] | None = None
) -> tuple[list[Received], bool]:
    """Return the Statements of a body, and whether it was an array of them.

    Those of which the ``memory`` knows the parts come in pieces. Raises NotJson for
    what is not JSON, for a repeated key, and for characters or numbers that no reader
    could give back; TooMany for more than ``most`` of them, before any is looked at.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        raise NotJson("The body begins with a byte-order mark; JSON text has none.")
    body = body.strip(_SPACE_BYTES)
    if not body.startswith(b"["):
        return [_received(body, memory)], False
    try:
        raws = _RAWS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotJson("The body is not well-formed JSON in UTF-8.") from None
    if most is not None and len(raws) > most:
        raise TooMany
    return [_received(bytes(raw), memory) for raw in raws], True


def _received(raw: bytes, memory: Memory[Any] | None) -> Received:
    if memory is not None:
        pieces = familiar.recognized(raw, memory)
        if pieces is not None:
            return Received(raw.decode(), pieces=pieces)
    return _receive(raw)


def parse(raw: bytes) -> Any:
    """Parse one JSON text strictly; raises NotJson."""
    return _receive(raw.strip(_SPACE_BYTES)).value


def exact(text: str) -> Any:
    """Parse a text once received, every number with all the digits that it has."""
    return json.loads(text, parse_float=_exact)


def _exact(text: str) -> float | Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # nothing but a zero with an absurd exponent
        return float(text)


def _receive(raw: bytes) -> Received:
    try:
        value = orjson.loads(raw)
        # JSON that encodes to itself, but for white space, cannot have repeated a key:
        # only the rest pays for the slower reading that sees every pair.
        written = orjson.dumps(value)
        if written == raw or written == msgspec.json.format(raw, indent=-1):
            return Received(raw.decode(), value)
    except orjson.JSONEncodeError:
        raise _too_deep() from None
    except orjson.JSONDecodeError:
        value = None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise NotJson("The body is not UTF-8.") from None
    if value is None:
        value = _strict(text)
        _check_depth(value)
    else:
        _check_keys(text)
    return Received(text, value)


def _check_keys(text: str) -> None:
    """Find a repeated key, or a number that is too long, in what is JSON by itself."""
    try:
        # Nothing of it is kept: all the values once more could fill the memory.
        json.loads(text, object_pairs_hook=_once, parse_float=_short, parse_int=_short)
    except RecursionError:
        raise _too_deep() from None


def _strict(text: str) -> Any:
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_number,
            parse_int=_integer,
        )
        # Lone surrogates pass the parser but are no Unicode text.
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except NotJson:
        raise
    except UnicodeEncodeError:
        raise NotJson("A string holds half of a surrogate pair.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise NotJson("The body is not well-formed JSON.") from None
    return value


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        if not inner:
            return
        level = inner
    raise _too_deep()


def _too_deep() -> NotJson:
    return NotJson(f"The JSON is nested too deeply; {_DEEPEST} levels are taken.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _once(pairs)
    return dict(pairs)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise NotJson("An object repeats a key; every key stands once.")


def _refuse_constant(_: str) -> Any:
    raise NotJson("NaN and Infinity are not JSON numbers.")


def _short(text: str) -> None:
    if len(text) > LONG_NUMBER:
        raise NotJson(f"A number has more than {LONG_NUMBER} characters.")


def _number(text: str) -> float | Decimal:
    _short(text)
    value = float(text)
    if value not in (float("inf"), float("-inf")):
        return value
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotJson("The exponent of a number has more than 18 digits.") from None


def _integer(text: str) -> int:
    _short(text)
    return int(text)
