"""Taking the keys of one table of a requirement file, each of the kind it must be.

What is wrong is refused with file, line, key and reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from analytics.requirements.lines import Path, line_of
from analytics.requirements.model import WrongRequirement

MOST_DAYS = 36_500


@dataclass
class Keys:
    """The keys of one table; what is left over at the end is unknown.

    ``text`` is the whole file and ``at`` where in it the table stands, so that a line
    can be named; ``section`` is what is said before a key.
    """

    file: str
    text: str
    values: dict[str, Any]
    section: str = ""
    at: Path = ()
    seen: set[str] = field(default_factory=set)

    def below(self, key: str, values: dict[str, Any]) -> Keys:
        """Return the keys of a table that stands in this one."""
        section = f"{self.section}{key}."
        return Keys(self.file, self.text, values, section, (*self.at, key))

    def element(self, key: str, number: int, values: dict[str, Any]) -> Keys:
        """Return the keys of an element, counted from 0, of a list of tables."""
        section = f"{self.section}{key}[{number + 1}]."
        return Keys(self.file, self.text, values, section, (*self.at, key, number))

    def fail(self, key: str, reason: str) -> WrongRequirement:
        """Return the error: where the key stands, or the table that it lacks in."""
        line = line_of(self.text, (*self.at, key))
        return wrong(self.file, line, f"{self.section}{key} {reason}")

    def gives(self, key: str) -> bool:
        """Tell whether the key is given; an empty list is not."""
        return self.values.get(key) not in (None, [])

    def take(self, key: str, kind: type, default: Any = ...) -> Any:
        """Return a value of exactly this type; a whole number is a float too."""
        self.seen.add(key)
        value = self.values.get(key)
        if value is None:
            if default is ...:
                raise self.fail(key, "is missing")
            return default
        exact = type(value) is kind or (kind is float and type(value) is int)
        if not exact:
            raise self.fail(key, f"must be of type {kind.__name__}")
        return value

    def days(
        self,
        key: str,
        default: int | None,
        *,
        least: int = 0,
        most: int = MOST_DAYS,
    ) -> int | None:
        """Return a number of days, ``default`` where it is absent."""
        value: int | None = self.take(key, int, default)
        if value is not None and not least <= value <= most:
            raise self.fail(key, f"must be between {least} and {most}")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: Any = ...) -> str:
        """Return one of these texts."""
        value: str = self.take(key, str, default)
        if value not in choices:
            raise self.fail(key, f"must be one of: {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, none of them empty; absent: empty."""
        values = self.take(key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.fail(key, "must be a list of texts")
        return tuple(values)

    def text_of(self, key: str) -> str:
        """Return a text that is not empty."""
        value: str = self.take(key, str)
        if not value.strip():
            raise self.fail(key, "is empty")
        return value

    def done(self) -> None:
        """Refuse the first key that nobody asked for."""
        unknown = [key for key in self.values if key not in self.seen]
        if unknown:
            raise self.fail(unknown[0], "is not a key of a requirement")


def wrong(file: str, line: int, reason: str) -> WrongRequirement:
    """Return the refusal of a file: where, and why."""
    return WrongRequirement(f"{file}, line {line}: {reason}.")
