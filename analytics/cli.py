"""The commands of analytics: workforce, kpi, exemptions, enrich, report, reports.

Those of identity stand in analytics.identity.commands, those of requirements in
analytics.requirement_commands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from analytics.audit.commands import add_export
from analytics.identity.commands import add_identity_commands
from analytics.options import (
    Bar,
    Open,
    a_day,
    a_file,
    accepting,
    by_mapping,
    by_whom,
    in_format,
    known_at,
    of_tenant,
)
from analytics.report_output import FORMATS, write
from analytics.requirement_commands import add_requirement_commands
from analytics.workforce.anonymity.commands import add_anonymize
from analytics.workforce.commands import add_show
from analytics.workforce.run_commands import add_runs
from analytics.workforce.telling import stepped, summary, tell
from lrs.access import tenant_name
from lrs.errors import BadRequest

console = Console(stderr=True, highlight=False, soft_wrap=True)
_LONGEST = 1_000  # characters of who brings exemptions in
_WAIT = 45  # seconds for another pass to end, or its lease


def add_commands(
    cli: click.Group, services: Open, bar: Bar, requirements_dir: Callable[[], Path]
) -> None:
    """Add the commands to the program; ``services`` opens what they work with.

    ``requirements_dir`` tells the folder of requirements without opening anything.
    """
    _add_imports(cli, services, bar)
    add_identity_commands(cli, services)
    add_requirement_commands(cli, services, requirements_dir)
    _add_enrich(cli, services, bar)
    _add_reports(cli, services)
    add_export(cli, services, bar)
    _add_sample(cli, bar)


def _add_imports(cli: click.Group, services: Open, bar: Bar) -> None:
    @cli.group()
    def workforce() -> None:
        """Bring in who works here: people, units, managers, with their history."""

    @workforce.command("import", epilog="Example: lrs workforce import people.csv")
    @of_tenant
    @a_file
    @by_mapping(
        "A mapping of the file's fields.  [default: config/hris/canonical.toml]"
    )
    @click.option(
        "--full", is_flag=True, help="The file has everybody: who it lacks has left."
    )
    @accepting
    def import_workforce(
        tenant: str, file: Path, mapping: Path | None, *, full: bool, accept: bool
    ) -> None:
        """Import a workforce file (CSV, JSON or XML); repeated rows change nothing.

        Records that are wrong are set aside and told; the others are imported, and the
        exit status is 0.
        """
        _import(
            services,
            bar,
            tenant,
            "workforce",
            file,
            mapping,
            full=full,
            accept=accept,
        )

    add_show(workforce, services, bar)
    add_runs(workforce, services, bar)
    add_anonymize(workforce, services, bar)

    @cli.group()
    def kpi() -> None:
        """Bring in performance figures."""

    @kpi.command("import", epilog="Example: lrs kpi import figures.csv")
    @of_tenant
    @a_file
    def import_kpi(tenant: str, file: Path) -> None:
        """Import performance figures of people (CSV, JSON or XML)."""
        _import(services, bar, tenant, "kpi", file, None)

    @cli.group()
    def exemptions() -> None:
        """Bring in who is exempt from which requirement."""

    @exemptions.command("import", epilog="Example: lrs exemptions import exempt.csv")
    @of_tenant
    @a_file
    @by_whom("Who brings them in; it is kept, and stands in the evidence.")
    def import_exemptions(tenant: str, file: Path, by: str) -> None:
        """Import exemptions (CSV, JSON or XML); they act at once."""
        if not by.strip() or len(by) > _LONGEST:
            raise click.UsageError(f"--by is a name of at most {_LONGEST} characters.")
        _import(services, bar, tenant, "exemptions", file, None, by=by.strip())


def _import(
    services: Open,
    bar: Bar,
    tenant: str,
    kind: str,
    file: Path,
    mapping: Path | None,
    *,
    full: bool = False,
    accept: bool = False,
    by: str = "",
) -> None:
    from analytics.workforce.engine.importing import import_file
    from analytics.workforce.mapping import canonical, load_mapping
    from analytics.workforce.model import table_of

    loaded = load_mapping(mapping) if mapping else canonical(table_of(kind))
    terms = replace(loaded.terms, accepted=accept, by=by)
    if full:
        terms = replace(terms, mode="full")
    with services() as found, bar(f"Importing {kind}", None) as advance:
        result = import_file(
            found.analytics().ledger,
            tenant_name(tenant),
            kind,
            file,
            loaded,
            progress=stepped(advance),
            terms=terms,
        )
        told = _strays(found, tenant_name(tenant)) if kind == "exemptions" else []
    console.print(summary(result))
    tell(result)
    for sentence in told:
        console.print(f"Warning: {sentence}", markup=False)


def _strays(found: Any, tenant: str) -> list[str]:
    """Return what exemptions name that is no requirement: it exempts nobody."""
    from analytics.requirements import WrongRequirement, load
    from analytics.requirements.strays import strays

    newest: dict[str, dict[str, Any]] = {}
    for batch in found.analytics().ledger.rows(tenant, "exemptions"):
        for row in batch:
            key = f"{row['employee_id']}/{row['requirement']}/{row['from']}"
            newest[key] = row
    rows = [row for row in newest.values() if not row["retracted"]]
    try:
        return strays(rows, load(found.settings.requirements_dir))
    except WrongRequirement:
        return []  # said by every report; the exemptions are in all the same


def _add_enrich(cli: click.Group, services: Open, bar: Bar) -> None:
    @cli.command(epilog="Example: lrs enrich --rebuild")
    @of_tenant
    @click.option("--rebuild", is_flag=True, help="Make every table anew.")
    def enrich(tenant: str, *, rebuild: bool) -> None:
        """Join what is new with the workforce of the day, into the lake's tables."""
        with services() as found:
            enrichment = found.analytics().enrichment
            tenant = tenant_name(tenant)
            # The worker's pass, or what a killed one left, ends within this time.
            with found.leases.hold(f"enrichment/{tenant}", wait=_WAIT) as lost:
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
    @of_tenant
    @a_day("--as-of", "The day.  [default: today, UTC]")
    @known_at
    @click.option("--unit", help="A unit and everything below it.")
    @click.option("--person", help="An employee_id.")
    @click.option("--requirement", help="A requirement's code.")
    @click.option("--status", help="A status, in capitals.")
    @click.option("--location", help="A location_id.")
    @click.option("--job", help="A job_code.")
    @click.option("--manager", help="The employee_id of people's manager.")
    @click.option("--worker-type", help="employee, contractor, customer or partner.")
    @click.option("--days", help="Within 30, 60 or 90 days (expiring).")
    @click.option("--months", help="How many points, 1 to 60 (compliance_trend).")
    @click.option("--activity", help="An Activity id (effects).")
    @click.option("--metric", help="A metric (effects).")
    @click.option("--limit", type=int, help="Rows of a page; without it, all.")
    @click.option("--after", help="Where the page before said that the next begins.")
    @in_format(*FORMATS)
    def report(
        name: str,
        tenant: str,
        as_of: date | None,
        known_at: datetime | None,
        wanted: str,
        unit: str | None,
        person: str | None,
        limit: int | None,
        after: str | None,
        **parameters: str | None,
    ) -> None:
        """Run a report of the catalogue (see lrs reports)."""
        given = {key: value for key, value in parameters.items() if value is not None}
        with services() as found:
            result = found.analytics().reports.run(
                name,
                tenant_name(tenant),
                as_of=as_of,
                known_at=known_at,
                unit=unit,
                person=person,
                parameters=given,
                limit=limit,
                after=after,
            )
        write(result, wanted)


def _add_sample(cli: click.Group, bar: Bar) -> None:
    @cli.command(epilog="Example: lrs sample ./sample --end 2026-06-30")
    @click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
    @a_day("--end", "The last day.  [default: today, UTC]")
    @click.option("--seed", default=2026, show_default=True)
    @click.option("--people", default=2000, show_default=True)
    @click.option("--statements", default=60_000, show_default=True)
    def sample(
        folder: Path, end: date | None, seed: int, people: int, statements: int
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
                    end=end or datetime.now(UTC).date(),
                    people=people,
                    statements=statements,
                    progress=tell,
                )
            except ValueError as error:
                raise BadRequest(f"{error}") from None
            except OSError as error:
                raise BadRequest(
                    f"{folder} cannot be written ({error.strerror})."
                ) from None
