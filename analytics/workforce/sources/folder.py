"""A landing folder on this machine.

Every name is opened relative to the open folder and without following links, so that
neither a link nor a renamed folder can lead elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from analytics.workforce.sources.place import PIECE, Found
from lrs.errors import SetupError, Unavailable

# A pipe must not keep us waiting for its writer.
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BELOW = _FOLDER | os.O_NOFOLLOW
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by its path, which may itself be a link."""

    path: Path

    @contextmanager
    def opened(self) -> Iterator[OpenFolder]:
        """Open it; raises SetupError where there is no such folder."""
        try:
            folder = os.open(self.path, _FOLDER)
        except OSError as error:
            reason = error.strerror or "unreadable"
            raise SetupError(
                f"The landing folder {self.path} cannot be opened: {reason}."
            ) from None
        try:
            yield OpenFolder(self.path, folder)
        finally:
            os.close(folder)


class OpenFolder:
    """A folder as a file descriptor."""

    def __init__(self, path: Path, folder: int) -> None:
        self._path = path
        self._folder = folder

    def found(self) -> Iterator[Found]:
        """Yield every name in the folder."""
        with self._usable():
            for name in os.listdir(self._folder):
                with suppress(FileNotFoundError):
                    told = os.lstat(name, dir_fd=self._folder)
                    regular = stat.S_ISREG(told.st_mode)
                    yield Found(name, told.st_size, told.st_mtime, regular)

    def names_below(self, folder: str) -> set[str]:
        """Return the names in a folder below; none where it is missing."""
        with self._usable():
            try:
                below = os.open(folder, _BELOW, dir_fd=self._folder)
            except FileNotFoundError:
                return set()
            try:
                return set(os.listdir(below))
            finally:
                os.close(below)

    def read(self, name: str, most: int) -> bytes:
        """Return up to ``most`` bytes of a file; raises FileNotFoundError."""
        with self._usable(), self._opened(name) as file:
            return file.read(most)

    def fetch(self, name: str, to: BinaryIO, most: int) -> tuple[int, str]:
        """Copy up to ``most`` bytes of a file; return how many, and their SHA-256."""
        size, digest = 0, hashlib.sha256()
        with self._usable(), self._opened(name) as file:
            to.seek(0)
            to.truncate()
            while size < most and (piece := file.read(min(PIECE, most - size))):
                size += len(piece)
                digest.update(piece)
                to.write(piece)
        return size, digest.hexdigest()

    def make_folder(self, folder: str) -> None:
        """Make a folder below where there is none."""
        with self._usable():
            try:
                os.mkdir(folder, 0o750, dir_fd=self._folder)
            except FileExistsError:
                os.close(os.open(folder, _BELOW, dir_fd=self._folder))

    def write(self, name: str, text: str) -> None:
        """Write a small text file."""
        with self._usable():
            file = os.open(name, _WRITING, 0o640, dir_fd=self._folder)
            with open(file, "w", encoding="utf-8") as out:
                out.write(text)

    def rename(self, name: str, to: str) -> None:
        """Rename a file within the folder, in one step; raises FileNotFoundError."""
        with self._usable():
            os.rename(name, to, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            reason = error.strerror or "unreadable"
            raise Unavailable(
                f"The landing folder {self._path} cannot be used: {reason}."
            ) from None

    @contextmanager
    def _opened(self, name: str) -> Iterator[BufferedReader]:
        try:
            file = os.open(name, _READING, dir_fd=self._folder)
        except OSError as error:
            if error.errno == errno.ELOOP:  # a link has taken its place
                raise FileNotFoundError from None
            raise
        with open(file, "rb") as opened:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise FileNotFoundError
            yield opened
