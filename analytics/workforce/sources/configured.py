"""The source that a mapping file describes in its ``[source]`` table.

``type`` of a system that is asked: see analytics.workforce.connectors. ``type``
folder: ``path``. ``type`` sftp: ``host``, ``port`` (22), ``user``, ``path``,
``known_hosts`` (a file) or ``host_key`` (``SHA256:...``), and ``private_key`` (a file)
or a password. Both: ``settle_seconds`` (300), ``tenant``: whose people it delivers, and
nobody else's. Files are relative to the mapping's folder. A secret never stands here
(``secrets``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.workforce.connectors import MODULES
from analytics.workforce.sources.folder import Folder
from analytics.workforce.sources.format import DETECTED, Format
from analytics.workforce.sources.landing import Landing
from analytics.workforce.sources.secrets import (
    only_for_owner,
    secrets_of,
    variable_part,
)
from analytics.workforce.sources.source import Source
from analytics.workforce.sources.source_table import SourceTable
from lrs.access import DEFAULT_TENANT, tenant_name
from lrs.errors import BadRequest, SetupError

if TYPE_CHECKING:
    from analytics.workforce.sources.cursors import Cursors
    from analytics.workforce.sources.sftp_session import Login

_COMMON = {"type", "path", "settle_seconds", "tenant"}
_SFTP = {
    *_COMMON,
    *("host", "port", "user", "known_hosts", "host_key"),
    *("private_key", "secrets_file", "timeout_seconds"),
}
_KEYS = {"folder": _COMMON, "sftp": _SFTP}
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?\Z")
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a system that is asked needs: for whom, since when, and for what.

    ``fields`` are the paths that the mapping reads, ``version`` is its own; ``cursors``
    remember up to where; ``take_all`` asks for everybody.
    """

    tenant: str = DEFAULT_TENANT
    fields: tuple[str, ...] = ()
    version: str = ""
    cursors: Cursors | None = None
    take_all: bool = False


def source_of(
    table: object,
    name: str,
    folder: Path,
    secrets: Mapping[str, str],
    form: Format = DETECTED,
    asked: Asked | None = None,
) -> Source:
    """Return the source that a ``[source]`` table describes.

    ``name`` is the mapping's, ``folder`` where it lies, ``secrets`` what the
    environment holds of them. Raises BadRequest that names the key, and SetupError
    where a secret is missing or open to others. ``asked`` is what a system that is
    asked needs to know beside.
    """
    read = SourceTable(f"mapping {name}", table)
    kind = read.text("type")
    if kind not in _KEYS and kind not in MODULES:
        raise read.wrong("type", f"is not one of: {', '.join([*_KEYS, *MODULES])}")
    if kind in MODULES:
        # Not before somebody needs it, likewise.
        from analytics.workforce.connectors.connector import system_of
        from analytics.workforce.connectors.source import ConnectorSource

        asked = asked or Asked()
        system = system_of(table, name, folder, dict(secrets), asked.fields)
        return ConnectorSource(
            system, asked.tenant, asked.version, asked.cursors, asked.take_all
        )
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
    read = SourceTable(f"mapping {name}", table)
    tenant = read.maybe("tenant")
    try:
        return None if tenant is None else tenant_name(tenant)
    except BadRequest:
        raise read.wrong("tenant", "is not the name of a tenant") from None


def _login(
    read: SourceTable, name: str, folder: Path, secrets: Mapping[str, str]
) -> Login:
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
        only_for_owner(private_key)
    held = secrets_of(name, secrets, read.file("secrets_file", folder))
    if private_key is None and held.get("password") is None:
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
        password=None if private_key else held.need("password"),
        passphrase=held.get("passphrase"),
        seconds=read.number("timeout_seconds", 30.0, 1.0, 600.0),
    )
