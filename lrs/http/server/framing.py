"""Where a request ends, found without reading it: only to know when it is whole.

Spec: RFC 9112 6 and 7.1. What the request says, and whether it may say so, is for
gunicorn's parser, which reads it again: whatever is not plain here goes to it as it is
and is refused there. In: octets as they come. Out: lengths.
"""

from __future__ import annotations

import re

CHUNKED, UNCLEAR = -1, -2  # for lengths
_LONGEST_LINE = 8 << 10  # of chunks; gunicorn's own limit is a little below
_LONGEST_TRAILER = 64 << 10
_MOST_DIGITS = 18
_NONE = "no chunks"
_FIELDS = re.compile(
    rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r\n]*)", re.I
).findall
_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?", re.S).fullmatch


def framing(head: bytes) -> tuple[int, bool]:
    """Return the length of the body behind a head, and whether its sender waits.

    That is CHUNKED, or UNCLEAR, or in octets; who waits wants to hear 100 Continue.
    """
    fields = _FIELDS(head)
    if not fields:
        return 0, False
    length, expects = None, False
    for name, text in fields:
        value = text.rstrip(b" \t").lower()
        if name[0] in b"eE":
            if value != b"100-continue":
                return UNCLEAR, False
            expects = b" HTTP/1.1\r\n" in head
        elif length is not None:  # two of them, or both kinds
            return UNCLEAR, False
        elif name[0] in b"cC" and value.isdigit() and len(value) <= _MOST_DIGITS:
            length = int(value)
        elif name[0] in b"tT" and value == b"chunked":
            length = CHUNKED
        else:
            return UNCLEAR, False
    return length or 0, expects


class Chunks:
    """Finds the end of a chunked body."""

    __slots__ = ("_behind", "_left", "_line", "_trailer")

    def __init__(self) -> None:
        self._left = 0  # octets of the present chunk still to come
        self._behind = False  # such a chunk, where its line break stands
        self._trailer = -1  # octets of it, once the last chunk has been
        self._line = b""

    def end(self, piece: bytes) -> int:
        """Return where the body ends in what came, -1 if it goes on.

        Raises ValueError for what no chunks are.
        """
        at = 0
        while at < len(piece):
            if self._left:
                step = min(self._left, len(piece) - at)
                self._left -= step
                at += step
                continue
            stop = piece.find(b"\n", at) + 1
            self._line += piece[at : stop or None]
            if len(self._line) > (2 if self._behind else _LONGEST_LINE):
                raise ValueError(_NONE)
            if not stop:
                break
            at, line, self._line = stop, self._line, b""
            if not line.endswith(b"\r\n"):
                raise ValueError(_NONE)
            if self._read(line[:-2]):
                return at
        return -1

    def _read(self, line: bytes) -> bool:
        """Read a line between chunks; tell whether it was the last."""
        if self._behind:
            if line:
                raise ValueError(_NONE)
            self._behind = False
        elif self._trailer >= 0:
            self._trailer += len(line)
            if self._trailer > _LONGEST_TRAILER:
                raise ValueError(_NONE)
            return not line
        else:
            size = _SIZE(line)
            if size is None:
                raise ValueError(_NONE)
            self._left = int(size[1], 16)
            if self._left:
                self._behind = True
            else:
                self._trailer = 0
        return False
