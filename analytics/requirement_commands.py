"""``lrs requirements check`` and ``list``: what is required, and what would be."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.console import Console

from analytics.moments import moment_text
from analytics.options import Open, a_day, in_format, known_at, of_tenant
from analytics.requirements import Requirement, load
from analytics.requirements.model import AUDIENCE_LISTS, in_force
from lrs.access import tenant_name

if TYPE_CHECKING:
    from analytics.reports.proposals.coverage import Coverage

FORMATS = ("table", "csv", "json")
LISTED = (
    *("code", "version", "title", "basis", "initial_days", "validity_days"),
    *("effective_from", "version_from", "effective_to", "in_force", "audience"),
)
_WIDTH = 160  # characters, where the output is no terminal
console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def add_requirement_commands(
    cli: click.Group, services: Open, live: Callable[[], Path]
) -> None:
    """Add the commands; ``live`` tells the folder in use (LRS_REQUIREMENTS_DIR)."""

    @cli.group()
    def requirements() -> None:
        """Look at mandatory training: what is required of whom."""

    _add_check(requirements, services, live)
    _add_list(requirements, live)


def _add_check(group: click.Group, services: Open, live: Callable[[], Path]) -> None:
    @group.command(
        epilog="Example: lrs requirements check new/FIRE-01.toml --as-of 2027-01-01"
    )
    @click.argument(
        "path", required=False, type=click.Path(exists=True, path_type=Path)
    )
    @of_tenant
    @a_day("--as-of", "The day.  [default: today, or when FILE takes effect]")
    @known_at
    @click.option("--unit", help="A unit and everything below it.")
    @click.option(
        "--people",
        default=10,
        show_default=True,
        type=click.IntRange(0),
        help="So many people of each requirement (table, json; csv has all).",
    )
    @click.option("--files-only", is_flag=True, help="Ask no database: files alone.")
    @in_format(*FORMATS)
    def check(
        path: Path | None,
        tenant: str,
        as_of: date | None,
        known_at: datetime | None,
        unit: str | None,
        people: int,
        files_only: bool,
        wanted: str,
    ) -> None:
        """Say what is wrong in requirement files, and whom they would cover.

        PATH is a file, held against the folder in use with and without it; another
        folder, held against it; or nothing: the folder in use. Exit status 1 where a
        file is wrong.
        """
        from analytics.reports.proposals.proposal import proposal

        proposed = proposal(live(), path)
        number = len(proposed.after) if proposed.proposed is None else 1
        console.print(f"{number} requirement files are right.")
        day = as_of or proposed.first_day(datetime.now(UTC).date())
        if files_only:
            for warning in proposed.warnings(day):
                console.print(f"Warning: {warning}")
            return
        from analytics.reports.proposals.coverage import coverage

        with services() as found:
            covered = coverage(
                found.analytics().reports,
                tenant_name(tenant),
                proposed,
                as_of=day,
                known_at=known_at,
                unit=unit,
            )
        for warning in covered.warnings:
            console.print(f"Warning: {warning}")
        _write(covered, sorted(proposed.codes), people, wanted)


def _add_list(group: click.Group, live: Callable[[], Path]) -> None:
    @group.command("list", epilog="Example: lrs requirements list --as-of 2027-01-01")
    @a_day("--as-of", "The day.  [default: today, UTC]")
    @in_format(*FORMATS)
    def list_requirements(as_of: date | None, wanted: str) -> None:
        """List every version of every requirement, and which is in force on a day."""
        found = load(live())
        used = in_force(found, as_of or datetime.now(UTC).date())
        rows = [_listed(item, used.get(item.code) == item) for item in found]
        _print(list(LISTED), rows, wanted)


def _listed(item: Requirement, is_used: bool) -> dict[str, Any]:
    audience = [
        f"{name} {', '.join(item.audience[name])}"
        for name in AUDIENCE_LISTS
        if item.audience[name]
    ]
    if item.min_tenure_days:
        audience.append(f"{item.min_tenure_days} days of tenure")
    said = {name: getattr(item, name, None) for name in LISTED}
    return said | {"in_force": is_used, "audience": "; ".join(audience)}


def _write(covered: Coverage, codes: list[str], people: int, wanted: str) -> None:
    from analytics.reports.proposals.coverage import COLUMNS

    by_code: dict[str, list[dict[str, Any]]] = {code: [] for code in codes}
    for row in covered.rows:
        by_code[row["requirement"]].append(row)
    if wanted == "csv":
        _print(list(COLUMNS), covered.rows, wanted)
    elif wanted == "json":
        document = {
            "as_of": covered.as_of,
            "known_at": covered.known_at,
            "warnings": covered.warnings,
            "requirements": [
                covered.summary(code) | {"people": by_code[code][:people]}
                for code in codes
            ],
        }
        out = orjson.dumps(document, option=orjson.OPT_UTC_Z)
        sys.stdout.buffer.write(out + b"\n")
    else:
        console.print(
            f"as of {covered.as_of}, known at {moment_text(covered.known_at)}",
            style="dim",
        )
        for code in codes:
            click.echo(_told(covered.summary(code)))
            shown = by_code[code][:people]
            if shown:
                _print(list(COLUMNS[1:]), shown, wanted)
            if len(shown) < len(by_code[code]) and people:
                click.echo(f"  ... and {len(by_code[code]) - people} more")


def _told(said: dict[str, Any]) -> str:
    """Return the counts of a requirement in a few lines."""
    lines = [
        f"{said['requirement']}: {said['covered']} people, {said['new']} of them new; "
        f"{said['gone']} no longer; another due date for {said['due_date_moved']}"
    ]
    statuses = sorted({*said["statuses"], *said["statuses_before"]})
    if statuses:
        changes = (
            f"{name} {said['statuses_before'].get(name, 0)} -> "
            f"{said['statuses'].get(name, 0)}"
            for name in statuses
        )
        lines.append(f"  status: {', '.join(changes)}")
    for name in ("unit", "location", "worker_type"):
        counts = said.get(f"by_{name}_id") or said.get(f"by_{name}") or {}
        if counts:
            told = ", ".join(f"{key or '(none)'} {n}" for key, n in counts.items())
            lines.append(f"  {name.replace('_', ' ')}: {told}")
    return "\n".join(lines)


def _print(columns: list[str], rows: list[dict[str, Any]], wanted: str) -> None:
    if wanted == "json":
        sys.stdout.buffer.write(orjson.dumps(rows) + b"\n")
    elif wanted == "csv":
        from analytics.spreadsheets import csv_text

        sys.stdout.write(csv_text(columns, rows))
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, header_style="bold")
        for row in rows:
            cells = ("" if row[name] is None else str(row[name]) for name in columns)
            table.add_row(*map(Text, cells))
        width = None if sys.stdout.isatty() else _WIDTH
        Console(width=width).print(table)
