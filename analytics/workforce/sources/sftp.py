"""A landing folder behind SFTP.

What only reads is tried again after a cut, on a new connection; what renames is not,
since it may have been done before the answer was lost: the next walk sees what is there
and ends it.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

import paramiko
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from analytics.workforce.sources.place import Found
from analytics.workforce.sources.sftp_session import Login, Session
from lrs.errors import SetupError, Unavailable

TRIES = 3
_AHEAD = 2 << 20  # bytes asked for before the first of them has come
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SftpFolder:
    """A folder of a server, by its path there."""

    login: Login
    path: str

    @contextmanager
    def opened(self) -> Iterator[OpenSftpFolder]:
        """Connect; raises SetupError or Unavailable."""
        session = Session(self.login)
        place = OpenSftpFolder(session, self.login, self.path.rstrip("/") or "/")
        try:
            place.check()
            yield place
        finally:
            session.close()


class OpenSftpFolder:
    """A folder of a server that is connected to."""

    def __init__(self, session: Session, login: Login, path: str) -> None:
        self._session = session
        self._address = login.address
        self._path = path

    def check(self) -> None:
        """Raise SetupError where the folder is missing, or is none."""

        def look() -> bool:
            with self._session.using() as sftp:
                return stat.S_ISDIR(sftp.stat(self._path).st_mode or 0)

        try:
            is_folder = self._again(look)
        except FileNotFoundError:
            is_folder = False
        if not is_folder:
            raise SetupError(f"{self._address} has no folder {self._path}.")

    def found(self) -> Iterator[Found]:
        """Yield every name in the folder."""
        for told in self._again(lambda: self._list("")):
            yield Found(
                told.filename,
                told.st_size or 0,
                float(told.st_mtime or 0),
                stat.S_ISREG(told.st_mode or 0),
            )

    def names_below(self, folder: str) -> set[str]:
        """Return the names in a folder below; none where it is missing."""
        try:
            return {told.filename for told in self._again(lambda: self._list(folder))}
        except FileNotFoundError:
            return set()

    def read(self, name: str, most: int) -> bytes:
        """Return up to ``most`` bytes of a file; raises FileNotFoundError."""

        def whole() -> bytes:
            with self._session.using(most) as sftp, self._opened(sftp, name) as file:
                return file.read(most)

        return self._again(whole)

    def fetch(self, name: str, to: BinaryIO, most: int) -> tuple[int, str]:
        """Copy up to ``most`` bytes of a file; return how many, and their SHA-256."""

        def whole() -> tuple[int, str]:
            size, digest = 0, hashlib.sha256()
            to.seek(0)
            to.truncate()
            with self._session.using(most) as sftp, self._opened(sftp, name) as file:
                for piece in pieces_of(file, most):
                    size += len(piece)
                    digest.update(piece)
                    to.write(piece)
            return size, digest.hexdigest()

        return self._again(whole)

    def make_folder(self, folder: str) -> None:
        """Make a folder below where there is none."""

        def make() -> None:
            with self._session.using() as sftp:
                try:
                    mode = sftp.lstat(self._at(folder)).st_mode or 0
                except FileNotFoundError:
                    sftp.mkdir(self._at(folder), 0o750)
                else:
                    if not stat.S_ISDIR(mode):
                        raise self._forbidden()

        self._writing(make)

    def write(self, name: str, text: str) -> None:
        """Write a small text file."""

        def whole() -> None:
            with self._session.using() as sftp, sftp.open(self._at(name), "wb") as out:
                out.write(text.encode())

        self._writing(whole)

    def rename(self, name: str, to: str) -> None:
        """Rename a file within the folder, in one step; raises FileNotFoundError."""
        try:
            with self._session.using() as sftp:
                sftp.rename(self._at(name), self._at(to))
        except PermissionError:
            raise self._forbidden() from None

    def _list(self, folder: str) -> list[paramiko.SFTPAttributes]:
        with self._session.using() as sftp:
            return sftp.listdir_attr(self._at(folder) if folder else self._path)

    @contextmanager
    def _opened(
        self, sftp: paramiko.SFTPClient, name: str
    ) -> Iterator[paramiko.SFTPFile]:
        # The server would follow a link; what a listing says of it may be its target.
        if not stat.S_ISREG(sftp.lstat(self._at(name)).st_mode or 0):
            raise FileNotFoundError
        with sftp.open(self._at(name), "rb") as file:
            yield file

    def _at(self, name: str) -> str:
        return f"{self._path.rstrip('/')}/{name}"

    def _writing(self, step: Callable[[], None]) -> None:
        # To make a folder, or to write the same text, may be done twice.
        try:
            self._again(step)
        except FileNotFoundError:
            raise self._forbidden() from None

    def _again(self, step: Callable[[], _T]) -> _T:
        """Take a step that may be taken twice, and take it again after a cut."""
        tries = Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        try:
            return tries(step)
        except PermissionError:
            raise self._forbidden() from None

    def _forbidden(self) -> SetupError:
        return SetupError(
            f"{self._address} does not let us read, write or rename in {self._path}."
        )


def pieces_of(file: paramiko.SFTPFile, most: int) -> Iterator[bytes]:
    """Yield a file's bytes, many requests under way at a time.

    Paramiko asks ahead in a thread. That would print a traceback when the line is cut
    (whoever reads is told of it as well), and with a bound of its own on requests it
    would wait for ever for a reader that has given up: so it gets a bounded part of the
    file at a time.
    """
    ask = file._prefetch_thread  # type: ignore[attr-defined]

    def ask_quietly(*chunks: object) -> None:
        with suppress(EOFError, OSError, paramiko.SSHException):
            ask(*chunks)

    file._prefetch_thread = ask_quietly  # type: ignore[attr-defined]
    at = 0
    while at < most:
        [piece] = file.readv([(at, min(_AHEAD, most - at))])
        if not piece:
            return
        yield piece
        at += len(piece)
