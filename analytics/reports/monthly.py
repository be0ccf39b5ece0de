"""Monthly: one question, asked as of the end of each month.

Where the standings of all these days are kept, they are read together, in one question
about all of them. Where they cannot be kept, the points are asked one after the other,
since each making may take as much memory as a report.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pyarrow as pa

from analytics.reports.catalogue import Query
from analytics.reports.choices import month_ends
from analytics.reports.opening import Call, opened, opened_together
from analytics.reports.paging import Page, Paged, ask, cut
from analytics.reports.session import Asked


def ask_monthly(call: Call, query: Query, asked: Asked, page: Page) -> Paged:
    """Return the rows of each month's end, in order."""
    days = month_ends(asked.as_of, asked.months)
    with opened_together(call, asked, days) as at_hand:
        if at_hand is not None:
            asked = replace(asked, points=tuple(days))
            return cut(ask(at_hand, query, asked, Page()).table, page)
    found = [_alone(call, query, asked, *point) for point in pairwise(days)]
    return cut(pa.concat_tables(found), page)


def _alone(call: Call, query: Query, asked: Asked, since: date, day: date) -> pa.Table:
    asked = replace(asked, as_of=day, since=since, points=(since, day))
    with opened(call, asked) as at_hand:
        return ask(at_hand, query, asked, Page()).table
