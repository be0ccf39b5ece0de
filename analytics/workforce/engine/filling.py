"""Filling: how many rows of a delivery have each column."""

from __future__ import annotations

from collections.abc import Mapping

_LEAST_ROWS = 50  # below, a share says nothing


class Filled:
    """How many of the rows have each column."""

    def __init__(self) -> None:
        self._rows = 0
        self.columns: dict[str, int] = {}

    def take(self, row: Mapping[str, object]) -> None:
        """Take a row."""
        self._rows += 1
        filled = self.columns
        for name in row:
            filled[name] = filled.get(name, 0) + 1

    def shares(self) -> dict[str, float]:
        """Return the share of rows that have a column; empty where there are few."""
        if self._rows < _LEAST_ROWS:
            return {}
        return {
            name: round(count / self._rows, 6) for name, count in self.columns.items()
        }
