"""Entries: canonical rows on their way in, with their key and what stands for them.

In: what a mapping made of a record. Out: an Entry, or FieldError where the row is at
odds with itself. An entry may also say that no row of its key holds any more.
"""

from __future__ import annotations

from hashlib import blake2b

import orjson

from analytics.workforce.former import RETRACTED
from analytics.workforce.mapping import FieldError, Mapped
from analytics.workforce.model import SEPARATOR, Row, Table
from analytics.workforce.rules import broken_rule
from analytics.workforce.staged_rows import Entry


def mapped_entry(table: Table, mapped: Mapped) -> Entry:
    """Return a record's row, or what it takes back, as an Entry; raises FieldError."""
    if mapped.retracts:
        return Entry(table.key_of(mapped.row), RETRACTED, mapped.row, retracted=True)
    return entry_of(table, mapped.row)


def retraction(table: Table, key: str) -> Entry:
    """Return what says that no row of a key holds."""
    return Entry(key, RETRACTED, key_values(table, key), retracted=True)


def entry_of(table: Table, row: Row) -> Entry:
    """Return a row with its key and digest; raises FieldError."""
    broken = broken_rule(table.kind, row)
    if broken is not None:
        raise FieldError(*broken)
    return Entry(table.key_of(row), digest_of(row), row)


def digest_of(row: Row) -> bytes:
    """Return 16 octets that stand for a row's values."""
    # Sorted, so that a column's place in the model is no part of its value.
    content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    return blake2b(content, digest_size=16).digest()


def key_values(table: Table, key: str) -> Row:
    """Return the columns that a key is made of."""
    return dict(zip(table.key, key.split(SEPARATOR), strict=True))
