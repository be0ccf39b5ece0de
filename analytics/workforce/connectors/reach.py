"""Reach: how a system is connected to, as the ``[source]`` table says it.

``address`` (https; http only on this machine), ``proxy`` and ``proxy_user``,
``ca_file``, ``client_certificate`` and ``client_key`` (mutual TLS; passphrase in the
secrets), ``timeout_seconds`` (30), ``tries`` (6), ``backoff_seconds`` (1),
``longest_wait_seconds`` (300), ``largest_answer_mb`` (64). Nothing of it comes from
elsewhere: no proxy and no credential of the environment is taken.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx

from analytics.workforce.sources.secrets import Secrets, only_for_owner
from analytics.workforce.sources.source_table import SourceTable
from lrs.errors import BadRequest, SetupError

REACH_KEYS = {
    *("type", "address", "tenant", "secrets_file", "full_every_days"),
    *("proxy", "proxy_user", "ca_file", "client_certificate", "client_key"),
    *("timeout_seconds", "tries", "backoff_seconds", "longest_wait_seconds"),
    *("largest_answer_mb",),
}
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Reach:
    """How one system is connected to; seconds, and bytes of the largest answer."""

    system: str  # as messages call it: the mapping's name
    address: str  # without a slash at its end
    timeout: float = 30.0
    tries: int = 6
    backoff: float = 1.0
    longest_wait: float = 300.0
    largest: int = 64 << 20
    proxy: httpx.Proxy | None = field(default=None, repr=False)
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    passphrase: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """Return what verifies the server and proves us; raises SetupError."""
        context = httpx.create_ssl_context(trust_env=False)
        try:
            if self.ca_file is not None:
                context.load_verify_locations(self.ca_file)
        except (OSError, ssl.SSLError):
            raise SetupError(f"ca_file {self.ca_file} is no PEM file.") from None
        if self.certificate is not None:
            passphrase = self.passphrase or ""
            try:
                # Never asked for at a terminal: that would wait for ever.
                context.load_cert_chain(self.certificate, self.key, lambda: passphrase)
            except (OSError, ssl.SSLError):
                raise SetupError(
                    f"client_certificate {self.certificate} and its client_key cannot "
                    "be used: they are no pair in PEM, or the passphrase is wrong."
                ) from None
        return context


def reach_of(read: SourceTable, name: str, folder: Path, secrets: Secrets) -> Reach:
    """Return how a ``[source]`` is connected to; raises BadRequest, SetupError."""
    key = read.file("client_key", folder)
    certificate = read.file("client_certificate", folder)
    if key is not None and certificate is None:
        raise read.wrong("client_key", "is of no use without client_certificate")
    for private in filter(None, (key, None if key else certificate)):
        only_for_owner(private)
    return Reach(
        system=name,
        address=address_of(read, "address"),
        timeout=read.number("timeout_seconds", 30.0, 0.05, 3600.0),
        tries=read.number("tries", 6, 1, 20),
        backoff=read.number("backoff_seconds", 1.0, 0.0, 60.0),
        longest_wait=read.number("longest_wait_seconds", 300.0, 0.0, 3600.0),
        largest=read.number("largest_answer_mb", 64, 1, 4096) << 20,
        proxy=_proxy(read, secrets),
        ca_file=read.file("ca_file", folder),
        certificate=certificate,
        key=key,
        passphrase=secrets.get("passphrase"),
    )


def address_of(read: SourceTable, key: str) -> str:
    """Return a base address; raises BadRequest where it is none that is safe."""
    value = read.text(key).rstrip("/")
    parts = _split(read, key, value)
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise read.wrong(key, "is not https://: secrets would travel in the open")
    if parts.query or parts.fragment:
        raise read.wrong(key, "has a query: that belongs to [source.query]")
    return urlunsplit(parts)


def _proxy(read: SourceTable, secrets: Secrets) -> httpx.Proxy | None:
    address = read.maybe("proxy")
    if address is None:
        return None
    _split(read, "proxy", address)
    user = read.maybe("proxy_user")
    auth = (user, secrets.need("proxy_password")) if user else None
    return httpx.Proxy(address, auth=auth)


def _split(read: SourceTable, key: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise _no_address(read, key) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _no_address(read, key)
    if parts.username or parts.password:
        raise read.wrong(key, "holds a user or a secret, which never stand there")
    return parts


def _no_address(read: SourceTable, key: str) -> BadRequest:
    return read.wrong(key, "is not an address such as https://api.example.com")
