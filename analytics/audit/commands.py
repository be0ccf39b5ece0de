"""``lrs export audit`` and ``lrs export verify``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console

from analytics.options import FILE, Bar, Open, a_day, known_at, of_tenant
from analytics.reports.choices import MOST_MONTHS
from lrs.access import tenant_name
from lrs.errors import Interrupted

console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def add_export(cli: click.Group, services: Open, bar: Bar) -> None:
    """Add the group ``export``."""

    @cli.group()
    def export() -> None:
        """Write what an auditor asks for into one file, and verify such files."""

    _add_audit(export, services, bar)
    _add_verify(export, bar)


def _add_audit(export: click.Group, services: Open, bar: Bar) -> None:
    @export.command(
        epilog="Example: lrs export audit --unit OPS --as-of 2026-03-31 "
        "--known-at 2026-04-02T00:00:00Z -o ops-2026-q1.zip"
    )
    @of_tenant
    @click.option("--unit", help="A unit and everything below it.  [default: all]")
    @a_day("--as-of", "The day.  [default: today, UTC]")
    @known_at
    @click.option(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The ZIP to write.",
    )
    @click.option(
        "--months",
        type=click.IntRange(1, MOST_MONTHS),
        default=12,
        show_default=True,
        help="Points of the trend; each day that nobody asked of before takes a while.",
    )
    @click.option("--force", is_flag=True, help="Replace the file where there is one.")
    @click.option(
        "--with-attachments",
        is_flag=True,
        help="With the contents of attachments; else their hashes.",
    )
    def audit(
        tenant: str,
        unit: str | None,
        as_of: date | None,
        known_at: datetime | None,
        output: Path,
        months: int,
        *,
        force: bool,
        with_attachments: bool,
    ) -> None:
        """Write the reports of a unit and all that they rest on, as one ZIP.

        The digest of the whole goes to standard output: keep it elsewhere. The same
        question gives the same digest at any later time.
        """
        from analytics.audit.export import AuditExport, Request

        if not output.absolute().parent.is_dir():
            raise click.UsageError(f"There is no folder {output.absolute().parent}.")
        request = Request(
            *(tenant_name(tenant), unit, as_of, known_at, with_attachments, months)
        )
        try:
            with services() as found, bar("Exporting for an audit", None) as advance:
                parts = found.analytics()
                done = AuditExport(
                    parts.reports,
                    parts.ledger,
                    parts.decisions,
                    found.originals,
                    found.attachments,
                ).write(request, output, force=force, progress=advance)
        except KeyboardInterrupt:
            raise Interrupted(f"Interrupted: {output} was not written.") from None
        console.print(
            f"{output}: {done.people} people, {done.statements} Statements, "
            f"as of {done.as_of}, known at {done.known_at:%Y-%m-%dT%H:%M:%S.%fZ}."
        )
        click.echo(done.digest)


def _add_verify(export: click.Group, bar: Bar) -> None:
    @export.command(epilog="Example: lrs export verify ops-2026-q1.zip")
    @click.argument("file", type=FILE)
    @click.option(
        "--against",
        type=FILE,
        metavar="OTHER",
        help="Another export: say what differs.",
    )
    def verify(file: Path, against: Path | None) -> None:
        """Hold an export against its manifest; needs no database.

        The digest of the whole goes to standard output: compare it with the one that
        was kept. The exit status is 1 where anything was altered, or differs.
        """
        from analytics.audit.comparing import differences
        from analytics.audit.verifying import verified

        files = [file] if against is None else [file, against]
        found = []
        for path in files:
            with bar(f"Verifying {path.name}", None) as advance:
                found.append(verified(path, progress=advance))
        for path, one in zip(files, found, strict=True):
            console.print(f"{path}: {one.told()}")
        if against is None:
            click.echo(found[0].digest)
            return
        lines = differences(*found)
        for line in lines:
            click.echo(line)
        if lines:
            raise click.ClickException(
                f"{file.name} and {against.name} differ in {len(lines)} "
                f"place{'s' * (len(lines) > 1)}."
            )
        click.echo(found[0].digest)
