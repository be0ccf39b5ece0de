"""``lrs demo``: the whole product on a made-up company, with the user's own commands.

What it does is what a user would do: the canonical files (``lrs sample``), ``lrs
serve``, ``lrs workforce import`` and its kin, Statements by HTTP, ``lrs enrich``, ``lrs
worker``.
A second start on the same data folder finds all that and only serves.
"""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson

from config.settings import Settings
from lrs.access import DEFAULT_TENANT, Scope
from lrs.errors import Conflict, SetupError
from lrs.processes import ends_with
from lrs.services import Services, opened
from lrs.terminal import bar, console

MANAGER = "manager@acme.example"
_KEY, _READER_KEY = "demo", "demo-reports"
_BATCH = 200
_SENDERS = 3
_KEPT = "sign-in.json"


def run(settings: Settings) -> None:
    """Load what is missing, serve, and wait for Ctrl-C; raises SetupError."""
    from lrs.cli.serving import check_free

    check_free(*settings.host_and_port)
    began = time.monotonic()
    folder = settings.data_dir / "sample"
    with ExitStack() as stack:
        services = stack.enter_context(opened(settings, announce=_say))
        logs = settings.data_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        web = stack.enter_context(_process("serve", logs / "serve.log"))
        if not (folder / "loaded").exists():
            _load(services, settings, folder, web)
        worker = stack.enter_context(_process("worker", logs / "worker.log"))
        url = f"http://localhost:{settings.host_and_port[1]}"
        _wait_until_ready(web, url)
        _announce(settings, url, _sign_in(services, settings), time.monotonic() - began)
        _wait(web, worker)
    console.print("Stopped.")


def _say(message: str) -> None:
    console.print(message, style="dim")


def _load(
    services: Services,
    settings: Settings,
    folder: Path,
    web: subprocess.Popen[bytes],
) -> None:
    """Generate the company and bring it in; each step can be repeated."""
    # Of the day of the first start: a second one must send the same Statements.
    folder.mkdir(parents=True, exist_ok=True)
    day_file = folder / "day"
    if not day_file.exists():
        day_file.write_text(datetime.now(UTC).date().isoformat())
    _command("sample", str(folder), "--end", day_file.read_text())
    for kind in ("workforce", "kpi", "exemptions"):
        _command(kind, "import", str(folder / f"{kind}.csv"))
    url = f"http://localhost:{settings.host_and_port[1]}"
    _wait_until_ready(web, url)
    key, secret = _credential(services, settings)
    _send(folder / "statements.ndjson.gz", f"{url}/xapi/statements", (key, secret))
    _command("enrich")
    (folder / "loaded").touch()


def _send(file: Path, url: str, credential: tuple[str, str]) -> None:
    """POST the Statements in batches, some at a time; an id stands once in a batch."""
    headers = {
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
    }
    with gzip.open(file, "rb") as lines:
        total = sum(1 for _ in lines)
    with (
        httpx.Client(auth=credential, headers=headers, timeout=60) as client,
        bar("Sending Statements by HTTP", total) as advance,
        ThreadPoolExecutor(_SENDERS) as pool,
    ):
        lock = threading.Semaphore(_SENDERS * 2)

        def post(batch: list[bytes]) -> None:
            try:
                answer = client.post(url, content=b"[%b]" % b",".join(batch))
                if answer.status_code != 200:
                    raise SetupError(
                        f"The server refused sample Statements ({answer.status_code}); "
                        "see serve.log in the data folder's logs."
                    )
                advance(len(batch))
            finally:
                lock.release()

        sent = []
        for batch in _batches(file):
            lock.acquire()
            sent.append(pool.submit(post, batch))
        for future in sent:
            future.result()


def _batches(file: Path) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    ids: set[str] = set()
    with gzip.open(file, "rb") as lines:
        for line in lines:
            statement_id = orjson.loads(line)["id"]
            if len(batch) == _BATCH or statement_id in ids:
                yield batch
                batch, ids = [], set()
            batch.append(line.rstrip())
            ids.add(statement_id)
    if batch:
        yield batch


def _credential(services: Services, settings: Settings) -> tuple[str, str]:
    """Return the demo's xAPI key and secret; made at the first start."""
    kept = _sign_in(services, settings)
    return kept["key"], kept["secret"]


def _sign_in(services: Services, settings: Settings) -> dict[str, str]:
    """Return what the demo prints; kept readable by the owner of the folder only."""
    path = settings.data_dir / _KEPT
    if path.exists():
        kept: dict[str, str] = orjson.loads(path.read_bytes())
        return kept
    kept = {"key": _KEY, "email": MANAGER}
    try:
        _, kept["secret"] = services.credentials.add(
            DEFAULT_TENANT, [Scope.ALL], key=_KEY
        )
    except Conflict:
        raise SetupError(
            "This data folder has a demo credential whose secret is lost; choose an "
            "empty folder with --data-dir."
        ) from None
    kept["password"] = services.accounts.put(
        DEFAULT_TENANT, MANAGER, "Morgan Manager", "ACME"
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(kept))
    return kept


def _announce(
    settings: Settings, url: str, kept: dict[str, str], seconds: float
) -> None:
    console.print(f"\n[bold]Workforce LRS is ready[/] after {seconds:.0f} seconds.\n")
    for name, value in (
        ("Manager's pages", f"{url}/"),
        ("  sign-in", f"{kept['email']}  password: {kept['password']}"),
        ("xAPI endpoint", f"{url}/xapi/"),
        ("  credential", f"key: {kept['key']}  secret: {kept['secret']}"),
        ("Reports API", f"{url}/api/docs  (same key and secret)"),
        ("Data", str(settings.data_dir)),
    ):
        console.print(f"  {name:<16} {value}")
    console.print("\nCtrl-C stops everything; the data stays.\n")


@contextmanager
def _process(command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an ``lrs`` command beside us, in a session of its own; stop it in order."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "lrs", command],
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=ends_with(os.getpid()),
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _command(*arguments: str) -> None:
    """Run an ``lrs`` command to its end; its bars and messages are ours."""
    console.print(f"$ lrs {' '.join(arguments)}", style="dim")
    done = subprocess.run([sys.executable, "-m", "lrs", *arguments], check=False)
    if done.returncode:
        raise SetupError(f"lrs {arguments[0]} failed with status {done.returncode}.")


def _wait_until_ready(web: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(600):
        if web.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SetupError("The web server did not start; see serve.log in the data folder.")


def _wait(*processes: subprocess.Popen[bytes]) -> None:
    """Wait for Ctrl-C or SIGTERM, or for one of the processes to end by itself."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.5):
        if any(process.poll() is not None for process in processes):
            raise SetupError(
                "A process of the demo has ended; see the logs in the data folder."
            )
    console.print("Stopping ...")
