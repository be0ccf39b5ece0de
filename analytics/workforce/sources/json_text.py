"""A window over JSON text: one value after another, by the standard library.

The window grows while a value is cut off by its end, up to LONGEST; a longer value is
not decoded but only gone past. So memory is bounded whatever the text holds.
"""

from __future__ import annotations

import json
import re
from typing import TextIO

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.text import encoding_told
from lrs.errors import BadRequest

LONGEST = 1 << 20  # characters of one value; a longer one is gone past
_PIECE = 1 << 18
_BLANK = re.compile(r"[ \t\n\r]*")
_MARK = re.compile(r'[][{}"]')
_IN_TEXT = re.compile(r'["\\]')


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class Repeated:
    """An object that has a field twice; ``last`` is what its last ones say."""

    def __init__(self, last: dict[str, object]) -> None:
        self.last = last


class TooLong:
    """A value of so many characters that it was not decoded."""

    def __init__(self, characters: int) -> None:
        self.characters = characters

    def __str__(self) -> str:
        return f"has {self.characters:,} characters; at most {LONGEST:,} are read"


def _object(pairs: list[tuple[str, object]]) -> object:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(made)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=Number,
    parse_float=Number,
    parse_constant=_refuse_constant,
).raw_decode


class JsonText:
    """The values of a text, in their order.

    ``record`` is for messages; ``escaped`` tells whether the last value has an escape
    by number, which alone can write half a surrogate pair.
    """

    def __init__(self, name: str, stream: TextIO, form: Format) -> None:
        self.record = 0
        self.escaped = False
        self._name = name
        self._stream = stream
        self._form = form
        self._window = ""
        self._at = 0

    def peek(self) -> str:
        """Return the next sign that is not blank, or nothing at the end."""
        while True:
            blank = _BLANK.match(self._window, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._more():
                return ""

    def take(self, sign: str) -> bool:
        """Go past the sign if it is the next one that is not blank."""
        if self.peek() != sign:
            return False
        self._at += 1
        return True

    def value(self) -> object:
        """Return the next value, or raise BadRequest where there is none.

        One of str, Number, bool, None, list, dict, Repeated, TooLong.
        """
        self.peek()
        while True:
            try:
                found, end = _decode(self._window, self._at)
            except ValueError:
                # Wrong or cut off: told apart by what follows.
                if len(self._window) - self._at > LONGEST:
                    return self._gone_past()
                if not self._more():
                    raise self.wrong() from None
            except RecursionError:
                raise BadRequest(
                    f"{self._place()} is nested too deeply to be read."
                ) from None
            else:
                # A number at the window's end may go on behind it.
                if end < len(self._window) or not self._more():
                    self.escaped = self._window.find("\\u", self._at, end) >= 0
                    size, self._at = end - self._at, end
                    return found if size <= LONGEST else TooLong(size)

    def wrong(self) -> BadRequest:
        """Return the error that says where this is no JSON."""
        return BadRequest(f"{self._place()}: not JSON in {encoding_told(self._form)}.")

    def _place(self) -> str:
        return f"{self._name}, record {self.record}" if self.record else self._name

    def _more(self) -> bool:
        """Let the window begin here and reach further; tell whether it does."""
        kept = len(self._window) - self._at
        try:
            piece = self._stream.read(max(_PIECE, kept))
        except UnicodeDecodeError:
            raise self.wrong() from None
        self._window = self._window[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _gone_past(self) -> TooLong:
        """Go past a value without decoding it; the window stays small meanwhile."""
        size = depth = 0
        in_text = False
        while True:
            found = (_IN_TEXT if in_text else _MARK).search(self._window, self._at)
            if found is None:
                size += len(self._window) - self._at
                self._at = len(self._window)
                if not self._more():
                    raise self.wrong()
                continue
            sign = found[0]
            size += found.end() - self._at
            self._at = found.end()
            if sign == "\\":
                if self._at == len(self._window) and not self._more():
                    raise self.wrong()
                self._at += 1
                size += 1
            elif sign == '"':
                in_text = not in_text
            else:
                depth += 1 if sign in "[{" else -1
            if depth < 0:
                raise self.wrong()
            if depth == 0 and not in_text:
                if size <= LONGEST:  # short enough to be decoded, were it JSON
                    raise self.wrong()
                return TooLong(size)
