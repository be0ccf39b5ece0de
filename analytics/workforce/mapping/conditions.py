"""Conditions: which records of a delivery are meant.

``[[only]]`` of a mapping: a pilot of one department, or no candidates. What does not
hold of all is skipped and counted; it is nobody's mistake, so it is no quarantine's.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.workforce.mapping.cells import Cells, FieldError
from analytics.workforce.mapping.readings import Reading
from analytics.workforce.mapping.steps import matches


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of the texts of a reading; one of the four is set.

    ``one_of``: any of them is listed; ``none_of``: none is; ``matching``: any has the
    pattern in it; ``filled``: there is any (or none).
    """

    reading: Reading
    one_of: frozenset[str] | None = None
    none_of: frozenset[str] | None = None
    matching: str | None = None
    filled: bool | None = None

    def holds(self, cells: Cells) -> bool:
        """Tell whether it holds of a record; raises FieldError."""
        texts = self.reading.texts(cells)
        if self.one_of is not None:
            return not self.one_of.isdisjoint(texts)
        if self.none_of is not None:
            return self.none_of.isdisjoint(texts)
        if self.matching is not None:
            try:
                return any(matches(self.matching, text) for text in texts)
            except ValueError as error:
                raise FieldError(self.reading.label, str(error)) from None
        return bool(texts) == self.filled
