"""Rescissions: records that take back what was said.

``rescinded`` is no column of ours: its value says whether the record retracts the row
of its key (``row``, or any yes), the whole hire (``hire``: every row of the person with
that hire_date), or nothing (``no``, absent).
"""

from __future__ import annotations

from analytics.workforce.mapping.steps import SPELLINGS
from analytics.workforce.model import Column, Table

RESCINDED = "rescinded"


def rescinded_column(table: Table) -> Column:
    """Return the pseudo-column of a table; only a hire can be taken back whole."""
    hires = table.column("hire_date") is not None

    def parse(cell: str) -> str:
        word = cell.casefold()
        if word == "row" or (word == "hire" and hires):
            return word
        if word not in SPELLINGS:
            known = "yes, no, row or hire" if hires else "yes, no or row"
            raise ValueError(f"is not one of {known}")
        return "row" if SPELLINGS[word] else "no"

    return Column(RESCINDED, parse)
