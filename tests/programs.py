"""Programs of ours as processes: started quickly, asked and ended like any other."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, TypeAlias

from lrs.services import Services

ROOT = Path(__file__).parents[1]
# The services of the test that is running. Here, since pytest knows conftest.py as
# another module than the tests that import from it.
WRITING: list[Services] = []
# An interpreter reads these when it starts.
_ITS_OWN = ("PYTHON", "LD_")


class Program:
    """A process of ``python -m lrs``: what subprocess.Popen would give, as far as used.

    It is a fork of one that has imported the program (tests.forked_programs), which
    waits for it in our place.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        out: IO[bytes] | int,
        error: IO[bytes] | int,
        *,
        session: bool = False,
        module: str = "lrs",
        given: IO[bytes] | int | None = None,
        folder: Path = ROOT,
    ) -> None:
        self.args = [sys.executable, "-m", module, *command]
        self.returncode: int | None = None
        self._said = b""
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(_forking())
        wanted = {
            "module": module,
            "arguments": command,
            "environment": dict(environment),
            "folder": str(folder),
            "session": session,
        }
        with open(os.devnull, "rb") as nothing:
            descriptors = [_number(it) for it in (given or nothing, out, error)]
            said = json.dumps(wanted).encode() + b"\n"
            sent = socket.send_fds(self._connection, [said], descriptors)
            self._connection.sendall(said[sent:])
            self.pid = int(self._line(None) or 0)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs; -9 for killed."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, where it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            status = self._line(timeout)
            if status is not None:
                self.returncode = os.waitstatus_to_exitcode(int(status))
                self._connection.close()
        return self.returncode

    def _line(self, timeout: float | None) -> bytes | None:
        end = None if timeout is None else time.monotonic() + timeout
        while b"\n" not in self._said:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([self._connection], [], [], left)[0]:
                return None
            some = self._connection.recv(64)
            assert some, "the process that forks is gone"
            self._said += some
        line, _, self._said = self._said.partition(b"\n")
        return line

    def __del__(self) -> None:
        self._connection.close()


class Talking:
    """A process of a module of the tests, asked and answering in pipes."""

    def __init__(self, module: str, *arguments: str) -> None:
        its_input, ours = os.pipe()
        answers, its_output = os.pipe()
        self.stdin = open(ours, "wb", buffering=0)  # noqa: SIM115
        self.stdout = open(answers, "rb", buffering=0)  # noqa: SIM115
        try:
            self._program = Program(
                arguments, os.environ, its_output, 2, module=module, given=its_input
            )
        finally:
            os.close(its_input)
            os.close(its_output)
        self.pid = self._program.pid
        self.poll, self.wait = self._program.poll, self._program.wait
        self.kill = self._program.kill


Running: TypeAlias = Program | subprocess.Popen[bytes]


def start(
    command: tuple[str, ...],
    environment: Mapping[str, str],
    out: IO[bytes] | int,
    error: IO[bytes] | int,
    *,
    session: bool = False,
    given: IO[bytes] | int = subprocess.DEVNULL,
    folder: Path = ROOT,
) -> Running:
    """Start ``python -m lrs COMMAND``, by a fork where its environment allows that."""
    for name in {*environment, *os.environ}:
        if name.startswith(_ITS_OWN) and environment.get(name) != os.environ.get(name):
            return subprocess.Popen(
                [sys.executable, "-m", "lrs", *command],
                env=dict(environment),
                cwd=folder,
                stdin=given,
                stdout=out,
                stderr=error,
                start_new_session=session,
            )
    its_input = None if given == subprocess.DEVNULL else given
    return Program(
        *(command, environment, out, error),
        session=session,
        given=its_input,
        folder=folder,
    )


def run(
    command: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    check: bool,
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m lrs COMMAND`` to its end, like subprocess.run with text."""
    done = run_with(command, environment, timeout=timeout)
    texts = [it.decode().replace("\r\n", "\n") for it in (done.stdout, done.stderr)]
    told = subprocess.CompletedProcess(done.args, done.returncode, *texts)
    if check:
        told.check_returncode()
    return told


def run_with(
    command: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    given: bytes = b"",
    folder: Path = ROOT,
    timeout: float = 240,
) -> subprocess.CompletedProcess[bytes]:
    """Run it in a folder with something on its standard input; returns octets."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as error,
        tempfile.TemporaryFile() as said,
    ):
        said.write(given)
        said.seek(0)
        process = start(command, environment, out, error, given=said, folder=folder)
        try:
            status = process.wait(timeout)
        except BaseException:
            process.kill()
            process.wait(10)
            raise
        texts = []
        for file in (out, error):
            file.seek(0)
            texts.append(file.read())
    return subprocess.CompletedProcess(process.args, status, *texts)


@cache
def _forking() -> str:
    """Return the address of the process that forks, started at first use."""
    folder = tempfile.TemporaryDirectory(prefix="lrs-tests-")
    address = str(Path(folder.name) / "forking")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forked_programs", address],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # threads cannot be forked
        stdin=subprocess.PIPE,  # it ends with us
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"ready\n", "the program cannot be imported"

    def end() -> None:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.stdout.close()
        process.wait(10)
        folder.cleanup()

    atexit.register(end)
    return address


def _number(file: IO[bytes] | int) -> int:
    return file if isinstance(file, int) else file.fileno()
