"""A real SFTP server on loopback over a folder, with the faults that a network has."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko import sftp

USER, PASSWORD = "hris", "opensesame"


@dataclass
class SftpServer:
    """The server's folder, key and port; its faults may be set at any time.

    ``cuts``: so many connections are cut in the middle of a file. ``drip``: seconds
    before each piece of a file. ``silent``: it takes connections and says nothing.
    ``mute``: it signs users in and never starts SFTP. ``lost_renames``: so many times
    it renames and is gone before it says so.
    """

    folder: Path
    key: paramiko.PKey
    port: int = 0
    client_key: paramiko.PKey | None = None
    cuts: int = 0
    cut_after: int = 1
    drip: float = 0.0
    silent: bool = False
    mute: bool = False
    lost_renames: int = 0
    connections: int = 0
    logins: int = 0
    open: list[object] = field(default_factory=list)

    @property
    def known_hosts(self) -> str:
        """Return the line of known_hosts for it."""
        key = self.key
        return f"[127.0.0.1]:{self.port} {key.get_name()} {key.get_base64()}\n"


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Run a server until the end of the ``with``."""
    server = SftpServer(folder, paramiko.ECDSAKey.generate())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(server, listener), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            # A connection of our own ends the waiting for one.
            server.silent = True
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for opened in server.open:
                opened.close()  # type: ignore[attr-defined]


def _accept(server: SftpServer, listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        server.connections += 1
        server.open.append(connection)
        if server.silent:
            continue
        transport = paramiko.Transport(connection)
        server.open.append(transport)
        transport.add_server_key(server.key)
        transport.set_subsystem_handler(
            "sftp", paramiko.SFTPServer, _Files, server, transport
        )
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(threading.Event(), _Door(server))


class _Door(paramiko.ServerInterface):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.logins += 1
        good = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        good = username == USER and key == self._server.client_key
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_subsystem_request(
        self, channel: paramiko.Channel, name: str
    ) -> bool:
        if self._server.mute:
            time.sleep(30)
        return super().check_channel_subsystem_request(channel, name)


class _Handle(paramiko.SFTPHandle):
    faults: SftpServer
    transport: paramiko.Transport

    def read(self, offset: int, length: int) -> bytes | int:
        time.sleep(self.faults.drip)
        active = self.transport.is_active()
        if active and self.faults.cuts and offset + length > self.faults.cut_after:
            self.faults.cuts -= 1
            self.transport.close()
        return super().read(offset, length)

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    def __init__(
        self, _door: _Door, server: SftpServer, transport: paramiko.Transport
    ) -> None:
        self._server = server
        self._transport = transport

    def _at(self, path: str) -> Path:
        return self._server.folder / path.lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        def listed() -> list[paramiko.SFTPAttributes]:
            return [
                paramiko.SFTPAttributes.from_stat(item.lstat(), item.name)
                for item in self._at(path).iterdir()
            ]

        return _answered(listed)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        return _answered(
            lambda: paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        )

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        return _answered(
            lambda: paramiko.SFTPAttributes.from_stat(self._at(path).lstat())
        )

    def open(
        self, path: str, flags: int, attr: paramiko.SFTPAttributes
    ) -> paramiko.SFTPHandle | int:
        def opened() -> paramiko.SFTPHandle:
            writing = flags & (os.O_WRONLY | os.O_RDWR)
            file = os.fdopen(
                os.open(self._at(path), flags, 0o640), "wb" if writing else "rb"
            )
            handle = _Handle(flags)
            handle.faults, handle.transport = self._server, self._transport
            handle.readfile = handle.writefile = file
            return handle

        return _answered(opened)

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return _done(lambda: self._at(path).mkdir())

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._at(newpath).exists():
            return sftp.SFTP_FAILURE
        done = _done(lambda: self._at(oldpath).rename(self._at(newpath)))
        if self._server.lost_renames:
            self._server.lost_renames -= 1
            self._transport.close()
        return done


def _answered(act):
    try:
        return act()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno)


def _done(act) -> int:
    answer = _answered(lambda: act() and None)
    return sftp.SFTP_OK if answer is None else answer
