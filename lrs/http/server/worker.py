"""gunicorn's worker: one thread accepts, the others do what there is to do next.

In: listening sockets and signals, from gunicorn. Out: requests, read by gunicorn's
parser, for the application. Stopped, it answers what has arrived.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import sys
import time
from typing import Any

import structlog
from gunicorn.http import get_parser
from gunicorn.http.errors import NoMoreData
from gunicorn.workers import gthread
from gunicorn.workers.base import Worker as BaseWorker

from lrs.http.server.balance import Balance
from lrs.http.server.connections import Connection
from lrs.http.server.limits import Limits
from lrs.http.server.refusals import refusal
from lrs.http.server.service import Service

# mallopt(3). What is as large as this goes back to the system when it is freed; and no
# thread gets a heap of its own (one thread computes at a time anyway): with both, two
# processes under load keep 25 MB less, as fast as before.
_MMAP_THRESHOLD, _LARGE = -3, 256 << 10
_ARENA_MAX, _ARENAS = -8, 2
_FILES = 256  # that the application needs beside the connections
# Seconds for which another worker is given the chance to accept, and how many times.
_LEAVE, _LEAVE_TIMES = 0.001, 5
_balance = Balance()  # before the workers are forked
_log = structlog.get_logger("lrs.server")


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, for clients of any kind."""

    limits = Limits()

    @classmethod
    def within(cls, limits: Limits) -> type[Worker]:
        """Return the class with other limits, for gunicorn's ``worker_class``."""
        return type(cls.__name__, (cls,), {"limits": limits})

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what is not served here."""
        if cfg.is_ssl:
            sys.exit("TLS is for the proxy in front: unset certfile and keyfile.")

    def init_process(self) -> None:
        """Begin to work, in the process made for it."""
        # Else the C library learns to keep what large bodies took, for each thread.
        with contextlib.suppress(AttributeError):  # another one than glibc
            library = ctypes.CDLL(None)
            library.mallopt(_MMAP_THRESHOLD, _LARGE)
            library.mallopt(_ARENA_MAX, _ARENAS)
        _balance.join(self.age)
        _allow_files(self.worker_connections + _FILES)
        self._service = Service(
            self.limits,
            self._answer,
            threads=self.cfg.threads,
            idle=self.cfg.keepalive,
        )
        BaseWorker.init_process(self)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Stop, when told to; the signal itself ends the wait."""
        self.alive = False

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop at once."""
        BaseWorker.handle_quit(self, sig, frame)

    def run(self) -> None:
        """Accept connections, and end those that are overdue, until told to stop."""
        doors = {door.fileno(): (door, door.getsockname()) for door in self.sockets}
        poll = select.epoll()
        poll.register(self.PIPE[0], select.EPOLLIN)
        for fd, (door, _) in doors.items():
            door.setblocking(False)
            poll.register(fd, select.EPOLLIN)
        self._service.start()
        looked = 0.0
        while self.alive and self.is_parent_alive():
            self.notify()
            for fd, _ in poll.poll(1):
                if fd in doors:
                    self._accept(*doors[fd])
                else:
                    os.read(fd, 4096)
            if time.monotonic() - looked >= 1:
                looked = time.monotonic()
                self._service.end_overdue(0, 0)
                _balance.write(len(self._service))
        self.alive = False
        self._drain(doors)
        _balance.leave()

    def _accept(self, door: Any, server: Any, *, all_: bool = False) -> None:
        """Take the connections that wait at a door, or leave them to another worker."""
        left = 0
        while True:
            number = len(self._service)
            _balance.write(number)
            if not all_ and left < _LEAVE_TIMES and _balance.is_for_another(number):
                left += 1
                time.sleep(_LEAVE)
                continue
            try:
                if number >= self.worker_connections:
                    raise OSError
                line, client = door.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError:  # no more connections, or files, are allowed
                if not self._service.make_room():
                    _log.warning("cannot accept", connections=number)
                    time.sleep(0.05)
                    return
                continue
            left = 0
            self._service.add(line, client, server)

    def _drain(self, doors: dict[int, tuple[Any, Any]]) -> None:
        """Answer what has come, and close; for as long as there is grace."""
        for door in doors.values():
            # Who has been let in by the kernel is not sent away.
            self._accept(*door, all_=True)
            door[0].close()
        stopped, grace = time.monotonic(), max(self.cfg.graceful_timeout - 1, 0)
        while len(self._service) and time.monotonic() - stopped < grace:
            self.notify()
            self._service.end_overdue(stopped, grace / 2)
            time.sleep(0.02)
        self._service.end()

    def _answer(self, conn: Connection) -> bool:
        """Answer a request; tell whether the connection can go on.

        Raises OSError where the client is gone.
        """
        source = conn.source()
        parser = get_parser(self.cfg, source, conn.client)
        try:
            request = next(parser)
            if source.body is not None:
                request.body = source.body  # with less copying than gunicorn's
            elif conn.arrival.short:
                request.force_close()
            return self.handle_request(request, conn) and conn.settle(source, parser)
        except (NoMoreData, StopIteration):
            return False
        except OSError:
            raise
        except Exception as error:
            conn.sendall(refusal(error))
            return False


def _allow_files(number: int) -> None:
    """Let the process have so many files open, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
