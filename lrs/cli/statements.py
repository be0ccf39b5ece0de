"""The commands of Statements: in and out as files."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import click

from lrs import transfer
from lrs.access import Principal, Scope, tenant_name
from lrs.cli.opening import Open, tenant_option
from lrs.store.imports import MongoImports
from lrs.terminal import bar, console


def add_statement_commands(statements: click.Group, services: Open) -> None:
    """Add the commands to the group; ``services`` opens what they work with."""

    @statements.command("import", epilog="Example: lrs statements import old.ndjson.gz")
    @tenant_option
    @click.argument(
        "file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
    )
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
        for reason, count in sorted(counts.reasons.items(), key=lambda item: -item[1])[
            :20
        ]:
            console.print(f"  {count} x {reason}")
        if counts.refused:
            raise click.ClickException(f"Refused records stand in {rejects}.")

    @statements.command(
        "export", epilog="Example: lrs statements export -o all.ndjson.gz"
    )
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
        with services() as found:
            through = found.feed.consistent_through()
            total = found.feed.count(tenant_name(tenant), 0, through)
            with bar("Exporting Statements", total) as advance:
                if str(output) == "-":
                    out = sys.stdout.buffer
                    count = transfer.export_file(
                        found.feed, tenant, out, progress=advance
                    )
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
