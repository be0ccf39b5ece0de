"""The keeper: the process that starts the embedded mongod and stops it with its users.

In, on its command line: the folder, the mongod, and two inherited descriptors: the
pipe that waits for ``ready PORT`` or ``failed SENTENCE``, and the keeper's lock. Out:
a mongod that runs while anyone holds the users' lock, is started again when it is
killed meanwhile, and is stopped cleanly with the last user. One that ends again and
again is started more and more seldom, and on a full disk not before there is room;
until then the folder's note says why there is none.

It is no child of its users, so that none of them takes the server from the others. If
the keeper itself is killed, the kernel sends mongod a SIGTERM.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from lrs.store import embedded_mongod
from lrs.store.embedded_folder import EXCLUSIVE, Folder, Server, rotate
from lrs.store.embedded_replica import become_primary

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.2
_READY_SECONDS = 120.0  # a large journal takes its time after a crash
_LOG_BYTES = 10 << 20
# So many restarts in a row after less than that time are done at once; each further one
# waits twice as long as the one before.
_RESTARTS, _SHORT_SECONDS = 5, 60.0
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 60.0
_PORTS_TRIED = 3


class Keeper:
    """Holds the folder's mongod: starts, revives and stops it."""

    def __init__(self, folder: Folder, binary: Path) -> None:
        self.folder = folder
        self.binary = binary
        self.port = 0
        self.told_to_stop = False
        self._data_lock = -1
        self._mongod: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._began = 0.0
        self._short = 0  # runs in a row that were
        self._due: float | None = None  # when an ended mongod is started again

    def start(self) -> str:
        """Start the server; return an empty text, or the sentence why it cannot."""
        # The mongod of a killed keeper shares this lock until it has stopped.
        data_lock = self.folder.lock("data", EXCLUSIVE, wait=_READY_SECONDS)
        if data_lock is None:
            return (
                f"An earlier mongod still stops in {self.folder.db}: wait for it, or"
                " end that process, and try again."
            )
        self._data_lock = data_lock
        for attempt in range(_PORTS_TRIED):
            self.port = free_port(self.folder.last_port() if attempt == 0 else 0)
            if self._run():
                return ""
            if self._exit_code() != embedded_mongod.PORT_TAKEN:
                break
        return self._why()

    def watch(self) -> None:
        """Return when there are no users, or on SIGTERM.

        The users' lock, once had, is kept until this process ends: who comes
        meanwhile waits, and then starts a server of their own.
        """
        while not self.told_to_stop:
            if self.folder.lock("users", EXCLUSIVE) is not None:
                return
            if self._exit_code() is not None:
                self._revive(time.monotonic())
            elif self._mongod is not None and rotate(self.folder.log, _LOG_BYTES):
                self._log_start = 0
                self._mongod.send_signal(signal.SIGUSR1)  # opens a new one
            time.sleep(_LOOK_SECONDS)

    def _revive(self, now: float) -> None:
        """Start an ended mongod again: at once, or when it is due."""
        if self._due is None:
            self.folder.withdraw()
            why = self._why()
            _log.error("%s", why)
            wait = self._next_wait(now)
            self._due = now + wait
            if not embedded_mongod.has_room(self.folder):
                self.folder.tell(why)
                _log.error("mongod is started again when there is room")
            elif wait:
                self.folder.tell(why)
                _log.error("mongod is started again in %.0f s", wait)
        if now < self._due or not embedded_mongod.has_room(self.folder):
            return
        self._due = None
        try:
            if self._run():
                self.folder.tell("")
        except OSError as error:  # such as a disk that is full again
            _log.error("mongod cannot be started: %s", error.strerror)
            if self._mongod is not None:
                embedded_mongod.stop(self._mongod)

    def _next_wait(self, now: float) -> float:
        self._short = self._short + 1 if now - self._began < _SHORT_SECONDS else 1
        doublings = self._short - _RESTARTS - 1
        if doublings < 0:
            return 0.0
        return min(_FIRST_WAIT * 2.0 ** min(doublings, 10), _LONGEST_WAIT)

    def stop(self) -> None:
        """Withdraw the address, then stop mongod cleanly."""
        self.folder.withdraw()
        if self._mongod is not None:
            embedded_mongod.stop(self._mongod)

    def on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        """Take note of SIGTERM."""
        self.told_to_stop = True

    def _run(self) -> bool:
        self._began = time.monotonic()
        log = self.folder.log
        rotate(log, _LOG_BYTES)
        self._log_start = log.stat().st_size if log.exists() else 0
        mongod = self._mongod = embedded_mongod.start(
            self.binary, self.folder, self.port, self._data_lock
        )

        def is_alive() -> bool:
            return mongod.poll() is None and not self.told_to_stop

        if become_primary(self.port, mongod.pid, is_alive, _READY_SECONDS):
            self.folder.publish(Server(self.port, mongod.pid, os.getpid()))
            return True
        # One that lives but takes no writes is of no use either.
        embedded_mongod.stop(mongod)
        return False

    def _exit_code(self) -> int | None:
        return None if self._mongod is None else self._mongod.poll()

    def _why(self) -> str:
        with self.folder.log.open("rb") as log:
            log.seek(self._log_start)
            text = log.read(_LOG_BYTES).decode(errors="replace")
        return embedded_mongod.explain(self._exit_code() or 0, text, self.folder)


def free_port(wanted: int) -> int:
    """Return ``wanted`` if it is free on the loopback, else a free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            # As mongod does: connections that linger do not make a port busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0


def main(arguments: list[str]) -> None:
    """Leave the starter's process, keep the server, and answer through the pipe."""
    root, binary, pipe, _lock = arguments
    if os.fork():
        os._exit(0)  # so that nobody's child is left for its users to reap
    os.umask(0o077)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level="INFO")
    keeper = Keeper(Folder(Path(root)), Path(binary))
    signal.signal(signal.SIGTERM, keeper.on_signal)
    for kind in (signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, signal.SIG_IGN)  # the terminal's: users may outlive it
    try:
        sentence = keeper.start()
    except OSError as error:
        sentence = (
            embedded_mongod.disk_full(keeper.folder)
            if error.errno == errno.ENOSPC
            else f"mongod cannot be started ({error}): mend that and try again."
        )
    reply = f"failed {sentence}" if sentence else f"ready {keeper.port}"
    _log.info("%s", reply)
    try:
        # Who started us may be gone; others may have come.
        with contextlib.suppress(BrokenPipeError), os.fdopen(int(pipe), "w") as answer:
            answer.write(reply)
        if not sentence:
            keeper.watch()
    finally:
        keeper.stop()
    _log.info("stopped")


if __name__ == "__main__":
    main(sys.argv[1:])
