"""``lrs workforce show``: a past state of the workforce on the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime

import click
import orjson

from analytics.moments import moment_text
from analytics.options import Bar, Open, a_day, in_format, known_at, of_tenant
from lrs.access import tenant_name

Rows = Sequence[Mapping[str, object]]
FORMATS = ("table", "csv", "json")
_MANY = 50_000  # rows: of more it takes seconds to read them


def add_show(group: click.Group, services: Open, bar: Bar) -> None:
    """Add ``show`` to ``lrs workforce``."""

    @group.command(
        epilog="Example: lrs workforce show --unit OPS --as-of 2026-03-01 "
        "--known-at 2026-03-15T00:00:00Z"
    )
    @of_tenant
    @click.option("--unit", help="A unit; all units where neither is given.")
    @click.option("--person", help="An employee_id: their whole history.")
    @a_day("--as-of", "The day.  [default: today, UTC; of a person: every day]")
    @known_at
    @click.option(
        "--below/--only",
        default=True,
        show_default=True,
        help="With the units below it, or without.",
    )
    @in_format(*FORMATS)
    def show(
        tenant: str,
        unit: str | None,
        person: str | None,
        as_of: date | None,
        known_at: datetime | None,
        wanted: str,
        *,
        below: bool,
    ) -> None:
        """Show who was in a unit on a day, or a person's history, as known then."""
        from analytics.workforce.history.showing import History

        if person is not None and (unit is not None or not below):
            raise click.UsageError("--person is asked for without --unit and --only.")
        tenant = tenant_name(tenant)
        with services() as found:
            parts = found.analytics()
            history = History(parts.ledger, parts.lake, parts.decisions)
            if person is not None:
                told = history.person(tenant, person, as_of=as_of, known_at=known_at)
                _write_person(told, wanted)
                return
            unread = 0 if unit is not None else history.unread(tenant)
            # Before the first pass everybody's rows come from MongoDB.
            waiting = bar("Reading what is not enriched yet", unread)
            with waiting if unread > _MANY else nullcontext() as advance:
                roster = history.roster(
                    tenant,
                    unit=unit,
                    as_of=as_of,
                    known_at=known_at,
                    below=below,
                    advance=advance,
                )
        _write(roster.column_names, roster.to_pylist(), wanted)


def _write_person(told: Mapping[str, Rows], wanted: str) -> None:
    """Write every table: as one object (json), below each other, or as one (csv)."""
    if wanted == "json":
        _json(told)
    elif wanted == "csv":
        rows = [{"table": name, **row} for name, part in told.items() for row in part]
        columns = list(dict.fromkeys(column for row in rows for column in row))
        _write(columns or ["table"], rows, wanted)
    else:
        merged = len({row["employee_id"] for part in told.values() for row in part}) > 1
        for name, part in told.items():
            columns = [
                column
                for column in dict.fromkeys(column for row in part for column in row)
                if (merged or column != "employee_id")
                # What is empty everywhere only takes room from the rest.
                and any(row[column] is not None for row in part)
            ]
            click.echo(f"\n{name}: {len(part) or 'none'}")
            if part:
                _table(columns, part)


def _write(columns: Sequence[str], rows: Rows, wanted: str) -> None:
    if wanted == "json":
        _json(rows)
    elif wanted == "csv":
        from analytics.spreadsheets import csv_text

        sys.stdout.write(csv_text(columns, rows))
    else:
        _table(columns, rows)


def _json(content: object) -> None:
    out = orjson.dumps(content, option=orjson.OPT_UTC_Z)
    sys.stdout.buffer.write(out + b"\n")


def _table(columns: Sequence[str], rows: Rows) -> None:
    """Write columns as wide as their widest cell: 200,000 rows take a second."""
    cells = [list(columns)]
    cells += [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        text = "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        )
        sys.stdout.write(text.rstrip() + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return "" if value.year == 9999 else moment_text(value)
    if isinstance(value, date):
        return "" if value.year == 9999 else value.isoformat()
    if isinstance(value, list):
        return ";".join(map(str, value))
    # A control character must not steer the terminal.
    return "".join(c if c.isprintable() else "?" for c in str(value))
