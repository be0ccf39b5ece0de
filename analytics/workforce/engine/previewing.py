"""Previewing: what a run would change, looked at before it would be applied.

In: a run whose rows are staged. Out: a Preview: how many rows of which columns would be
others, with a few employee_ids for each, and never what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from analytics.workforce.ledger import chunks
from analytics.workforce.model import Row
from analytics.workforce.staging import CHUNK, StagedRun

_EXAMPLES = 3


@dataclass(slots=True)
class Column:
    """In how many rows a column would change, and the first of whose they are."""

    rows: int = 0
    people: list[str] = field(default_factory=list)

    def take(self, person: str) -> None:
        """Count one more row."""
        self.rows += 1
        if len(self.people) < _EXAMPLES and person not in self.people:
            self.people.append(person)


@dataclass(slots=True)
class Preview:
    """What would change: rows that are new, or hold no more, and others by column.

    ``ends`` are new rows that say that somebody has left.
    """

    new: Column = field(default_factory=Column)
    ends: Column = field(default_factory=Column)
    retracted: Column = field(default_factory=Column)
    columns: dict[str, Column] = field(default_factory=dict)

    @contextmanager
    def before(self, run: StagedRun) -> Iterator[None]:
        """Look at a run when the block is over, also where a valve stops it there."""
        try:
            yield
        finally:
            self._look(run)

    def _look(self, run: StagedRun) -> None:
        for numbers in chunks(range(run.staged), CHUNK):
            run.stay_alive()
            rows = [row for _, row in run.read_back(numbers)]
            keys = [run.table.key_of(row) for row in rows]
            former = run.former.values_at(keys)
            for key, row in zip(keys, rows, strict=True):
                self._compare(row, former.get(key), {*run.table.key})

    def _compare(self, row: Row, former: Row | None, key: set[str]) -> None:
        person = str(row.get("employee_id", ""))
        if row.keys() <= key:  # what is retracted has no more than its key
            self.retracted.take(person)
        elif former is None and row.get("status") == "terminated":
            self.ends.take(person)
        elif former is None:
            self.new.take(person)
        else:
            for name in sorted({*row, *former}):
                if row.get(name) != former.get(name):
                    self.columns.setdefault(name, Column()).take(person)
