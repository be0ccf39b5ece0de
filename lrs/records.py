"""Records: a stream of Statements, taken apart into the text of each.

In: NDJSON (a record a line), one JSON array, or one object over many lines. Out: each
record's bytes with the place where it begins; nothing is parsed here, so that one
broken record spoils no other. Memory is bounded by the longest record.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lrs.xapi.text import NotJson

LONGEST = 64 << 20  # bytes of one record; a Statement of this size is none
_PIECE = 256 << 10  # bytes
_DEEPEST = 10_000  # brackets in brackets; text takes 250, and says so
_PEEKED = 64 << 10  # bytes; enough to see two lines of an object that is spread out
_SPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MARKED = "A byte-order mark stands here; JSON text has none"
_CLOSING = {b"{": b"}", b"[": b"]"}
# Whole strings, and what is neither a string nor a bracket; atomic, so that no text
# makes it go back and try again.
_PLAIN = rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")'
# Those, and whole brackets without brackets in them: most that a Statement has.
_QUIET = re.compile(
    rb"(?:%b|\[%b*+\]|\{%b*+\})*+" % (_PLAIN, _PLAIN, _PLAIN), re.DOTALL
)
_SCALAR = re.compile(rb'(?:[^"{}\[\],]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its line in NDJSON, or its place in an array; both begin at 1.

    ``line`` and ``column`` (in bytes) say where its text begins.
    """

    number: int
    raw: bytes
    line: int
    column: int = 1


class Unreadable(NotJson):
    """The stream cannot be taken apart from this place on."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"{message} (line {line}, column {column}).")
        self.line = line


def split(file: io.BufferedReader, *, longest: int = LONGEST) -> Iterator[Record]:
    """Yield the records; the first bytes tell an array, NDJSON and one object.

    Raises Unreadable where an array breaks off or a record is too long.
    """
    start = file.peek(_PEEKED).lstrip(_BYTE_ORDER_MARK).lstrip(_SPACE)
    if start.startswith(b"["):
        return array(file, longest=longest)
    if _is_spread(start):
        return one(file, longest=longest)
    return lines(file, longest=longest)


def lines(file: io.BufferedIOBase, *, longest: int = LONGEST) -> Iterator[Record]:
    """Yield a record for each line that is not blank."""
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if len(line) > longest:
            raise Unreadable(f"A line has more than {longest} bytes", number, 1)
        raw = line.strip(_SPACE)
        if raw:
            yield Record(number, raw, number, line.index(raw[:1]) + 1)


def one(file: io.BufferedIOBase, *, longest: int = LONGEST) -> Iterator[Record]:
    """Yield the whole stream as one record."""
    whole = file.read(longest + 1)
    if len(whole) > longest:
        raise Unreadable(f"The object has more than {longest} bytes", 1, 1)
    raw = whole.strip(_SPACE)
    if raw:
        before = whole[: whole.index(raw[:1])]
        yield Record(1, raw, *_after(1, 1, before))


def array(file: io.BufferedIOBase, *, longest: int = LONGEST) -> Iterator[Record]:
    """Yield the elements of the array that the stream holds."""
    return _Array(file, longest).elements()


class _Array:
    """Reads an array in pieces; ``at`` is the place reached in what is held."""

    def __init__(self, file: io.BufferedIOBase, longest: int) -> None:
        self._file = file
        self._longest = longest
        self._held = b""
        self._at = 0
        self._start = 0  # of the present element; what is before is let go
        self._counted = 0  # as far as line and column are known
        self._line = self._column = 1

    def elements(self) -> Iterator[Record]:
        if (found := self._after_space()) != b"[":
            marked = found == _BYTE_ORDER_MARK[:1]
            raise self._broken(MARKED if marked else "An array begins with a bracket")
        self._at += 1
        number, found = 0, self._after_space()
        if found != b"]":
            while True:
                number += 1
                yield self._element(number)
                found = self._after_space()
                if found != b",":
                    break
                self._at += 1
        if found != b"]":
            raise self._broken("A comma or the end of the array is expected here")
        self._at += 1
        if self._after_space():
            raise self._broken("The array ended before this")

    def _element(self, number: int) -> Record:
        first = self._after_space()
        self._count()
        line, column = self._line, self._column
        self._start = self._at
        if first in _CLOSING:
            self._skip_nested()
        else:
            self._skip(_SCALAR)
            if self._held[self._at : self._at + 1] not in (b",", b"]"):
                raise self._broken("A bracket stands where none can")
        raw = self._held[self._start : self._at].rstrip(_SPACE)
        if not raw:
            raise self._broken("A Statement is expected here")
        return Record(number, raw, line, column)

    def _skip_nested(self) -> None:
        """Go behind the bracket that closes the one here."""
        open_: list[bytes] = []
        while True:
            bracket = self._held[self._at : self._at + 1]
            if bracket in _CLOSING:
                open_.append(_CLOSING[bracket])
                if len(open_) > _DEEPEST:
                    raise self._broken("The brackets are nested too deeply")
            elif bracket != open_.pop():
                raise self._broken("This bracket closes one that is not open")
            self._at += 1
            if not open_:
                return
            self._skip(_QUIET)

    def _skip(self, quiet: re.Pattern[bytes]) -> None:
        """Go to the next bracket (or comma) outside of strings."""
        while True:
            found = quiet.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._held[self._at : self._at + 1] not in (b"", b'"'):
                return
            if not self._more():  # the end, or a string without one
                self._at = len(self._held)
                raise self._broken("The text breaks off in the middle of the array")

    def _after_space(self) -> bytes:
        """Go to the next byte that is not space and return it; empty at the end."""
        while True:
            while (found := self._held[self._at : self._at + 1]) and found in _SPACE:
                self._at += 1
            if found:
                return found
            self._count()
            self._start = self._at
            if not self._more():
                return b""

    def _more(self) -> bool:
        """Hold more of the stream; as much again, so that growing stays cheap."""
        kept = self._held[self._start :]
        if len(kept) > self._longest:
            raise self._broken(f"A Statement has more than {self._longest} bytes")
        piece = self._file.read(max(_PIECE, len(kept)))
        self._held = kept + piece
        self._at -= self._start
        self._counted -= self._start
        self._start = 0
        return bool(piece)

    def _count(self) -> None:
        passed = self._held[self._counted : self._at]
        self._line, self._column = _after(self._line, self._column, passed)
        self._counted = self._at

    def _broken(self, message: str) -> Unreadable:
        self._count()
        return Unreadable(message, self._line, self._column)


def _after(line: int, column: int, passed: bytes) -> tuple[int, int]:
    """Return line and column behind what was passed."""
    breaks = passed.count(b"\n")
    if breaks:
        return line + breaks, len(passed) - passed.rindex(b"\n")
    return line, column + len(passed)


def _is_spread(start: bytes) -> bool:
    """Tell whether an object goes on in the second line, as in pretty JSON."""
    first, _, rest = start.partition(b"\n")
    second = rest.lstrip(_SPACE)[:1]
    return first.startswith(b"{") and second != b"" and second in b'"}'
