"""Kept columns: one column of ours and the reading that fills it.

Most columns come from one field, and most of their cells come again: the same unit,
job or day. What a text became is remembered, so that a million rows neither parse nor
hold the same value a million times.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.workforce.mapping.cells import Cells, FieldError, texts_of
from analytics.workforce.mapping.paths import Path
from analytics.workforce.mapping.readings import Reading, Source
from analytics.workforce.mapping.shape import with_shape
from analytics.workforce.mapping.steps import UNTOUCHED
from analytics.workforce.model import Column
from analytics.workforce.values import Value

MOST_REMEMBERED = 8_192  # texts a column; of one that has more of them, only
LATEST_REMEMBERED = 64  # so many: a person's rows mostly stand together
LONGEST_REMEMBERED = 80  # characters


@dataclass(frozen=True, slots=True)
class Kept:
    """A column, its reading, and what stands where that finds nothing."""

    column: Column
    reading: Reading
    default: str | None = None

    @property
    def label(self) -> str:
        """Return the field's name in messages."""
        return self.reading.label

    @property
    def only_path(self) -> Path | None:
        """Return the one field that alone decides, None where there is more."""
        origin = self.reading.origin
        if isinstance(origin, Source) and not self.reading.by_location:
            return origin.path
        return None

    @property
    def needed(self) -> bool:
        """Whether no record can be whole without its fields."""
        return (
            self.column.required and self.default is None and not self.reading.constant
        )

    def value(self, cells: Cells, location: str | None = None) -> Value | None:
        """Return the column's value, None where it is absent; raises FieldError."""
        texts = self.reading.texts(cells, location)
        glue = self.column.joined_by
        return self.parsed(
            texts[0] if glue is None and texts else (glue or "").join(texts),
            cells if texts else None,
        )

    def parsed(self, text: str, cells: Cells | None = None) -> Value | None:
        """Return the value of a reading's text; empty is absent.

        What is wrong is told by the shape of the one cell of ``cells`` that the text
        was made from: whoever mends the file looks for it there.
        """
        text = text or self.default or ""
        try:
            return self.column.parse(text) if text else None
        except ValueError as error:
            hidden = self.column.personal or self.reading.sensitive
            stood = text if cells is None else self._stood(cells) or text
            reason = with_shape(str(error), stood, hidden=hidden)
            raise FieldError(self.label, reason) from None

    def _stood(self, cells: Cells) -> str | None:
        """Return the text of the one cell that feeds the column, None of several."""
        origin = self.reading.origin
        if not isinstance(origin, Source) or origin.split is not None:
            return None
        found = texts_of(origin.path.of(cells))
        return found[0] if len(found) == 1 else None


class Memory(dict["str | None", "Value | None"]):
    """What the texts of a column's one field became; reads what it has not seen.

    ``memory[cell]`` for text and None only: to a dict, 1, 1.0 and true are the same.
    """

    def __init__(self, kept: Kept, path: Path) -> None:
        super().__init__()
        self._kept = kept
        self._field = path.written
        self._most = MOST_REMEMBERED
        origin = kept.reading.origin
        split = isinstance(origin, Source) and origin.split is not None
        self._as_it_stands = kept.reading.steps is UNTOUCHED and not split

    def __missing__(self, cell: str | None) -> Value | None:
        """Return the value of a text and remember it; raises FieldError."""
        text = cell or ""
        if self._as_it_stands:
            value = self._kept.parsed(text.strip())
        else:
            value = self._kept.value({self._field: text})
        if len(text) <= LONGEST_REMEMBERED:
            if len(self) > self._most:
                self.clear()
                self._most = LATEST_REMEMBERED
            self[cell] = value
        return value
