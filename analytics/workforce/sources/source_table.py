"""A ``[source]`` table of a mapping, read key by key.

Each reading checks one key and raises BadRequest that names it: ``mapping acme,
source.port is not a whole number from 1 to 65535.`` A secret in it is refused by its
name, whatever else it holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TypeVar

from analytics.workforce.sources.secrets import SECRETS
from lrs.errors import BadRequest

_T = TypeVar("_T", int, float)


class SourceTable:
    """A table, and how to say where something is wrong in it.

    ``place`` names the mapping, ``path`` the table in it (``source.login``).
    """

    def __init__(self, place: str, table: object, path: str = "source") -> None:
        self._place = place
        self._path = path
        if not isinstance(table, Mapping):
            raise BadRequest(f"{place}, {path} is not a table.")
        self._table: Mapping[str, object] = table

    def wrong(self, key: str, reason: str) -> BadRequest:
        """Return the error that says what is wrong with a key."""
        return BadRequest(f"{self._place}, {self._path}.{key} {reason}.")

    def only(self, known: Collection[str]) -> None:
        """Raise BadRequest where there is a key beside these, or a secret."""
        for key in self._table:
            if key in SECRETS:
                raise self.wrong(key, "is a secret, which never stands in a mapping")
            if key not in known:
                raise self.wrong(key, f"is unknown; known: {', '.join(sorted(known))}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; raises BadRequest where it is missing without a default."""
        value = self.maybe(key)
        if value is None:
            value = default
        if value is None:
            raise self.wrong(key, "is missing")
        return value

    def maybe(self, key: str) -> str | None:
        """Return a text, or None where there is none."""
        value = self._table.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value or not value.isprintable():
            raise self.wrong(key, "is not text")
        return value

    def choice(self, key: str, known: Collection[str], default: str = "") -> str:
        """Return one of the known texts."""
        value = self.text(key, default or None)
        if value not in known:
            raise self.wrong(key, f"is not one of: {', '.join(known)}")
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts; a single one may stand without brackets."""
        value = self._table.get(key)
        if value is None:
            return default
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(
            isinstance(item, str) and item and item.isprintable() for item in found
        ):
            raise self.wrong(key, "is neither text nor a list of texts")
        return tuple(found)

    def pairs(self, key: str) -> dict[str, str]:
        """Return a table of texts by name; numbers and yes or no are made text."""
        value = self._table.get(key, {})
        if not isinstance(value, Mapping):
            raise self.wrong(key, "is not a table")
        found: dict[str, str] = {}
        for name, item in value.items():
            if isinstance(item, bool):
                found[name] = "true" if item else "false"
            elif isinstance(item, (str, int)) and str(item).isprintable():
                found[name] = str(item)
            else:
                raise self.wrong(f"{key}.{name}", "is not text")
        return found

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return yes or no."""
        value = self._table.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "is neither true nor false")
        return value

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key in self._table

    def part(self, key: str) -> SourceTable:
        """Return the table below a key, an empty one where there is none."""
        table = self._table.get(key, {})
        return SourceTable(self._place, table, f"{self._path}.{key}")

    def file(self, key: str, folder: Path) -> Path | None:
        """Return the path of a file, relative to the mapping's folder."""
        value = self.maybe(key)
        return None if value is None else folder / Path(value).expanduser()

    def number(self, key: str, default: _T, least: _T, most: _T) -> _T:
        """Return a number within bounds, whole where the default is."""
        value = self._table.get(key, default)
        whole = isinstance(default, int)
        if (
            isinstance(value, bool)
            or not isinstance(value, int if whole else (int, float))
            or not least <= value <= most
        ):
            kind = "whole number" if whole else "number"
            raise self.wrong(key, f"is not a {kind} from {least:g} to {most:g}")
        return type(default)(value)
