"""The stored Statements behind rows: who vouches for each, and the digest of its text.

In: rows with a ``statement_id``. Out: the same with ``authority`` (its JSON) and
``sha256`` (of the text as it is stored, UTF-8, in hexadecimal), read from the truth and
not from the tables; null where the truth has no such Statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Protocol

import orjson
import pyarrow as pa

from lrs.feed import StoredStatement
from lrs.xapi.text import parse

COLUMNS = ("authority", "sha256")
_AT_ONCE = 1000


class StatementReader(Protocol):
    """Reads stored Statements by their ids."""

    def __call__(self, tenant: str, ids: Sequence[str], /) -> Iterable[StoredStatement]:
        """Return those that are there, in any order."""
        ...


def no_statements(_tenant: str, _ids: Sequence[str], /) -> Iterable[StoredStatement]:
    """Return none: where no store is at hand."""
    return ()


def with_documents(table: pa.Table, tenant: str, read: StatementReader) -> pa.Table:
    """Return the table with what the store has of its Statements."""
    ids = table.column("statement_id").to_pylist()
    found: dict[str, tuple[str | None, str]] = {}
    for some in _batches({item for item in ids if item}):
        for stored in read(tenant, some):
            found[stored.statement_id] = _said(stored.text)
    for at, name in enumerate(COLUMNS):
        values = [found[item][at] if item in found else None for item in ids]
        table = table.append_column(name, pa.array(values, pa.string()))
    return table


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(ids))
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch


def _said(text: str) -> tuple[str | None, str]:
    try:
        statement = orjson.loads(text)
    except orjson.JSONDecodeError:  # a number that only the strict reader can hold
        statement = parse(text.encode())
    vouches = statement.get("authority")
    authority = orjson.dumps(vouches).decode() if vouches else None
    return authority, sha256(text.encode()).hexdigest()
