"""The folder of kept standings: whole or not there, and never larger than allowed.

``ROOT/TENANT/KEY`` holds one set of Parquet files and ``about``, which names their
inputs and the SHA-256 of each. A set is written under another name and renamed. It is
read under a shared lock, made and removed under an exclusive one, so that two at once
make it once; a lock ends with its process. What does not agree with its digests counts
as not there. The files name employees: only their owner may read them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from analytics.reports.standings.inputs import KEPT, Inputs

_ABOUT = "about"
_LOCK = ".lock"
_PART = ".part-"
_EPOCH = ".epoch"
_DIGEST = 64  # hex digits


class Forgotten(Exception):
    """Everything of the tenant was removed while this was made: begin anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One set: its inputs, the folder, and of Statements the share without a person."""

    inputs: Inputs
    path: Path
    unresolved: float | None

    def file(self, name: str) -> str:
        """Return the address of a file of the set."""
        return str(self.path / f"{name}.parquet")

    def files(self) -> dict[str, str]:
        """Return the address of each model's file."""
        return {name: self.file(name) for name in KEPT}


@dataclass(frozen=True, slots=True)
class Folder:
    """Kept sets under ``root``, together ``most`` bytes; for any thread and process."""

    root: Path
    most: int
    _checked: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def read(self, tenant: str, key: str) -> Entry | None:
        """Return a set that is whole, or None; under a lock of its key."""
        path = self.root / tenant / key
        found = _about(path)
        if found is None or not all(
            self._is_whole(path / name, digest) for name, digest in found[1].items()
        ):
            return None
        with contextlib.suppress(OSError):
            os.utime(path / _ABOUT)  # used just now: the last to go
        return found[0]

    def entries(self, tenant: str) -> list[Entry]:
        """Return all sets, newest first, without looking into their files."""
        try:
            paths = sorted(
                (path for path in (self.root / tenant).iterdir() if _is_set(path)),
                key=_used,
                reverse=True,
            )
        except FileNotFoundError:
            return []
        return [found[0] for path in paths if (found := _about(path)) is not None]

    @contextmanager
    def locked(self, tenant: str, key: str, *, alone: bool) -> Iterator[None]:
        """Hold the lock of a key: shared by those who read, or ``alone``."""
        folder = self._folder(tenant)
        held = _lock(folder / f"{key}{_LOCK}", alone=alone, wait=True)
        try:
            yield
        finally:
            if held is not None:
                os.close(held)

    def held(self, stack: contextlib.ExitStack, tenant: str, key: str) -> bool:
        """Take a key's shared lock into the stack, unless somebody is alone with it."""
        path = self.root / tenant / f"{key}{_LOCK}"
        held = _lock(path, alone=False, wait=False)
        if held is None:
            return False
        stack.callback(os.close, held)
        return True

    def epoch(self, tenant: str) -> bytes:
        """Return what changes whenever everything is forgotten."""
        try:
            return (self.root / tenant / _EPOCH).read_bytes()
        except FileNotFoundError:
            return b""

    def put(
        self,
        tenant: str,
        inputs: Inputs,
        epoch: bytes,
        write: Callable[[Path], float | None],
    ) -> None:
        """Make a set: ``write`` its files; under the key's lock, alone.

        Raises Forgotten where ``epoch`` is past: it may hold what had to go.
        """
        folder, key = self._folder(tenant), inputs.key()
        _remove_parts(folder, key)
        part = Path(tempfile.mkdtemp(prefix=f"{_PART}{key}-", dir=folder))
        try:
            unresolved = write(part)
            digests = {}
            for path in sorted(part.iterdir()):
                path.chmod(0o600)
                digests[path.name] = _sha256(path)
            text = orjson.dumps(
                {
                    "inputs": orjson.loads(inputs.as_json()),
                    "unresolved": unresolved,
                    "files": digests,
                }
            )
            about = part / _ABOUT
            about.touch(0o600)
            about.write_bytes(hashlib.sha256(text).hexdigest().encode() + text)
            with self._forgetting(tenant):
                if self.epoch(tenant) != epoch:
                    raise Forgotten
                shutil.rmtree(folder / key, ignore_errors=True)
                part.rename(folder / key)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def remove(self, tenant: str, key: str) -> bool:
        """Remove a set unless somebody reads it; tell whether it is gone."""
        folder = self.root / tenant
        held = _lock(folder / f"{key}{_LOCK}", alone=True, wait=False)
        if held is None:
            return False
        try:
            shutil.rmtree(folder / key, ignore_errors=True)
            _remove_parts(folder, key)
            (folder / f"{key}{_LOCK}").unlink(missing_ok=True)
        finally:
            os.close(held)
        return True

    def forget(self, tenant: str) -> None:
        """Remove everything of a tenant, also what is read or made at the moment."""
        if not (self.root / tenant).is_dir():
            return
        folder = self._folder(tenant)
        with self._forgetting(tenant):
            (folder / _EPOCH).write_bytes(os.urandom(16))
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)

    def trim(self) -> None:
        """Remove what was not used for longest until the rest is small enough."""
        sets = sorted(
            (path for path in self.root.glob("*/*") if _is_set(path)), key=_used
        )
        sizes: dict[int, int] = {}
        links: dict[int, int] = {}
        files = {path: _files(path) for path in sets}
        for found in files.values():
            for inode, size in found:
                sizes[inode] = size
                links[inode] = links.get(inode, 0) + 1
        total = sum(sizes.values())
        for path in sets[:-1]:  # never the newest
            if total <= self.most:
                break
            if self.remove(path.parent.name, path.name):
                for inode, size in files[path]:
                    links[inode] -= 1
                    total -= size if links[inode] == 0 else 0
        for part in self.root.glob(f"*/{_PART}*"):  # of those who were killed
            self._remove_abandoned(part)

    def _remove_abandoned(self, part: Path) -> None:
        key = part.name.removeprefix(_PART).rpartition("-")[0]
        held = _lock(part.parent / f"{key}{_LOCK}", alone=True, wait=False)
        if held is not None:
            shutil.rmtree(part, ignore_errors=True)
            os.close(held)

    def _folder(self, tenant: str) -> Path:
        folder = self.root / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in (self.root, folder):
            if one.stat().st_mode & 0o077:
                one.chmod(0o700)
        return folder

    @contextmanager
    def _forgetting(self, tenant: str) -> Iterator[None]:
        held = _lock(self.root / tenant / f"{_EPOCH}{_LOCK}", alone=True, wait=True)
        try:
            yield
        finally:
            if held is not None:
                os.close(held)

    def _is_whole(self, path: Path, digest: str) -> bool:
        """Tell whether a file is as it was written; looked at once a process."""
        try:
            found = path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if self._checked.get(digest) == seen:
                return True
            if _sha256(path) != digest:
                return False
        except OSError:
            return False
        if len(self._checked) > 1000:
            self._checked.clear()
        self._checked[digest] = seen
        return True


def _lock(path: Path, *, alone: bool, wait: bool) -> int | None:
    """Return the open, locked file; None where another has it and we do not wait."""
    way = (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB)
    while True:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(held, way)
            # Who removed the set has removed this file too: then it locks nothing.
            if os.fstat(held).st_ino == os.stat(path).st_ino:
                return held
        except BlockingIOError:
            os.close(held)
            return None
        except FileNotFoundError:
            pass
        os.close(held)


def _about(path: Path) -> tuple[Entry, dict[str, str]] | None:
    try:
        text = (path / _ABOUT).read_bytes()
        if hashlib.sha256(text[_DIGEST:]).hexdigest().encode() != text[:_DIGEST]:
            return None
        found = orjson.loads(text[_DIGEST:])
        inputs = Inputs.from_json(found["inputs"])
        return Entry(inputs, path, found["unresolved"]), found["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_set(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _used(path: Path) -> float:
    try:
        return (path / _ABOUT).stat().st_mtime
    except OSError:
        return 0


def _files(path: Path) -> list[tuple[int, int]]:
    with contextlib.suppress(OSError):
        return [(one.stat().st_ino, one.stat().st_size) for one in path.iterdir()]
    return []


def _remove_parts(folder: Path, key: str) -> None:
    for part in folder.glob(f"{_PART}{key}-*"):
        shutil.rmtree(part, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
