"""A reading: several queries to the tables as known at one moment, rows in batches.

For exports, whose reports have more rows than fit in memory and share their steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from analytics.reports.catalogue import Query
from analytics.reports.session import Asked, bound

_BATCH = 2_000  # rows


@dataclass(frozen=True, slots=True)
class Reading:
    """Answers queries whose steps have run in ``connection``; for one thread.

    ``unresolved_share`` is that of ReportMeta; ``documents`` adds to rows what the
    store has of their Statements; ``points`` gives the rows of a report that is asked
    month by month, for so many of them.
    """

    connection: duckdb.DuckDBPyConnection
    asked: Asked
    unresolved_share: float | None
    documents: Callable[[pa.Table], pa.Table]
    points: Callable[[Query, int], pa.Table]

    def rows(
        self, query: Query, months: int = 12
    ) -> tuple[list[str], Iterator[list[dict[str, Any]]]]:
        """Return the columns, and the rows in the query's order, some at a time.

        To be read to the end before the next query is asked.
        """
        if query.monthly:
            points = self.points(query, months)
            return points.column_names, iter([points.to_pylist()])
        found = self.connection.sql(query.sql, params=bound(query, self.asked))
        return [*found.columns, *query.adds], self._batches(query, found)

    def _batches(
        self, query: Query, found: duckdb.DuckDBPyRelation
    ) -> Iterator[list[dict[str, Any]]]:
        for batch in found.to_arrow_reader(_BATCH):
            rows = pa.Table.from_batches([batch])
            yield (self.documents(rows) if query.adds else rows).to_pylist()


def together(queries: Iterable[Query]) -> Query:
    """Return what reads everything that any of the queries reads on the one day."""
    of_the_day = (query for query in queries if not query.monthly)
    reads = dict.fromkeys(name for query in of_the_day for name in query.reads)
    return Query("together", "", "", tuple(reads), "")
