"""The embedded MongoDB, as its users see it: attach, use the URI, close.

In: LRS_DATA_DIR. Out: the URI of a mongod on a free loopback port, with its data under
LRS_DATA_DIR/mongodb, shared by all processes on that folder and stopped with the last
of them, however it ends.

It listens without authentication, on the loopback only: whoever has an account on the
machine can read it. It is meant for trials and single machines; production sets
LRS_MONGODB_URI.

A user is whoever holds the users' lock (see embedded_folder): a fork shares it with
its parent, and the kernel drops it when the last of them is gone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from lrs.errors import SetupError
from lrs.store.embedded_folder import EXCLUSIVE, SHARED, Folder, rotate
from lrs.store.embedded_mongod import disk_full, find_mongod

__all__ = ["Attachment", "attach", "find_mongod"]

_WAIT_SECONDS = 180.0
_CLOSE_SECONDS = 10.0
_LEAST_FREE = 500 << 20
_KEEPER_LOG_BYTES = 1 << 20


class Attachment:
    """The use of the embedded server: it runs at least until this is closed."""

    def __init__(self, uri: str, folder: Folder, users: int) -> None:
        self.uri = uri
        self._folder = folder
        self._users: int | None = users

    def close(self) -> None:
        """End the use; as the last user, wait until the server has stopped.

        Without the wait, a container that ends with this process would kill mongod
        before it has stopped cleanly. Calling it again does nothing.
        """
        if self._users is None:
            return
        # Closed, not unlocked: that would take the lock from our forks as well.
        os.close(self._users)
        self._users = None
        deadline = time.monotonic() + _CLOSE_SECONDS
        while time.monotonic() < deadline and not self._is_settled():
            time.sleep(0.02)

    def _is_settled(self) -> bool:
        is_free = self._folder.is_free
        try:
            # Held, but not exclusively: by other users. Exclusively: the keeper is
            # stopping. Not at all: it is about to notice.
            return is_free("keeper", SHARED) or (
                not is_free("users", EXCLUSIVE) and is_free("users", SHARED)
            )
        except OSError:
            return True  # the folder was removed; the keeper notices as well

    def __enter__(self) -> Attachment:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def attach(
    data_dir: Path,
    *,
    announce: Callable[[str], None] | None = None,
    least_free: int = _LEAST_FREE,
    patient: bool = False,
) -> Attachment:
    """Join the server of this data folder, starting it if there is none.

    ``announce`` is told that it is being started; ``least_free`` is how many bytes the
    disk must have for that. With ``patient`` one that is down, and will be started
    again by its keeper, is joined all the same. Raises SetupError: one sentence and
    what to do.
    """
    folder = Folder(data_dir.expanduser().absolute() / "mongodb")
    folder.prepare()
    # One at a time, so that all who come at once get one server.
    start = _lock(folder, "start", EXCLUSIVE)
    try:
        users = _lock(folder, "users", SHARED)
        try:
            port = _port(folder, announce or (lambda _: None), least_free, patient)
        except BaseException:
            os.close(users)
            raise
    finally:
        os.close(start)
    # With the set's name, rather than directConnection: after a restart of mongod a
    # client then waits for the primary instead of writing to a server not yet ready.
    return Attachment(f"mongodb://127.0.0.1:{port}/?replicaSet=rs0", folder, users)


def _lock(folder: Folder, name: str, how: int) -> int:
    descriptor = folder.lock(name, how, wait=_WAIT_SECONDS)
    if descriptor is None:
        raise _stuck(folder)
    return descriptor


def _port(
    folder: Folder, announce: Callable[[str], None], least_free: int, patient: bool
) -> int:
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        claim = folder.lock("keeper", EXCLUSIVE)
        if claim is not None:
            try:
                # Now, while no keeper can have written it: it is a killed one's.
                folder.withdraw()
                folder.tell("")
                return _start_keeper(folder, claim, announce, least_free)
            finally:
                os.close(claim)  # the keeper has it too
        server = folder.server()
        if server is not None:
            return server.port
        if told := folder.told():  # by a keeper that tries again, on the same port
            if patient:
                return folder.last_port()
            raise SetupError(told)
        time.sleep(0.05)
    raise _stuck(folder)


def _start_keeper(
    folder: Folder, claim: int, announce: Callable[[str], None], least_free: int
) -> int:
    if shutil.disk_usage(folder.root).free < least_free:
        raise SetupError(disk_full(folder))
    mongod = find_mongod(folder.root)
    announce(f"Starting the embedded MongoDB in {folder.root}")
    rotate(folder.keeper_log, _KEEPER_LOG_BYTES)
    reader, writer = os.pipe()
    command = [
        *(sys.executable, "-P", "-m", "lrs.store.embedded_keeper"),
        *(str(folder.root), str(mongod), str(writer), str(claim)),
    ]
    # Its modules come from where ours came, installed or not.
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    with os.fdopen(reader) as answer, folder.keeper_log.open("ab") as log:
        try:
            starter = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(writer, claim),
                start_new_session=True,  # away from our terminal and its Ctrl-C
                cwd="/",
                env={**os.environ, "PYTHONPATH": path},
            )
        finally:
            os.close(writer)
        starter.wait()  # it forks the keeper and ends
        state, _, text = answer.read().partition(" ")
    if state == "ready":
        return int(text)
    raise SetupError(
        text
        or "The keeper of the embedded MongoDB did not start:"
        f" {folder.keeper_log} says why; mend that, or set LRS_MONGODB_URI."
    )


def _stuck(folder: Folder) -> SetupError:
    return SetupError(
        f"Another process has been starting or stopping the MongoDB in {folder.root}"
        " for minutes: end it, or set LRS_DATA_DIR to another folder."
    )
