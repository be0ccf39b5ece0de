"""Readings: from which source fields a text comes, and what is done to it.

A Reading has one origin: a source field, the first of several readings that holds
anything, several joined into one, or a constant; then come its Steps. Readings nest, so
"terminated if the code is T, else on leave if the flag is set, else active" is one.
Goes in: a record's cells. Comes out: texts, one at most unless it is a list's; or
FieldError with the field as the mapping writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from analytics.workforce.mapping.cells import Cells, FieldError, texts_of
from analytics.workforce.mapping.days import LOCATION
from analytics.workforce.mapping.paths import Path
from analytics.workforce.mapping.sensitive import sensitive_kind
from analytics.workforce.mapping.shape import with_shape
from analytics.workforce.mapping.steps import UNTOUCHED, Steps


@dataclass(frozen=True, slots=True)
class Source:
    """One field; ``split`` cuts its text into a list."""

    path: Path
    split: str | None = None


@dataclass(frozen=True, slots=True)
class First:
    """The first of several readings that holds anything."""

    parts: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Several readings as one text, or as one list.

    Where a part of a text is absent, the whole is, unless ``gaps`` are allowed: half a
    key is another person's key.
    """

    parts: tuple[Reading, ...]
    glue: str = " "
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """The same text in every record."""

    text: str


Origin: TypeAlias = "Source | First | Join | Constant"


@dataclass(frozen=True, slots=True)
class Reading:
    """An origin and its steps; ``label`` is its field's name in messages.

    ``many``: it is a list's reading and may give several texts.
    """

    label: str
    origin: Origin
    steps: Steps = UNTOUCHED
    many: bool = False

    def texts(self, cells: Cells, location: str | None = None) -> list[str]:
        """Return the texts of a record; ``location`` is the row's time zone."""
        found = self._found(cells, location)
        if self.steps is not UNTOUCHED:
            steps = (self._stepped(one, location) for one in found)
            found = [text for one in steps if (text := one.strip())]
        if len(found) > 1 and not self.many:
            if len(set(found)) > 1:
                reason = "holds a list where one value is asked for"
                raise FieldError(self.label, reason)
            del found[1:]
        return found

    def _stepped(self, text: str, location: str | None) -> str:
        try:
            return self.steps.apply(text, location)
        except ValueError as error:
            reason = with_shape(str(error), text, hidden=self.sensitive)
            raise FieldError(self.label, reason) from None

    def _found(self, cells: Cells, location: str | None) -> list[str]:
        origin = self.origin
        if isinstance(origin, Source):
            try:
                found = texts_of(origin.path.of(cells))
            except ValueError as error:
                raise FieldError(self.label, str(error)) from None
            if origin.split is None:
                return found
            pieces = (
                piece.strip() for one in found for piece in one.split(origin.split)
            )
            return [piece for piece in pieces if piece]
        if isinstance(origin, Constant):
            return [origin.text]
        if isinstance(origin, First):
            for part in origin.parts:
                if found := part.texts(cells, location):
                    return found
            return []
        found = [text for part in origin.parts for text in part.texts(cells, location)]
        if self.many:
            return found
        if not found or (len(found) < len(origin.parts) and not origin.gaps):
            return []
        return [origin.glue.join(found)]

    def sources(self) -> Iterator[Path]:
        """Yield the source fields that are read, in order."""
        for reading in self.all():
            if isinstance(reading.origin, Source):
                yield reading.origin.path

    def all(self) -> Iterator[Reading]:
        """Yield this reading and those within it."""
        yield self
        if isinstance(self.origin, First | Join):
            for part in self.origin.parts:
                yield from part.all()

    @property
    def sensitive(self) -> bool:
        """Whether it reads a field whose name tells of sensitive data."""
        return any(sensitive_kind(path.written) for path in self.sources())

    @property
    def by_location(self) -> bool:
        """Whether the row's time zone has a say in it."""
        return any(
            reading.steps.date_format and reading.steps.time_zone == LOCATION
            for reading in self.all()
        )

    @property
    def constant(self) -> bool:
        """Whether there is a text whatever the record holds."""
        if isinstance(self.origin, First):
            return any(part.constant for part in self.origin.parts)
        return isinstance(self.origin, Constant)
