"""The program ``lrs``: every command, its exit status and its error in one sentence.

A composition module. Commands of analytics stand in analytics.cli and are added here;
what they need is made when a command runs, never at import.
"""

from __future__ import annotations

import importlib.metadata
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from pymongo.errors import PyMongoError

from analytics.cli import add_commands
from config import settings as configuration
from lrs import logs, transfer
from lrs.access import DEFAULT_TENANT, Principal, Scope, tenant_name
from lrs.cli_access import add_access_commands
from lrs.cli_activities import add_activity_commands
from lrs.cli_tenants import add_tenant_commands
from lrs.cli_validate import add_validate
from lrs.errors import LrsError, SetupError
from lrs.services import Services, opened
from lrs.store.imports import MongoImports
from lrs.store.mongo import as_problem
from lrs.terminal import bar, console

tenant_option = click.option(
    "--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data it is."
)


@contextmanager
def services() -> Iterator[Services]:
    """Open the services for one command."""
    loaded = configuration.load()
    logs.configure(loaded.log_level)
    with opened(loaded, announce=_say) as found:
        yield found


def _say(message: str) -> None:
    console.print(message, style="dim")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(importlib.metadata.version("workforce-lrs"), prog_name="lrs")
def cli() -> None:
    """Workforce LRS: an xAPI Learning Record Store with workforce analytics.

    Settings come from the environment (LRS_...); README.md lists them. Without
    LRS_MONGODB_URI a MongoDB of its own is used, under LRS_DATA_DIR.
    """


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
    check_free(*loaded.host_and_port)
    # Opened once before the workers start: what is missing is said here, in one
    # sentence, and the embedded MongoDB lives as long as this process.
    with opened(loaded, announce=_say):
        console.print(f"Workforce LRS listens on http://{loaded.bind}")
        where = Path(configuration.__file__).with_name("gunicorn.py")
        sys.argv = ["lrs serve", "--config", str(where)]
        WSGIApplication("lrs serve", prog="lrs serve").run()


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


@cli.command(epilog="Example: LRS_ENRICH_SECONDS=5 lrs worker")
def worker() -> None:
    """Run the background jobs: enrichment, again and again, one runner at a time."""
    from lrs.worker import work

    with services() as found:
        work(found)


@cli.group()
def statements() -> None:
    """Bring Statements in and out as files, and validate such files."""


@statements.command("import", epilog="Example: lrs statements import old.ndjson.gz")
@tenant_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where refused records go.  [default: FILE.rejected.ndjson]",
)
def import_statements(tenant: str, file: Path, rejects: Path | None) -> None:
    """Import NDJSON or a JSON array, plain or gzip; can be stopped and repeated.

    A former stored and authority are kept beside ours. The exit status is 1 when a
    record was refused.
    """
    if rejects is None:  # beside the file, or here where that cannot be written
        folder = file.parent if os.access(file.parent, os.W_OK) else Path.cwd()
        rejects = folder / f"{file.name}.rejected.ndjson"
    with services() as found:
        principal = Principal(
            tenant_name(tenant),
            "import",
            frozenset({Scope.ALL}),
            found.credentials.authority("import"),
        )
        total = transfer.count_records(file)
        with bar("Importing Statements", total) as advance:
            counts = transfer.import_file(
                found.recording,
                MongoImports(found.database),
                principal,
                file,
                rejects,
                progress=advance,
            )
    console.print(
        f"{counts.read} read: {counts.new} new, {counts.repeated} already stored, "
        f"{counts.skipped} settled by an earlier run, {counts.refused} refused."
    )
    for reason, count in sorted(counts.reasons.items(), key=lambda item: -item[1])[:20]:
        console.print(f"  {count} x {reason}")
    if counts.refused:
        raise click.ClickException(f"Refused records stand in {rejects}.")


@statements.command("export", epilog="Example: lrs statements export -o all.ndjson.gz")
@tenant_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    show_default="standard output",
)
def export_statements(tenant: str, output: Path) -> None:
    """Export every Statement as NDJSON in stored order, voided ones too."""
    import gzip

    with services() as found:
        through = found.feed.consistent_through()
        total = found.feed.count(tenant_name(tenant), 0, through)
        with bar("Exporting Statements", total) as advance:
            if str(output) == "-":
                out = sys.stdout.buffer
                count = transfer.export_file(found.feed, tenant, out, progress=advance)
            elif output.suffix == ".gz":
                with gzip.open(output, "wb", compresslevel=6) as packed:
                    count = transfer.export_file(
                        found.feed,
                        tenant,
                        packed,  # type: ignore[arg-type]
                        progress=advance,
                    )
            else:
                with output.open("wb") as plain:
                    count = transfer.export_file(
                        found.feed, tenant, plain, progress=advance
                    )
    console.print(f"{count} Statements exported.")


add_commands(cli, services, bar)
add_access_commands(cli, services)
add_activity_commands(cli, services)
add_validate(statements)
add_tenant_commands(cli, statements, services)


def main() -> None:
    """Run the program: 0 done, 1 failed, 2 wrong use; errors on standard error."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LrsError as error:
        _fail(error)
    except PyMongoError as error:
        _fail(as_problem(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _fail(SetupError(f"{error.strerror or type(error).__name__}{where}."))


def _fail(error: LrsError) -> None:
    click.echo(f"Error: {error.message}", err=True)
    for violation in error.violations[:20]:
        click.echo(f"  {violation.path}: {violation.message}", err=True)
    sys.exit(1)
