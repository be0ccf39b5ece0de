"""Secrets of sources: what they are called, and the file that may hold them.

They come from the environment (``LRS_HRIS_<NAME>_<SECRET>``, config/settings.py) or
from ``secrets_file``, TOML that only its owner can read; never from a mapping. The
environment comes first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from lrs.errors import SetupError

SECRETS = (
    *("password", "passphrase", "client_secret", "api_key", "token"),
    *("refresh_token", "assertion", "proxy_password"),
)


class Secrets:
    """The secrets of one source. Whoever prints it sees none of them."""

    def __init__(self, name: str, held: Mapping[str, str]) -> None:
        self._name = name
        self._held = dict(held)

    def __repr__(self) -> str:
        return f"Secrets({self._name!r})"

    def get(self, key: str) -> str | None:
        """Return a secret, or None where nobody has set it."""
        return self._held.get(key)

    def need(self, key: str) -> str:
        """Return a secret; raises SetupError that says where to set it."""
        value = self._held.get(key)
        if not value:
            variable = f"LRS_HRIS_{variable_part(self._name)}_{key.upper()}"
            raise SetupError(
                f"The source {self._name} has no {key}: set {variable}, or {key} in "
                "the secrets_file that its mapping names."
            )
        return value


def secrets_of(name: str, environment: Mapping[str, str], file: Path | None) -> Secrets:
    """Return the secrets of a source; raises SetupError where its file is unfit."""
    held = {key: value for key, value in environment.items() if value}
    return Secrets(name, (secrets_in(file) | held) if file else held)


def variable_part(name: str) -> str:
    """Return a mapping's name as it stands in names of the environment."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def secrets_in(path: Path) -> dict[str, str]:
    """Return what a secrets file holds; raises SetupError, and never quotes it."""
    only_for_owner(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:  # never what it says: it would quote the file
        raise SetupError(f"{path} is not TOML in UTF-8.") from None
    for key, value in content.items():
        if key not in SECRETS or not isinstance(value, str) or not value:
            told = f"{', '.join(SECRETS[:-1])} and {SECRETS[-1]}"
            raise SetupError(f"{path} may hold {told}, as text.")
    return content


def only_for_owner(path: Path) -> None:
    """Raise SetupError where others than its owner can read a file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise SetupError(f"{path} is open to others: chmod 600 it.")
