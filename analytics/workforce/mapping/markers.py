"""Markers: what a record says of itself, that is no column of ours.

``rescinded``: whether it retracts the row of its key (``row``, or any yes), the whole
hire (``hire``: every row of the person with that hire_date), or nothing (``no``,
absent). ``sequence``: its number among the records of one key; the greatest holds, so
that two changes of one day do not contradict each other.
"""

from __future__ import annotations

from analytics.workforce.mapping.steps import SPELLINGS
from analytics.workforce.model import Column, Table
from analytics.workforce.values import number

RESCINDED = "rescinded"
SEQUENCE = "sequence"
MARKERS = (RESCINDED, SEQUENCE)


def marker(table: Table, name: str) -> Column | None:
    """Return a marker as a column, None where the name is of none."""
    if name == SEQUENCE:
        return Column(SEQUENCE, number)
    return _rescinded(table) if name == RESCINDED else None


def _rescinded(table: Table) -> Column:
    hires = table.column("hire_date") is not None  # only a hire is taken back whole

    def parse(cell: str) -> str:
        word = cell.casefold()
        if word == "row" or (word == "hire" and hires):
            return word
        if word not in SPELLINGS:
            known = "yes, no, row or hire" if hires else "yes, no or row"
            raise ValueError(f"is not one of {known}")
        return "row" if SPELLINGS[word] else "no"

    return Column(RESCINDED, parse)
