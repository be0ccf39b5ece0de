"""The commands that stay: the demo, the web server, the background jobs."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from pathlib import Path

import click

from config import settings as configuration
from lrs import logs
from lrs.cli.opening import say
from lrs.errors import SetupError, Unavailable
from lrs.services import build
from lrs.terminal import console

SERVICES = frozenset({"demo", "serve", "worker"})


def add_serving_commands(cli: click.Group) -> None:
    """Add the commands to the program."""

    @cli.command(epilog="Example: lrs demo --port 8080 --data-dir ./demo")
    @click.option("--port", default=8080, show_default=True, help="Of the web server.")
    @click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where everything is kept.  [default: LRS_DATA_DIR]",
    )
    def demo(port: int, data_dir: Path | None) -> None:
        """Run the product on a made-up company; Ctrl-C stops all of it."""
        from lrs.demo import run

        if data_dir is not None:
            os.environ["LRS_DATA_DIR"] = str(data_dir.expanduser().absolute())
        os.environ["LRS_BIND"] = f"127.0.0.1:{port}"
        os.environ["LRS_PUBLIC_URL"] = f"http://localhost:{port}"
        run(configuration.load())

    @cli.command(epilog="Example: lrs serve --bind 0.0.0.0:8080 --workers 4")
    @click.option("--bind", metavar="HOST:PORT", help="[default: LRS_BIND]")
    @click.option("--workers", type=click.IntRange(1), help="[default: LRS_WORKERS]")
    def serve(bind: str | None, workers: int | None) -> None:
        """Run the web server: /xapi, /api/v1 and the manager's pages."""
        from gunicorn.app.wsgiapp import WSGIApplication

        if bind:
            os.environ["LRS_BIND"] = bind
        if workers:
            os.environ["LRS_WORKERS"] = str(workers)
        loaded = configuration.load()
        logs.configure(loaded.log_level)
        check_free(*loaded.host_and_port)
        # Opened once before the workers start: what is wrong is said here, in one
        # sentence, and the embedded MongoDB lives as long as this process.
        with closing(build(loaded, announce=say, patient=True)) as found:
            try:
                found.readiness.now()
            except Unavailable as error:
                say(f"{error.message} Serving begins by itself when it is there.")
            found.disconnect()  # the workers connect for themselves
            console.print(f"Workforce LRS listens on http://{loaded.bind}")
            where = Path(configuration.__file__).with_name("gunicorn.py")
            sys.argv = ["lrs serve", "--config", str(where)]
            WSGIApplication("lrs serve", prog="lrs serve").run()

    @cli.command(epilog="Example: LRS_ENRICH_SECONDS=5 lrs worker")
    def worker() -> None:
        """Run the background jobs, again and again: one runner at a time."""
        from lrs.worker import work

        loaded = configuration.load()
        logs.configure(loaded.log_level)
        with closing(build(loaded, announce=say, patient=True)) as found:
            work(found)


def check_free(host: str, port: int) -> None:
    """Raise SetupError where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"The address {host}:{port} cannot be used ({error.strerror}): choose "
                "another port with --port, --bind or LRS_BIND."
            ) from None
