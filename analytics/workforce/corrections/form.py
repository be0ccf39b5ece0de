"""The form of a file of corrections: its columns, and a cell there and back.

A spreadsheet is a poor keeper of text, so a cell that comes back as it was given out
means the very value that was kept (a list, a number, a text with a quote before it),
and of a changed one the quote is taken away by which a formula was made harmless.
"""

from __future__ import annotations

import re

import orjson

from analytics.spreadsheets import cell, without_quote
from analytics.workforce.mapping import Cell, Mapping
from analytics.workforce.mapping.sensitive import sensitive_kind

_NUMBERLIKE = re.compile(r"[0-9]+\.[0-9]+\Z").match  # 1.10 became 1.1, or a day


def own_columns(mapping: Mapping) -> tuple[str, str]:
    """Return how the columns of a record's name and reason are called.

    A source may have fields that are called so: then they say whose they are.
    """
    known = {path.written for path in mapping.sources()}
    record, reason = (
        f"set_aside_{name}" if name in known else name for name in ("record", "reason")
    )
    return record, reason


def given_fields(mapping: Mapping) -> list[str]:
    """Return the fields that are given out: what the mapping reads, none sensitive."""
    names = (path.written for path in mapping.sources())
    return [name for name in names if sensitive_kind(name) is None]


def written_name(name: str) -> str:
    """Return a record's name as text that no spreadsheet takes for a number."""
    return f"'{name}" if _NUMBERLIKE(name) else str(cell(name))


def read_name(text: str) -> str:
    """Return a record's name as it was before."""
    return without_quote(text.strip()).removeprefix("'")


def written(kept: Cell) -> str:
    """Return a kept cell as it is given out."""
    return str(cell(kept))


def read(text: str, kept: Cell) -> Cell:
    """Return what a cell means that came back, beside the one that was kept."""
    bare = without_quote(text)
    if text == written(kept) or (isinstance(kept, str) and bare == kept):
        return kept
    if isinstance(kept, list) and bare.lstrip().startswith("["):
        try:
            parts = orjson.loads(bare)
        except orjson.JSONDecodeError:
            return bare
        if not any(isinstance(part, list | dict) for part in parts):
            return list(parts)
    return bare or None
