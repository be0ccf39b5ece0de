"""Starts ``python -m lrs`` by forking a process that has imported it already.

In: on a Unix socket, one connection for each program, a line of JSON (the module to
run, arguments, environment, folder, whether it leads a session) with the descriptors
of its standard input, output and error. Out: a line with its pid, and when it has
ended one with its status as ``os.waitpid`` gives it.

Everything a program does it does in a process of its own, from reading its arguments
on. Only the second that importing takes is spared, hundreds of times.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from tests import quick

# What the commands import when they run, and all of our own.
_IMPORTED = (
    *("lrs.cli", "lrs.app", "rich.progress"),
    *("gunicorn.app.wsgiapp", "gunicorn.arbiter", "gunicorn.workers.gthread"),
    *("numpy", "pyarrow.dataset", "pyarrow.parquet", "duckdb", "deltalake"),
    *("paramiko", "prometheus_client", "rich.table", "xlsxwriter"),
)
_OURS = ("lrs", "analytics")
# A thread of an allocator, which begins it anew in a fork. What has threads of another
# kind is not imported here: a fork would not have them.
_MAY_RUN = "jemalloc_bg_thd"


def serve(address: str) -> dict[str, Any] | None:
    """Answer until nobody asks any more; return in a fork, with what it is to run."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)  # noqa: T201
        waking, woken = socket.socketpair()
        for end in (waking, woken, listener):
            end.setblocking(False)
        signal.set_wakeup_fd(woken.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        waited: dict[int, socket.socket] = {}
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(waking, selectors.EVENT_READ)
            selector.register(0, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fd == 0:  # whoever started this has ended
                        return None
                    if key.fileobj is waking:
                        waking.recv(4096)
                        _tell_of_the_dead(waited)
                        continue
                    connection, _ = listener.accept()
                    given = _start(connection, waited)
                    if given is not None:
                        for one in (waking, woken, *waited.values()):
                            one.close()
                        return given


def _start(
    connection: socket.socket, waited: dict[int, socket.socket]
) -> dict[str, Any] | None:
    connection.setblocking(True)
    said, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not said.endswith(b"\n"):
        more = connection.recv(1 << 16)
        if not more:  # whoever asked was killed before the end of the question
            connection.close()
            for one in descriptors:
                os.close(one)
            return None
        said += more
    pid = os.fork()
    if pid:
        for one in descriptors:
            os.close(one)
        waited[pid] = connection
        connection.sendall(b"%d\n" % pid)
        return None
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection.close()
    for number, one in enumerate(descriptors):
        os.dup2(one, number)
        os.close(one)
    given: dict[str, Any] = json.loads(said)
    return given


def _tell_of_the_dead(waited: dict[int, socket.socket]) -> None:
    while waited:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        # Suppressed: nobody wants to know.
        with waited.pop(pid) as connection, contextlib.suppress(OSError):
            connection.sendall(b"%d\n" % status)


def _become(given: dict[str, Any]) -> None:
    """Run the program in this fork as the interpreter would; does not return."""
    if given["session"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(given["environment"])
    os.chdir(given["folder"])
    sys.argv = [given["module"], *given["arguments"]]
    status = 0
    try:
        runpy.run_module(given["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    # What an interpreter does at its end, but for clearing what was imported: that
    # takes longer than most commands.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed
            stream.flush()
    os._exit(status)


def main() -> None:
    """Import, then fork for whoever asks."""
    for name in _IMPORTED:
        importlib.import_module(name)
    for package in _OURS:
        at = importlib.import_module(package).__path__
        for found in pkgutil.walk_packages(at, f"{package}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    threads = [
        (task / "comm").read_text().strip()
        for task in Path("/proc/self/task").iterdir()
        if task.name != str(os.getpid())
    ]
    if set(threads) - {_MAY_RUN}:
        sys.exit(f"Importing the program has started threads: {threads}.")
    quick.close_clients_at_once()
    gc.freeze()  # looked through by no fork
    given = serve(sys.argv[1])
    if given is None:
        os._exit(0)  # what was frozen is no leak, as some of the libraries would say
    _become(given)


if __name__ == "__main__":
    main()
