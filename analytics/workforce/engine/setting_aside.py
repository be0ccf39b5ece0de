"""Setting aside: the bad records of a delivery on their way into the quarantine.

In: records with what is wrong with them, one by one. Out: the same, many at a time, for
whoever keeps them; and the first of them as problems that a person is told of.
"""

from __future__ import annotations

from collections.abc import Callable

from analytics.workforce.model import Problem
from analytics.workforce.staged_rows import SetAside
from analytics.workforce.staging import CHUNK

Aside = Callable[[list[SetAside]], None]
_SHOWN = 1_000  # problems that are told of; the quarantine has all


class SettingAside:
    """The records that a delivery sets aside; ``aside`` takes them, ``file`` is its."""

    def __init__(self, file: str, aside: Aside) -> None:
        self.problems: list[Problem] = []
        self._file, self._aside = file, aside
        self._bad: list[SetAside] = []

    def add(self, bad: SetAside) -> None:
        """Set a record aside."""
        self._bad.append(bad)
        if len(self._bad) >= CHUNK:
            self._give()

    def end(self) -> None:
        """Give away those that are left."""
        self._give()
        self.problems.sort(key=lambda problem: problem.line)

    def _give(self) -> None:
        self._aside(self._bad)
        room = max(_SHOWN - len(self.problems), 0)
        self.problems += [
            Problem(bad.file or self._file, bad.line, bad.field, bad.reason)
            for bad in self._bad[:room]
        ]
        self._bad = []
