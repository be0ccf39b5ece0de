"""The names of the history's tables stand twice; they are the same."""

from __future__ import annotations

from analytics.lake.history import HISTORY
from analytics.lake.names import HISTORY_NAMES


def test_the_names_are_those_of_the_schemas() -> None:
    assert sorted(HISTORY_NAMES) == sorted(HISTORY)
