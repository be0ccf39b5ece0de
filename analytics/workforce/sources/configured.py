"""The source that a mapping file describes in its ``[source]`` table.

``type`` folder: ``path``. ``type`` sftp: ``host``, ``port`` (22), ``user``, ``path``,
``known_hosts`` (a file) or ``host_key`` (``SHA256:...``), and ``private_key`` (a file)
or a password. Both: ``settle_seconds`` (300), ``tenant``: whose people it delivers, and
nobody else's. Files are relative to the mapping's
folder. A password or passphrase never stands here: it comes from the environment
(config/settings.py) or from ``secrets_file``, TOML that only its owner can read, with
``password`` and ``passphrase``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analytics.workforce.sources.folder import Folder
from analytics.workforce.sources.format import DETECTED, Format
from analytics.workforce.sources.landing import Landing
from analytics.workforce.sources.source import Source
from lrs.access import tenant_name
from lrs.errors import BadRequest, SetupError

if TYPE_CHECKING:
    from analytics.workforce.sources.sftp_session import Login

SECRETS = ("password", "passphrase")
_COMMON = {"type", "path", "settle_seconds", "tenant"}
_SFTP = {
    *_COMMON,
    *("host", "port", "user", "known_hosts", "host_key"),
    *("private_key", "secrets_file", "timeout_seconds"),
}
_KEYS = {"folder": _COMMON, "sftp": _SFTP}
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?\Z")
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}\Z")
_T = TypeVar("_T", int, float)


def source_of(
    table: object,
    name: str,
    folder: Path,
    secrets: Mapping[str, str],
    form: Format = DETECTED,
) -> Source:
    """Return the source that a ``[source]`` table describes.

    ``name`` is the mapping's, ``folder`` where it lies, ``secrets`` what the
    environment holds of SECRETS. Raises BadRequest that names the key, and SetupError
    where a secret is missing or open to others.
    """
    read = _Table(f"mapping {name}", table)
    kind = read.text("type")
    if kind not in _KEYS:
        raise read.wrong("type", f"is not one of: {', '.join(_KEYS)}")
    read.only(_KEYS[kind])
    settle = read.number("settle_seconds", 300.0, 0.0, 86_400.0)
    if kind == "folder":
        place = Folder(folder / Path(read.text("path")).expanduser())
        return Landing(name, place, form, settle)
    # Not before somebody needs it: it takes a tenth of a second.
    from analytics.workforce.sources.sftp import SftpFolder

    login = _login(read, name, folder, secrets)
    return Landing(name, SftpFolder(login, read.text("path")), form, settle)


def tenant_of(table: Mapping[str, object], name: str) -> str | None:
    """Return the one tenant whose source it is; None where it says nothing of it.

    Raises BadRequest.
    """
    read = _Table(f"mapping {name}", table)
    tenant = read.maybe("tenant")
    try:
        return None if tenant is None else tenant_name(tenant)
    except BadRequest:
        raise read.wrong("tenant", "is not the name of a tenant") from None


def _login(read: _Table, name: str, folder: Path, secrets: Mapping[str, str]) -> Login:
    from analytics.workforce.sources.sftp_session import Login

    host = read.text("host")
    if not _HOST.match(host):
        raise read.wrong("host", "is not a host's name or address")
    known_hosts, host_key = read.file("known_hosts", folder), read.maybe("host_key")
    if (known_hosts is None) == (host_key is None):
        raise read.wrong("known_hosts", "or host_key is needed, and only one of them")
    if host_key is not None and not _FINGERPRINT.match(host_key):
        raise read.wrong("host_key", "is not SHA256: and 43 signs, as ssh-keygen shows")
    private_key = read.file("private_key", folder)
    if private_key is not None:
        _only_for_owner(private_key)
    held = {key: value for key, value in secrets.items() if value}
    if (file := read.file("secrets_file", folder)) is not None:
        held = _secrets_in(file) | held
    if private_key is None and "password" not in held:
        variable = f"LRS_HRIS_{variable_part(name)}_PASSWORD"
        raise SetupError(
            f"The source {name} has no private_key, and no password: set {variable}, "
            "or secrets_file in its mapping."
        )
    return Login(
        host=host,
        user=read.text("user"),
        port=read.number("port", 22, 1, 65_535),
        known_hosts=known_hosts,
        host_key=host_key,
        private_key=private_key,
        password=None if private_key else held["password"],
        passphrase=held.get("passphrase"),
        seconds=read.number("timeout_seconds", 30.0, 1.0, 600.0),
    )


def variable_part(name: str) -> str:
    """Return a mapping's name as it stands in names of the environment."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _secrets_in(path: Path) -> dict[str, str]:
    _only_for_owner(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:  # never what it says: it would quote the file
        raise SetupError(f"{path} is not TOML in UTF-8.") from None
    for key, value in content.items():
        if key not in SECRETS or not isinstance(value, str) or not value:
            raise SetupError(f"{path} may hold {' and '.join(SECRETS)}, as text.")
    return content


def _only_for_owner(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise SetupError(f"{path} is open to others: chmod 600 it.")


class _Table:
    """A ``[source]`` table, and how to say where something is wrong in it."""

    def __init__(self, place: str, table: object) -> None:
        self._place = place
        if not isinstance(table, Mapping):
            raise BadRequest(f"{place}, source is not a table.")
        self._table: Mapping[str, object] = table

    def wrong(self, key: str, reason: str) -> BadRequest:
        return BadRequest(f"{self._place}, source.{key} {reason}.")

    def only(self, known: set[str]) -> None:
        for key in self._table:
            if key in SECRETS:
                raise self.wrong(key, "is a secret, which never stands in a mapping")
            if key not in known:
                raise self.wrong(key, f"is unknown; known: {', '.join(sorted(known))}")

    def text(self, key: str) -> str:
        value = self.maybe(key)
        if value is None:
            raise self.wrong(key, "is missing")
        return value

    def maybe(self, key: str) -> str | None:
        value = self._table.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value or not value.isprintable():
            raise self.wrong(key, "is not text")
        return value

    def file(self, key: str, folder: Path) -> Path | None:
        value = self.maybe(key)
        return None if value is None else folder / Path(value).expanduser()

    def number(self, key: str, default: _T, least: _T, most: _T) -> _T:
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
