"""Monthly: one question, asked as of the end of each month.

Standings of each of these days are kept; those that are not there are made one after
the other, since each making may take as much memory as a report. Then the points are
asked two at a time: most of what each one takes is thinking, on one core.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import pyarrow as pa

from analytics.reports.catalogue import Query
from analytics.reports.choices import month_ends
from analytics.reports.opening import Call, opened
from analytics.reports.paging import Page, Paged, ask, cut
from analytics.reports.session import Asked

_AT_ONCE = 2


def ask_monthly(call: Call, query: Query, asked: Asked, page: Page) -> Paged:
    """Return the rows of each month's end, in order."""
    days = pairwise(month_ends(asked.as_of, asked.months))
    points = [replace(asked, as_of=day, since=since) for since, day in days]
    with ExitStack() as held, ThreadPoolExecutor(_AT_ONCE) as threads:
        at_hand = [held.enter_context(opened(call, point)) for point in points]

        def table(number: int) -> pa.Table:
            return ask(at_hand[number], query, points[number], Page()).table

        found = pa.concat_tables(threads.map(table, range(len(points))))
    return cut(found, page)
