"""The contenders: how each is set up and served on its own MongoDB.

In: a running mongod and a folder. Out: a Server: where it listens, what its requests
need, its process. Two processes each; none writes an access log.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrs.processes import ends_with
from lrs.services import STEPS
from lrs.store import mongo, schema
from lrs.store.embedded_keeper import free_port
from tests.bench import ralph
from tests.bench.errors import BenchError
from tests.bench.mongod import Mongod

ROOT = Path(__file__).parents[2]
WORKERS, THREADS = 2, 8
_READY_SECONDS, _STOP_SECONDS = 60, 40
_SCOPES = ("statements/write", "statements/read", "define")


@dataclass(frozen=True, slots=True)
class Server:
    """A contender that answers: ``path`` of its Statements, headers, main process."""

    name: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...]
    pid: int
    mongod: Mongod


@contextmanager
def ours(mongod: Mongod, folder: Path) -> Iterator[Server]:
    """Serve this project as it is installed, with a credential of its own."""
    port = free_port(0)
    environment = _environment() | {
        "LRS_MONGODB_URI": mongod.uri,
        "LRS_DATA_DIR": str(folder / "data"),
        "LRS_BIND": f"127.0.0.1:{port}",
        "LRS_WORKERS": str(WORKERS),
        "LRS_THREADS": str(THREADS),
    }
    lrs = [sys.executable, "-m", "lrs"]
    scopes = [item for scope in _SCOPES for item in ("--scope", scope)]
    made = subprocess.run(
        [*lrs, "credentials", "add", *scopes],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise BenchError(f"lrs credentials add failed: {made.stderr.strip()}")
    given = dict(line.split("=", 1) for line in made.stdout.split())
    headers = _headers(given["key"], given["secret"])
    serve = [*lrs, "serve", "--workers", str(WORKERS)]
    with _running(serve, environment, folder / "serve.log") as process:
        server = Server("ours", port, "/xapi/statements", headers, process.pid, mongod)
        _wait(server, process, "/health/ready", folder / "serve.log")
        yield server


@contextmanager
def floor(mongod: Mongod, folder: Path) -> Iterator[Server]:
    """Serve the bare application of tests/bench/floor.py with our indexes."""
    with mongo.connect(mongod.uri) as client:
        schema.upgrade(mongo.database(client, "lrs"), STEPS)
    port = free_port(0)
    environment = _environment() | {"FLOOR_MONGODB_URI": mongod.uri}
    serve = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", str(WORKERS)),
        *("--threads", str(THREADS), "--keep-alive", "15"),
        *("--log-level", "error", "--no-control-socket", "tests.bench.floor:app"),
    ]
    with _running(serve, environment, folder / "serve.log") as process:
        headers = _headers("none", "asked for")
        server = Server("floor", port, "/statements", headers, process.pid, mongod)
        _wait(server, process, "/ready", folder / "serve.log")
        yield server


def ralph_of(
    program: Path, backend: str
) -> Callable[[Mongod, Path], AbstractContextManager[Server]]:
    """Return the contender that ``ralph`` at this path is, with this backend."""

    @contextmanager
    def serve(mongod: Mongod, folder: Path) -> Iterator[Server]:
        folder.mkdir(exist_ok=True)
        key, secret = "bench", secrets.token_urlsafe(16)
        credentials = ralph.auth_file(program, folder / "auth.json", key, secret)
        with mongo.connect(mongod.uri) as client:
            ralph.create_indexes(client)
        port = free_port(0)
        environment = _environment() | ralph.environment(
            mongod.uri, credentials, backend
        )
        command = ralph.command(program, port, WORKERS)
        with _running(
            command, environment, folder / "serve.log", cwd=folder
        ) as process:
            headers = _headers(key, secret)
            server = Server(
                "ralph", port, "/xAPI/statements", headers, process.pid, mongod
            )
            _wait(server, process, "/__lbheartbeat__", folder / "serve.log")
            yield server

    return serve


def find_ralph(given: Path | None) -> Path | None:
    """Return the program: the one given, else that of the PATH, else None."""
    if given is not None:
        return given
    found = shutil.which("ralph")
    return Path(found) if found else None


def _headers(key: str, secret: str) -> tuple[tuple[str, str], ...]:
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    return (
        ("Authorization", f"Basic {basic}"),
        ("X-Experience-API-Version", "1.0.3"),
    )


def _environment() -> dict[str, str]:
    """Return ours without settings that would reach a contender by chance."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LRS_", "RALPH_", "GUNICORN_"))
    }


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], log: Path, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=ends_with(os.getpid()),
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(
    server: Server, process: subprocess.Popen[bytes], path: str, log: Path
) -> None:
    end = time.monotonic() + _READY_SECONDS
    url = f"http://127.0.0.1:{server.port}{path}"
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    told = log.read_text(errors="replace")[-1500:]
    raise BenchError(f"{server.name} did not become ready:\n{told}")
