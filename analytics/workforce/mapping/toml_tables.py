"""Tables of a mapping file, read with their place at hand.

Every refusal names the file, the key and the rule; keys are the mapping's own words,
cut to a readable length. Raises BadRequest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics import toml_files
from analytics.toml_files import NotToml
from lrs.errors import BadRequest

LONGEST_SHOWN = 120  # characters of a key in a message


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table: the file's name, the table's key (empty: the whole), its content."""

    file: str
    key: str
    content: dict[str, Any]

    def refusal(self, name: str, reason: str) -> BadRequest:
        """Return the error that says what is wrong with one key, or with the table."""
        key = self.place(name) if name else self.key
        if len(key) > LONGEST_SHOWN:
            key = key[:LONGEST_SHOWN] + "..."
        place = f", {key}," if key else ""
        return BadRequest(f"mapping {self.file}{place} {reason}.")

    def place(self, name: str) -> str:
        """Return the whole key of a name in this table."""
        return f"{self.key}.{name}" if self.key else name

    def only(self, known: Collection[str]) -> None:
        """Refuse every key that is not known here."""
        for name in self.content:
            if name not in known:
                listed = ", ".join(sorted(known))
                raise self.refusal(name, f"is unknown; known: {listed}")

    def has(self, *names: str) -> list[str]:
        """Return those of the names that stand here."""
        return [name for name in names if name in self.content]

    def text(self, name: str, check: Callable[[str], object] | None = None) -> str:
        """Return the text of a key that is there; ``check`` raises ValueError."""
        found = self.content[name]
        if not isinstance(found, str):
            raise self.refusal(name, "is not text")
        self.checked(name, found, check)
        return found

    def checked(
        self, name: str, text: str, check: Callable[[str], object] | None
    ) -> None:
        """Refuse a text that its check does not take."""
        if check is not None:
            try:
                check(text)
            except ValueError as error:
                raise self.refusal(name, str(error)) from None

    def texts(
        self, name: str, check: Callable[[str], object] | None = None
    ) -> tuple[str, ...]:
        """Return a text or a list of texts, one at least."""
        found = self.content[name]
        found = [found] if isinstance(found, str) else found
        if (
            not isinstance(found, list)
            or not found
            or not all(isinstance(item, str) for item in found)
        ):
            raise self.refusal(name, "is neither text nor a list of text")
        for item in found:
            self.checked(name, item, check)
        return tuple(found)

    def choice(self, name: str, known: tuple[str, ...], default: str) -> Any:
        """Return one of the known texts."""
        if name not in self.content:
            return default
        found = self.text(name)
        if found not in known:
            raise self.refusal(name, f"is not one of {', '.join(known)}")
        return found

    def flag(self, name: str) -> bool:
        """Return true or false; absent is false."""
        found = self.content.get(name, False)
        if not isinstance(found, bool):
            raise self.refusal(name, "is neither true nor false")
        return found

    def number(self, name: str, low: float, high: float) -> float:
        """Return a number between two."""
        found = self.content[name]
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.refusal(name, "is not a number")
        if not low <= found <= high:  # nor is a nan
            raise self.refusal(name, f"is not from {low:g} to {high:g}")
        return float(found)

    def whole(self, name: str, low: int, high: int) -> int:
        """Return a whole number between two."""
        found = self.number(name, low, high)
        if not isinstance(self.content[name], int):
            raise self.refusal(name, "is not a whole number")
        return int(found)

    def table(self, name: str) -> TomlTable:
        """Return the table of a key; absent is an empty one."""
        found = self.content.get(name, {})
        if not isinstance(found, dict):
            raise self.refusal(name, "is not a table")
        return TomlTable(self.file, self.place(name), found)

    def tables(self, name: str) -> Iterator[TomlTable]:
        """Yield the tables of a key that holds one or several."""
        found = self.content.get(name, [])
        found = [found] if isinstance(found, dict) else found
        if not isinstance(found, list) or not all(
            isinstance(item, dict) for item in found
        ):
            raise self.refusal(name, "is neither a table nor a list of tables")
        for number, item in enumerate(found, start=1):
            yield TomlTable(self.file, f"{self.place(name)}[{number}]", item)


def read_toml(path: Path) -> tuple[TomlTable, str]:
    """Return the whole file as a table, and the SHA-256 of its octets."""
    empty = TomlTable(path.name, "", {})
    try:
        content, digest = toml_files.read_toml(path)
    except OSError as error:
        raise empty.refusal("", f"cannot be read: {error.strerror}") from None
    except NotToml as error:
        raise empty.refusal("", f"{error}") from None
    return TomlTable(path.name, "", content), digest
