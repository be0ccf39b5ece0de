"""Standing: whose employment is open, before a run and after it.

Open is a person whose last row, by effective date, neither says ``terminated`` nor has
a termination_date. In: the rows that a run stages, and those that the ledger has of the
same people. Out: how many were open, and how many would be after it; the valve against
mass terminations is asked with these (``lrs.workforce.valves``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from analytics.workforce.former import LastRow, is_ended
from analytics.workforce.ledger import chunks
from analytics.workforce.model import SEPARATOR
from analytics.workforce.staged_rows import Entry
from analytics.workforce.staging import StagedRun

_PEOPLE = 200  # asked for at once
_OPEN, _CLOSED, _RETRACTED = 0, 1, 2


class Standing:
    """What a run changes of who is employed."""

    def __init__(self, run: StagedRun) -> None:
        self._run = run
        self._last: dict[str, tuple[str, int]] = {}  # of the rows staged, by person
        self._retracted: dict[str, set[str]] = {}
        self.known = 0

    def staged(self, entries: Iterable[Entry]) -> None:
        """Take rows that were staged."""
        for entry in entries:
            values = entry.values
            ends = values.get("status") == "terminated"
            ends = ends or values.get("termination_date") is not None
            self._take(entry.key, retracted=entry.retracted, ends=ends)

    def took_back(self, people: Iterable[str]) -> None:
        """Look again at people of whom staged rows were taken back: some, or all."""
        for some in chunks(people, _PEOPLE):
            self._run.stay_alive()
            for person in some:
                self._last.pop(person, None)
                self._retracted.pop(person, None)
            for row in self._run.former.staged_of(some, self._run.run):
                retracted = bool(row.get("retracted"))
                self._take(row["key"], retracted=retracted, ends=is_ended(row))

    def _take(self, key: str, *, retracted: bool, ends: bool) -> None:
        person, _, day = key.partition(SEPARATOR)
        if retracted:
            self._retracted.setdefault(person, set()).add(day)
            self._last.setdefault(person, ("", _RETRACTED))
            return
        known = self._last.get(person)
        if known is None or day >= known[0]:
            self._last[person] = day, _CLOSED if ends else _OPEN

    def ended(self, extended: Collection[str] = ()) -> tuple[int, int]:
        """Return how many of those touched were open, are not any more, and are now.

        ``extended`` are people with new rows: ``known`` counts those who were here.
        """
        closed = opened = 0
        for person, former in self._former():
            self.known += bool(former) and person in extended
            was = _state(former)
            gone = self._retracted.get(person, set())
            kept = [row for row in former if row.day not in gone]
            day, state = self._last[person]
            if kept and (state == _RETRACTED or kept[-1].day > day):
                now = _state(kept)
            else:
                now = state == _OPEN
            closed += was and not now
            opened += now and not was
        return closed, opened

    def _former(self) -> Iterator[tuple[str, list[LastRow]]]:
        for people in chunks(self._last, _PEOPLE):
            self._run.stay_alive()
            known = self._run.former.rows_of(people)
            for person in people:
                yield person, known.get(person, [])


def _state(rows: list[LastRow]) -> bool:
    return bool(rows) and not rows[-1].ended
