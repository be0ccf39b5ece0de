"""The commands of analytics: workforce, kpi, exemptions, enrich, report, reports."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from lrs.access import DEFAULT_TENANT, tenant_name
from lrs.errors import BadRequest

if TYPE_CHECKING:
    from analytics.reports.result import ReportResult

console = Console(stderr=True, highlight=False, soft_wrap=True)
Open = Callable[[], AbstractContextManager[Any]]  # yields lrs.services.Services
Bar = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
FORMATS = ("table", "csv", "json", "parquet")
tenant_option = click.option(
    "--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data it is."
)
a_file = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


def add_commands(cli: click.Group, services: Open, bar: Bar) -> None:
    """Add the commands to the program; ``services`` opens what they work with."""
    _add_imports(cli, services)
    _add_enrich(cli, services, bar)
    _add_reports(cli, services)
    _add_sample(cli, bar)


def _add_imports(cli: click.Group, services: Open) -> None:
    @cli.group()
    def workforce() -> None:
        """Bring in who works here: people, units, managers, with their history."""

    @workforce.command(
        "import", epilog="Example: lrs workforce import people.csv"
    )
    @tenant_option
    @a_file
    @click.option(
        "--mapping",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A mapping of the file's fields.  [default: config/hris/canonical.toml]",
    )
    def import_workforce(tenant: str, file: Path, mapping: Path | None) -> None:
        """Import a workforce file (CSV or JSON); repeated rows change nothing."""
        _import(services, tenant, "workforce", file, mapping)

    @cli.group()
    def kpi() -> None:
        """Bring in performance figures."""

    @kpi.command("import", epilog="Example: lrs kpi import figures.csv")
    @tenant_option
    @a_file
    def import_kpi(tenant: str, file: Path) -> None:
        """Import performance figures of people (CSV or JSON)."""
        _import(services, tenant, "kpi", file, None)

    @cli.group()
    def exemptions() -> None:
        """Bring in who is exempt from which requirement."""

    @exemptions.command("import", epilog="Example: lrs exemptions import exempt.csv")
    @tenant_option
    @a_file
    def import_exemptions(tenant: str, file: Path) -> None:
        """Import exemptions (CSV or JSON); they act at once."""
        _import(services, tenant, "exemptions", file, None)


def _import(
    services: Open, tenant: str, kind: str, file: Path, mapping: Path | None
) -> None:
    from analytics.workforce.importing import import_file
    from analytics.workforce.mapping import load_mapping

    loaded = load_mapping(mapping) if mapping else None
    with services() as found, console.status(f"Importing {file.name}"):
        ledger = found.analytics().ledger
        result = import_file(ledger, tenant_name(tenant), kind, file, loaded)
    console.print(
        f"{result.read} read: {result.added} new, {result.changed} changed, "
        f"{result.unchanged} as before, {len(result.quarantined)} set aside."
    )
    for problem in result.quarantined[:20]:
        console.print(f"  {problem}")
    if len(result.quarantined) > 20:
        console.print(f"  ... and {len(result.quarantined) - 20} more")


def _add_enrich(cli: click.Group, services: Open, bar: Bar) -> None:
    @cli.command(epilog="Example: lrs enrich --rebuild")
    @tenant_option
    @click.option("--rebuild", is_flag=True, help="Make every table anew.")
    def enrich(tenant: str, *, rebuild: bool) -> None:
        """Join what is new with the workforce of the day, into the lake's tables."""
        with services() as found:
            enrichment = found.analytics().enrichment
            tenant = tenant_name(tenant)
            with found.leases.hold(f"enrichment/{tenant}") as lost:
                total = enrichment.pending(tenant, rebuild=rebuild)
                with bar("Enriching Statements", total) as advance:
                    act = enrichment.rebuild if rebuild else enrichment.run
                    result = act(tenant, progress=advance, lost=lost)
        added = ", ".join(f"{count} {table}" for table, count in result.rows.items())
        console.print(f"Rows written: {added}.")


def _add_reports(cli: click.Group, services: Open) -> None:
    @cli.command(epilog="Example: lrs reports")
    def reports() -> None:
        """List the reports with a sentence each."""
        from analytics.reports.catalogue import questions

        width = max(map(len, questions()))
        for query in questions().values():
            click.echo(f"{query.name:<{width}}  {query.purpose}")

    @cli.command(
        epilog="Example: lrs report compliance_status --as-of 2026-03-31 --format csv"
    )
    @click.argument("name")
    @tenant_option
    @click.option("--as-of", metavar="DATE", help="The day.  [default: today, UTC]")
    @click.option("--known-at", metavar="TIME", help="Only what was recorded by then.")
    @click.option("--unit", help="A unit and everything below it.")
    @click.option("--person", help="An employee_id.")
    @click.option("--requirement", help="A requirement's code.")
    @click.option("--status", help="A status, in capitals.")
    @click.option("--activity", help="An Activity id (effects).")
    @click.option("--metric", help="A metric (effects).")
    @click.option(
        "--format",
        "wanted",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
    )
    def report(
        name: str,
        tenant: str,
        as_of: str | None,
        known_at: str | None,
        wanted: str,
        unit: str | None,
        person: str | None,
        **parameters: str | None,
    ) -> None:
        """Run a report of the catalogue (see lrs reports)."""
        day, known = _day(as_of), _time(known_at)
        given = {key: value for key, value in parameters.items() if value is not None}
        with services() as found:
            result = found.analytics().reports.run(
                name,
                tenant_name(tenant),
                as_of=day,
                known_at=known,
                unit=unit,
                person=person,
                parameters=given,
            )
        write(result, wanted)


def _add_sample(cli: click.Group, bar: Bar) -> None:
    @cli.command(epilog="Example: lrs sample ./sample --end 2026-06-30")
    @click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
    @click.option("--end", metavar="DATE", help="The last day.  [default: today, UTC]")
    @click.option("--seed", default=2026, show_default=True)
    @click.option("--people", default=2000, show_default=True)
    @click.option("--statements", default=60_000, show_default=True)
    def sample(
        folder: Path, end: str | None, seed: int, people: int, statements: int
    ) -> None:
        """Write the files of a made-up company: what lrs demo loads."""
        from analytics.sample import generate

        with bar("Making up a company", 2 * statements) as advance:
            last = 0

            def tell(done: int, _total: int) -> None:
                nonlocal last
                advance(done - last)
                last = done

            try:
                generate(
                    folder,
                    seed=seed,
                    end=_day(end) or datetime.now(UTC).date(),
                    people=people,
                    statements=statements,
                    progress=tell,
                )
            except ValueError as error:
                raise BadRequest(f"{error}") from None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("a day looks like 2026-03-31", param_hint="--as-of") from None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            "a time looks like 2026-03-31T12:00:00Z", param_hint="--known-at"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def write(result: ReportResult, wanted: str) -> None:
    """Write a report's rows to standard output; what they hold for to stderr."""
    meta = result.meta
    share = meta.unresolved_share
    unknown = "unknown" if share is None else f"{share:.2%}"
    console.print(
        f"as of {meta.as_of}, known at {meta.known_at:%Y-%m-%dT%H:%M:%SZ}; "
        f"Statements of unknown people: {unknown}",
        style="dim",
    )
    if wanted == "json":
        out = orjson.dumps(result.rows, option=orjson.OPT_UTC_Z)
        sys.stdout.buffer.write(out + b"\n")
    elif wanted == "csv":
        from analytics.web.tables import csv_text

        sys.stdout.write(csv_text(result.columns, result.rows))
    elif wanted == "parquet":
        _write_parquet(result)
    else:
        table = Table(*result.columns, header_style="bold")
        for row in result.rows:
            table.add_row(*(_cell(row[name]) for name in result.columns))
        width = None if sys.stdout.isatty() else 240
        Console(soft_wrap=False, width=width).print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _write_parquet(result: ReportResult) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise BadRequest("Parquet is not for a terminal: send it to a file with >.")
    table = pa.Table.from_pylist(result.rows) if result.rows else pa.table(
        {name: pa.array([], pa.string()) for name in result.columns}
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    sys.stdout.buffer.write(sink.getvalue().to_pybytes())
