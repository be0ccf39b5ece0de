"""Pages of a report: so many rows, and where the next ones begin.

Every question has an order in which no two rows are alike. ``after`` is the place that
an answer gave as its next: it holds the number of rows before and a digest of the last
of them. Where that row stands elsewhere by now the page is refused, so that nothing is
left out or told twice unseen; asked with the same known_at, rows stay where they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

import duckdb
import orjson
import pyarrow as pa

from analytics.reports.catalogue import Query
from analytics.reports.narrowing import counting, share
from analytics.reports.opening import Opened
from analytics.reports.result import MOST_ROWS
from analytics.reports.session import Asked, bound, prepare
from lrs.errors import BadRequest

_PLACE = re.compile(r"([1-9][0-9]{0,11})\.([0-9a-f]{16})\Z")
_ALL = 1 << 40  # rows: more than there are
_CHANGED = (
    "The rows before this page are not what they were: begin again without after."
)


@dataclass(frozen=True, slots=True)
class Page:
    """What part of the rows is asked for; None: all, from the first."""

    limit: int | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and not 1 <= self.limit <= MOST_ROWS:
            raise BadRequest(f"limit is a number from 1 to {MOST_ROWS}.")
        if self.after is not None and not _PLACE.match(self.after):
            raise BadRequest(
                "after is the place that the page before gave as its next."
            )

    @property
    def skipped(self) -> int:
        """Return how many rows stand before the page."""
        return int(self.after.partition(".")[0]) if self.after else 0


@dataclass(frozen=True, slots=True)
class Paged:
    """The rows of a page, how many there are in all, and the next page's ``after``."""

    table: pa.Table
    total: int
    after: str | None


def ask(at_hand: Opened, query: Query, asked: Asked, page: Page) -> Paged:
    """Run the steps but those kept, then the question, as far as the page goes."""
    by_person = counting(query, asked) if page.limit is not None else None
    # Without what is kept, units are told from everybody's rows.
    if by_person is not None and at_hand.kept:
        return _of_some(at_hand, query, by_person, asked, page)
    with at_hand.session(query) as connection:
        prepare(connection, query, asked, at_hand.kept)
        given = bound(query, asked)
        if page.limit is None and page.after is None:
            table = connection.sql(query.sql, params=given).to_arrow_table()
            return Paged(table, table.num_rows, None)
        first, most = _reach(page, _ALL)
        table = _part(connection, query, asked, first, most + 1)
        total = first + table.num_rows
        if table.num_rows > most or not table.num_rows:  # there may be others
            counted = f"SELECT count(*) FROM (\n{query.sql}\n)"  # noqa: S608 (ours)
            ((total,),) = connection.execute(counted, given).fetchall()
    return _cut(table.slice(0, most), page, total)


def _of_some(
    at_hand: Opened, query: Query, by_person: Query, asked: Asked, page: Page
) -> Paged:
    """Return a page of a question that was asked of the people on it alone."""
    with at_hand.session(by_person) as connection:
        first, most = _reach(page, MOST_ROWS)
        found = share(connection, by_person, asked, at_hand.kept, first, most)
    with at_hand.session(query, only=found.of) as connection:
        prepare(connection, query, asked, at_hand.kept)
        table = _part(connection, query, asked, first - found.before, most)
    return _cut(table, page, found.total)


def _part(
    connection: duckdb.DuckDBPyConnection,
    query: Query,
    asked: Asked,
    first: int,
    most: int,
) -> pa.Table:
    part = f"SELECT * FROM (\n{query.sql}\n) LIMIT {most} OFFSET {first}"  # noqa: S608
    return connection.sql(part, params=bound(query, asked)).to_arrow_table()


def cut(table: pa.Table, page: Page) -> Paged:
    """Return the page of rows that are all there."""
    first, most = _reach(page, table.num_rows)
    return _cut(table.slice(first, most), page, table.num_rows)


def _reach(page: Page, total: int) -> tuple[int, int]:
    """Return from where to fetch, and how many: with the row before, to look at it."""
    before = 1 if page.after else 0
    return page.skipped - before, (page.limit or total) + before


def _cut(table: pa.Table, page: Page, total: int) -> Paged:
    if page.after:
        if not table.num_rows or _place(page.skipped, table.slice(0, 1)) != page.after:
            raise BadRequest(_CHANGED)
        table = table.slice(1)
    end = page.skipped + table.num_rows
    after = _place(end, table.slice(table.num_rows - 1)) if end < total else None
    return Paged(table, total, after)


def _place(number: int, row: pa.Table) -> str:
    said = orjson.dumps(row.to_pylist(), option=orjson.OPT_SORT_KEYS, default=str)
    return f"{number}.{sha256(said).hexdigest()[:16]}"
