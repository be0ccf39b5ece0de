"""Shapes: what a source's fields look like, and what has changed of them.

A system's operators rename a field or change what it holds and tell nobody. In: the
cells of records as they came, of which some are looked at. Out: for each field a word
for what it holds; beside those of the source's delivery before, what appeared,
vanished or changed (the schema drift). No value is ever kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from analytics.workforce.mapping import Cell

_FIRST, _EACH = 2_000, 50  # all of the first records, then each fiftieth
_WORDS = (
    ("day", re.compile(r"\d{4}-\d{2}-\d{2}\Z")),
    ("time", re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")),
    ("number", re.compile(r"[+-]?\d{1,30}([.,]\d{1,30})?\Z")),
    ("yes or no", re.compile(r"(true|false|yes|no|y|n)\Z", re.IGNORECASE)),
)
_EMPTY = "empty"


class Shapes:
    """The fields of a delivery."""

    def __init__(self, fields: Iterable[str]) -> None:
        self._found: dict[str, str] = dict.fromkeys(fields, _EMPTY)
        self._seen = 0

    def look(self, cells: Mapping[str, Cell]) -> None:
        """Take a record."""
        self._seen += 1
        if self._seen > _FIRST and self._seen % _EACH:
            return
        found = self._found
        for name, cell in cells.items():
            if cell:
                before, word = found.get(name, _EMPTY), _word(cell)
                if before not in (word, "text"):
                    found[name] = word if before == _EMPTY else "text"

    @property
    def found(self) -> dict[str, str]:
        """Return a word for each field."""
        return dict(self._found)


def drift(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return a sentence for each field that is not what it was."""
    return [*_told(before, now)] if before else []


def _told(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in now:
        if name not in before:
            yield f"The field {name} is new."
    for name, was in before.items():
        is_ = now.get(name)
        if is_ is None:
            yield f"The field {name} is gone."
        elif is_ != was and _EMPTY not in (is_, was):
            yield f"The field {name} held {was} and holds {is_} now."
        elif is_ == _EMPTY != was:
            yield f"The field {name} held {was} and is empty now."


def _word(cell: Cell) -> str:
    if isinstance(cell, list):
        return "list"
    if isinstance(cell, dict):
        return "record"
    text = str(cell or "").strip()
    return next((word for word, form in _WORDS if form.match(text)), "text")
