"""Expelling: what is known of records that turned out to be wrong when all had gone by.

Of most records only a digest is kept while a delivery is read, so the few that
contradict each other, or close a circle, are read once more where they stand. In: their
keys and lines. Out: each of them for the quarantine, with the cells by which a replay
can take it; and what is left of one that is only to lose its manager, or its unit's
parent.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from analytics.workforce.engine.entries import entry_of, mapped_entry
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.model import SEPARATOR
from analytics.workforce.sources.records import Record
from analytics.workforce.staged_rows import CONTRADICTS, Entry, SetAside
from lrs.errors import BadRequest

_TOLD = 5  # lines of others that a record contradicts


class Why(NamedTuple):
    """What is wrong with a record, and the columns that it loses (none: all)."""

    field: str
    reason: str
    lost: tuple[str, ...] = ()


class Expelled:
    """The keys of a delivery of which every record is set aside."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._whys: dict[str, tuple[Why, array[int]]] = {}
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._whys)

    def add(self, key: str, lines: list[int], why: Why) -> None:
        """Note a key, the lines of its records, and what is wrong with them."""
        self._number += len(lines)
        self._whys[key] = why, array("Q", lines)

    def people(self) -> set[str]:
        """Return whose the keys are."""
        return {key.partition(SEPARATOR)[0] for key in self._whys}

    def of(
        self, records: Iterable[Record], file: str, *, every_line: bool
    ) -> Iterator[tuple[Entry, SetAside, Entry | None]]:
        """Yield the records of these keys as they stand in the file, and what is left.

        ``every_line``: some may stand at lines of which nobody took note. Raises
        BadRequest where the file is not what it was.
        """
        # Several may begin at one line, or at the same of different files.
        lines = {line for _, known in self._whys.values() for line in known}
        number = 0
        for record in records:
            if record.fault or not (every_line or record.line in lines):
                continue
            entry = self._entry(record)
            found = self._whys.get(entry.key) if entry else None
            if entry is None or found is None:
                continue
            number += 1
            why, at = found
            left = self._without(entry, why.lost) if why.lost else None
            yield entry, self._set_aside(record, entry, why, at), left
            if number == self._number and not every_line:
                break
        if number < self._number:
            raise BadRequest(
                f"{file} was changed while it was read. Nothing was imported."
            )

    def _set_aside(
        self, record: Record, entry: Entry, why: Why, lines: array[int]
    ) -> SetAside:
        cells = self._mapping.named(record.cells)
        beside = [line for line in lines if line != record.line]
        return SetAside(
            line=record.line,
            field=why.field,
            reason=why.reason,
            values={} if cells is None else entry.values,
            cells=cells,
            file=record.file,
            beside=tuple(beside[:_TOLD]) if why.reason.startswith(CONTRADICTS) else (),
        )

    def _without(self, entry: Entry, lost: Collection[str]) -> Entry:
        row = {k: v for k, v in entry.values.items() if k not in lost}
        return entry_of(self._mapping.table, row)

    def _entry(self, record: Record) -> Entry | None:
        try:
            mapped = self._mapping.mapped(record.cells)
            if mapped.skipped:
                return None
            return mapped_entry(self._mapping.table, mapped)
        except FieldError:
            return None
