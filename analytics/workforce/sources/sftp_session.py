"""A session with an SFTP server: a known host, one way to sign in, bounded in time.

The host's key must be known beforehand; none is ever added. Every step has a limit of
time that a server which sends nothing, or a byte now and then, cannot stretch: when it
is over the connection is cut. Comes out of it: SetupError where somebody must mend
something, Unavailable where it may go well at another time.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import hmac
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko

from lrs.errors import SetupError, Unavailable

LEAST_RATE = 16 << 10  # bytes a second; a transfer that is slower is broken off
_HELD_BY_SERVER = {errno.ENOENT, errno.EACCES}

# What it would say, with tracebacks, is said by our errors.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Login:
    """Where a server is, how to know it, and how to sign in.

    Either ``known_hosts`` (a file as ssh has it) or ``host_key`` (``SHA256:...``, as
    ssh-keygen -l shows it); either ``password`` or ``private_key`` (a file; where it
    is encrypted, ``passphrase``). ``seconds``: how long the server may say nothing.
    """

    host: str
    user: str
    port: int = 22
    known_hosts: Path | None = None
    host_key: str | None = None
    private_key: Path | None = None
    password: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    seconds: float = 30.0

    @property
    def address(self) -> str:
        """Return the server as messages name it."""
        return f"sftp://{self.user}@{self.host}:{self.port}"


class Session:
    """A connection that is made when it is first used, and made anew after a cut."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def close(self) -> None:
        """Let go of the connection; the next use makes another."""
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            client.close()

    @contextmanager
    def using(self, size: int = 0) -> Iterator[paramiko.SFTPClient]:
        """Yield the client for one step that moves ``size`` bytes.

        Raises FileNotFoundError and PermissionError as the server says them.
        """
        login = self._login
        allowed = 2 * login.seconds + size / LEAST_RATE
        late = threading.Event()

        def cut() -> None:
            late.set()
            if (client := self._client) is not None:
                client.close()

        watch = threading.Timer(allowed, cut)
        watch.daemon = True
        watch.start()
        try:
            yield self._sftp or self._connect()
        except (paramiko.SSHException, EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno in _HELD_BY_SERVER:
                raise
            self.close()
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise Unavailable(
                    "There is no room in the folder for temporary files (TMPDIR)."
                ) from None
            slow = late.is_set() or isinstance(error, TimeoutError)
            said = "answers too slowly" if slow else "broke the connection off"
            raise Unavailable(f"{login.address} {said}.") from None
        finally:
            watch.cancel()

    def _connect(self) -> paramiko.SFTPClient:
        login = self._login
        client = self._client = paramiko.SSHClient()
        self._know_host(client)
        key = _private_key(login)
        try:
            client.connect(
                login.host,
                login.port,
                login.user,
                password=login.password,
                pkey=key,
                timeout=login.seconds,
                banner_timeout=login.seconds,
                auth_timeout=login.seconds,
                channel_timeout=login.seconds,
                allow_agent=False,
                look_for_keys=False,
            )
        except (_UnknownHost, paramiko.BadHostKeyException):
            self.close()
            raise SetupError(
                f"{login.address} shows a host key that is not the known one; nothing "
                "was sent. See known_hosts or host_key of the mapping's source."
            ) from None
        except paramiko.AuthenticationException as error:
            self.close()
            if isinstance(error.__cause__ or error.__context__, TimeoutError):
                raise TimeoutError from None
            raise SetupError(
                f"{login.address} refuses the user, the password or the key."
            ) from None
        except (paramiko.ssh_exception.NoValidConnectionsError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            self.close()
            raise Unavailable(f"{login.address} cannot be reached.") from None
        sftp = client.open_sftp()
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(login.seconds)
        self._sftp = sftp
        return sftp

    def _know_host(self, client: paramiko.SSHClient) -> None:
        login = self._login
        if login.host_key is not None:
            client.set_missing_host_key_policy(_ByFingerprint(login.host_key))
            return
        client.set_missing_host_key_policy(_Unknown())
        try:
            client.load_host_keys(str(login.known_hosts))
        except OSError as error:
            raise SetupError(
                f"known_hosts of {login.address} cannot be read: {error.strerror}."
            ) from None
        except (paramiko.SSHException, ValueError):
            raise SetupError(
                f"known_hosts of {login.address} is not of ssh's form."
            ) from None


class _UnknownHost(Exception):
    pass


class _Unknown(paramiko.MissingHostKeyPolicy):
    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        raise _UnknownHost


class _ByFingerprint(paramiko.MissingHostKeyPolicy):
    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint.rstrip("=")

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode()
        shown = f"SHA256:{digest.rstrip('=')}"
        if not hmac.compare_digest(shown.encode(), self._fingerprint.encode()):
            raise _UnknownHost


def _private_key(login: Login) -> paramiko.PKey | None:
    if login.private_key is None:
        return None
    try:
        passphrase = login.passphrase.encode() if login.passphrase else None
        # It says str, and gives it to a function that takes only bytes.
        return paramiko.PKey.from_path(login.private_key, passphrase)  # type: ignore[arg-type]
    except OSError as error:
        reason = error.strerror or "unreadable"
    except (paramiko.SSHException, ValueError, TypeError):
        reason = "it is no private key, or its passphrase is missing or wrong"
    raise SetupError(
        f"The private_key for {login.address} cannot be read: {reason}."
    ) from None
