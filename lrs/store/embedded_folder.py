"""The embedded MongoDB's folder: its paths, its locks and the notes kept in it.

In: LRS_DATA_DIR/mongodb. Out: file descriptors that hold locks, and where the server
listens. Every lock is an flock(2): it belongs to the open file, is shared with forks
and with processes that were handed the descriptor, and the kernel drops it with the
last of them, even after kill -9.

| lock   | held by                                     | while                      |
| ------ | ------------------------------------------- | -------------------------- |
| start  | a client, exclusive                         | it attaches                |
| users  | clients, shared; the keeper, exclusive      | attached; while it stops   |
| keeper | the client that starts it, then the keeper  | the keeper lives           |
| data   | the keeper and its mongod                   | the data files may change  |
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from lrs.errors import SetupError

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX


@dataclass(frozen=True, slots=True)
class Server:
    """Where the running server listens, and the processes behind it."""

    port: int
    mongod: int
    keeper: int


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies under LRS_DATA_DIR/mongodb."""

    root: Path

    @property
    def db(self) -> Path:
        """Return the folder of the data files."""
        return self.root / "db"

    @property
    def log(self) -> Path:
        """Return mongod's log."""
        return self.root / "mongod.log"

    @property
    def keeper_log(self) -> Path:
        """Return the keeper's log."""
        return self.root / "keeper.log"

    def prepare(self) -> None:
        """Make the folder, for its owner only; raise SetupError if it cannot be."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.db.mkdir(mode=0o700, exist_ok=True)
            for name in ("start", "users", "keeper", "data"):
                os.close(self._open(name))
        except OSError as error:
            raise SetupError(
                f"The data folder {self.root} cannot be written"
                f" ({error.strerror or error}): give this user the right to write"
                " there, or set LRS_DATA_DIR to another folder."
            ) from error

    def lock(self, name: str, how: int, *, wait: float = 0.0) -> int | None:
        """Return a descriptor that holds the lock, or None after ``wait`` seconds."""
        deadline = time.monotonic() + wait
        descriptor = self._open(name)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, how | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        os.close(descriptor)
                        return None
                    time.sleep(0.02)
                else:
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise

    def is_free(self, name: str, how: int) -> bool:
        """Return whether the lock could be had just now."""
        descriptor = self.lock(name, how)
        if descriptor is None:
            return False
        os.close(descriptor)
        return True

    def server(self) -> Server | None:
        """Return the server that is ready, or None while there is none.

        Only true while the keeper's lock is held: a killed keeper leaves its note.
        """
        try:
            return Server(**json.loads((self.root / "server.json").read_bytes()))
        except FileNotFoundError:
            return None

    def publish(self, server: Server) -> None:
        """Tell everyone that the server is ready, and remember its port."""
        _replace(self.root / "port", str(server.port))
        _replace(self.root / "server.json", json.dumps(asdict(server)))

    def withdraw(self) -> None:
        """Tell everyone that there is no server that is ready."""
        (self.root / "server.json").unlink(missing_ok=True)

    def tell(self, sentence: str) -> None:
        """Tell everyone why there is no server now; an empty text, that there is."""
        with contextlib.suppress(OSError):  # where the disk is full, it may not fit
            _replace(self.root / "fault", sentence)

    def told(self) -> str:
        """Return what was told, an empty text where nothing was."""
        try:
            return (self.root / "fault").read_text()
        except FileNotFoundError:
            return ""

    def last_port(self) -> int:
        """Return the port of the last server, 0 when there was none."""
        try:
            return int((self.root / "port").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _open(self, name: str) -> int:
        return os.open(self.root / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)


def rotate(log: Path, limit: int) -> bool:
    """Set a log over ``limit`` bytes aside, over the one set aside before."""
    try:
        if log.stat().st_size <= limit:
            return False
    except FileNotFoundError:
        return False
    log.replace(log.with_name(f"{log.name}.1"))
    return True


def _replace(path: Path, text: str) -> None:
    # A reader sees the old text or the new one, never half of it.
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(text)
    temporary.replace(path)
