"""From the ledger's rows to the lake's HR tables: workforce, people and kpi."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from analytics.identity.keys import actor_id, plain_key
from analytics.lake.tables import TABLES
from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.identifiers import identifier_keys

KIND_OF = {"workforce": "workforce", "people": "workforce", "kpi": "kpi"}


class HrRows(Protocol):
    """What the enrichment reads of the workforce ledger."""

    def rows(
        self, tenant: str, kind: str, after: int = 0, through: int = ...
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield batches of the rows recorded in (after, through], in that order."""
        ...

    def count(self, tenant: str, kind: str, after: int = 0, through: int = ...) -> int:
        """Return how many rows ``rows`` would yield."""
        ...


def hr_batches(
    source: HrRows,
    tenant: str,
    table: str,
    after: int,
    through: int,
    veil: Veil | None = None,
) -> Iterator[pa.Table]:
    """Yield the rows of an HR table recorded in (after, through]."""
    schema = TABLES[table]
    for batch in source.rows(tenant, KIND_OF[table], after, through):
        yield pa.table(
            {
                field.name: _column(field.name, field.type, batch, veil)
                for field in schema
            },
            schema=schema,
        )


def _column(
    name: str,
    kind: pa.DataType,
    batch: Sequence[Mapping[str, Any]],
    veil: Veil | None,
) -> list[Any]:
    if name == "recorded_at":
        return [row["recorded"] for row in batch]
    if name == "retracted":
        return [row["retracted"] for row in batch]
    if name == "identifiers":
        return [_identifiers(row, veil) for row in batch]
    convert: Callable[[Any], Any] = date.fromisoformat if kind == pa.date32() else _same
    values = [row[name] for row in batch]
    return [None if value is None else convert(value) for value in values]


def _identifiers(row: Mapping[str, Any], veil: Veil | None) -> list[str]:
    keys = identifier_keys(row)
    if veil is not None:
        # Of somebody anonymous there are no keys, but what stands for their ids.
        return sorted(veil.listed(keys).union(row.get("veiled", ())))
    plain = filter(None, map(plain_key, keys))
    return sorted({actor_id(key) for key in (*keys, *plain)})


def _same(value: Any) -> Any:
    return value
