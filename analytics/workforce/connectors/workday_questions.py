"""What Workday is asked: reports, whole or in parts, and the count of its workers.

In: a report and its prompts. Out: its rows, by way of a file, for the shelf.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from tempfile import TemporaryFile

from analytics.workforce.connectors.connector import Fetch, Record
from analytics.workforce.connectors.workday_report import (
    Columns,
    go_through,
    items,
    rows_in,
    text_of,
)
from analytics.workforce.connectors.workday_tables import Changes, Partition, Workers
from lrs.errors import SetupError

ROWS = "workers"
SAMPLE = 1_000  # rows that check looks at
_LONG = 900.0  # seconds: half of what Workday allows
_LARGE = 1 << 30  # bytes, likewise


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks one tenant's Workday; ``largest`` in bytes."""

    system: str
    report: str
    prompts: Mapping[str, str]
    columns: Columns
    largest: int
    parts: Partition | None
    changes: Changes | None
    workers: Workers | None

    def in_parts(self, fetch: Fetch) -> list[dict[str, str]]:
        """Return the prompts of each part."""
        if self.parts is None:
            return [{}]
        values: Iterable[str] = self.parts.values
        if self.parts.report and self.parts.column:
            with self.read(fetch, self.parts.report, {}) as rows:
                found = (text_of(row, self.parts.column) for row in rows)
                values = sorted({value for value in found if value})
        prompts = [{self.parts.prompt: value} for value in values]
        if not prompts:
            raise SetupError(
                f"{self.system}: there is no {self.parts.prompt} to read the report "
                "by: see to report and column in [source.partition]."
            )
        return prompts

    def take(
        self, fetch: Fetch, report: str, prompts: Mapping[str, str], number: int
    ) -> None:
        """Put the rows of a report, or of its part of that number, on the shelf."""
        with self.read(fetch, report, prompts) as rows:
            place = self.place(report)
            fetch.shelf.put(ROWS, items(place, rows, self.columns, number))

    def take_first(self, fetch: Fetch) -> None:
        """Put some rows of the first part on the shelf."""
        fetch.shelf.clear(ROWS)
        [prompts, *_] = self.in_parts(fetch)
        with self.read(fetch, self.report, prompts) as rows:
            first = islice(rows, SAMPLE)
            place = self.place(self.report)
            fetch.shelf.put(ROWS, items(place, first, self.columns, 0))

    @contextmanager
    def read(
        self, fetch: Fetch, report: str, prompts: Mapping[str, str]
    ) -> Iterator[Iterator[Record]]:
        """Write a report to a file, and open its rows.

        Remarks where it comes near to what Workday allows: half an hour, or 2 GB.
        """
        place, began = self.place(report), time.monotonic()
        with TemporaryFile() as file:
            fetch.session.download(
                report,
                file,
                most=self.largest,
                params={**self.prompts, **prompts, "format": "json"},
                check=partial(go_through, place),
            )
            took = time.monotonic() - began
            if took > _LONG or os.fstat(file.fileno()).st_size > _LARGE:
                fetch.remark(
                    f"{name_of(report)} took {took / 60:.0f} minutes and has "
                    f"{os.fstat(file.fileno()).st_size >> 20} MiB; Workday ends it at "
                    "30 minutes or 2 GB: read it in parts ([source.partition])."
                )
            with closing(rows_in(place, file)) as rows:
                yield rows

    def place(self, report: str) -> str:
        """Return what messages call a report."""
        return f"{self.system}: {name_of(report)}"

    def count(self, fetch: Fetch) -> int:
        """Return how many workers there are, as Workday counts them."""
        assert self.workers is not None  # noqa: S101
        asked = {**self.workers.query, "limit": "1", "offset": "0"}
        found = fetch.session.json(self.workers.path, params=asked)
        total = found.get("total") if isinstance(found, dict) else None
        if isinstance(total, bool) or not isinstance(total, int):
            raise SetupError(
                f"{self.system} tells no total of workers ({self.workers.path}): see "
                "to path in [source.workers], or leave that table out."
            )
        return total


def name_of(report: str) -> str:
    """Return a report's name without its owner."""
    return report.rpartition("/")[2]
