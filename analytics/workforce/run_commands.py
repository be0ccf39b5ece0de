"""``lrs workforce sync`` and ``runs``: deliveries fetched, and what became of each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import orjson
from rich.console import Console
from rich.table import Table

from analytics.moments import moment_text
from analytics.options import Bar, Open, in_format, of_tenant
from analytics.workforce.connector_commands import (
    add_check,
    asked_tenant,
    tell_dry_run,
)
from analytics.workforce.quarantine_commands import add_quarantine
from analytics.workforce.replay_commands import add_replay
from analytics.workforce.telling import console, stepped, summary, tell
from lrs.access import tenant_name
from lrs.errors import BadRequest

if TYPE_CHECKING:
    from analytics.workforce.run_records import RunRecord

_WAS = {"refused": " was refused", "repeat": " was set aside in refused/"}
_WAIT = 30  # seconds for the worker's walk to end, or for what a killed one holds
_WIDTH = 200  # characters, where the output is no terminal


def add_runs(group: click.Group, services: Open, bar: Bar) -> None:
    """Add the commands to ``lrs workforce``."""
    _add_sync(group, services, bar)
    add_check(group, services)
    _add_list(group, services)
    add_quarantine(group, services)
    add_replay(group, services, bar)


def _add_sync(group: click.Group, services: Open, bar: Bar) -> None:
    @group.command(epilog="Example: lrs workforce sync payroll --accept 3f2a")
    @click.argument("name")
    @of_tenant
    @click.option(
        "--accept",
        metavar="RUN",
        help="Let the delivery through that a valve refused in this run, and no other: "
        "it is put back from refused/, or was sent again as it was.",
    )
    @click.option(
        "--full",
        is_flag=True,
        help="Of a system that is asked: everybody, not only what has changed.",
    )
    @click.option(
        "--dry-run", is_flag=True, help="Say what would change, and leave nothing."
    )
    def sync(
        name: str, tenant: str, accept: str | None, *, full: bool, dry_run: bool
    ) -> None:
        """Take the deliveries of a configured source: a mapping with a [source].

        Exit status 1 where one of them was refused: it is wrong, or a valve stopped it.
        What came again, or too late since a full delivery was taken, goes to refused/
        too, but is no failure.
        """
        from analytics.workforce.engine.dry_run import dry_run as look_over
        from analytics.workforce.engine.syncing import acceptable, configured
        from analytics.workforce.engine.syncing import sync as walk_over
        from analytics.workforce.run_records import record
        from analytics.workforce.sources.landing import Landing

        if accept and dry_run:
            raise click.UsageError("--dry-run lets nothing through: without --accept.")
        asked = asked_tenant(tenant)
        with services() as found, bar(f"Taking {name}", None) as advance:
            parts = found.analytics()
            folder, of_mapping = found.settings.hris_dir, parts.hris_secrets
            run = None
            if accept:
                mapping, _, tenant = configured(folder, name, of_mapping, asked)
                run = acceptable(record(parts.ledger, tenant, accept), mapping)
            mapping, source, tenant = configured(
                *(folder, name, of_mapping, asked),
                cursors=parts.cursors,
                # What was refused comes again in its own mode.
                take_all=full or (run is not None and run.mode == "full"),
            )
            if full and isinstance(source, Landing):
                raise BadRequest(
                    f"{name} is a landing folder: its deliveries say themselves "
                    "whether they are full."
                )
            if dry_run:
                looked = look_over(
                    *(parts.ledger, tenant, mapping, source, stepped(advance))
                )
                if tell_dry_run(looked):
                    return
                sys.exit(1)
            with (
                found.leases.hold(f"workforce/{tenant}/{name}", wait=_WAIT),
                parts.walks.over(tenant, name) as ended,
            ):
                walk = walk_over(
                    parts.ledger,
                    tenant,
                    mapping,
                    source,
                    accepted=run,
                    progress=stepped(advance),
                )
                ended |= walk.outcome(mapping)
        for file, result in walk.applied:
            console.print(f"{file}: {summary(result)}")
            tell(result)
        for remark in getattr(source, "remarks", ()):
            console.print(f"{name}: {remark}")
        for notice in walk.notices:
            was = _WAS.get(notice.kind, "")
            console.print(f"{notice.file}{was}: {notice.reason}")
        for file, reason in walk.refused:
            console.print(f"{file} was refused: {reason}")
        if not (walk.applied or walk.refused or walk.notices):
            console.print("Nothing new has been delivered.")
        lost = accept is not None and not walk.accepted
        if lost:
            console.print(
                f"What run {accept} refused is neither in the folder nor in refused/: "
                "nothing was let through."
            )
        if walk.why or lost:
            sys.exit(1)


def _add_list(group: click.Group, services: Open) -> None:
    @group.command(epilog="Example: lrs workforce runs --limit 5 --format json")
    @of_tenant
    @click.option(
        "--limit", type=click.IntRange(1, 1000), default=20, show_default=True
    )
    @in_format("table", "json")
    def runs(tenant: str, limit: int, wanted: str) -> None:
        """List the imports, newest first: when, what, how many, why not.

        Of an applied one the moment is when it was recorded: as --known-at it knows of
        it. Others have the moment when they began.
        Of records set aside also how many still wait (lrs workforce quarantine).
        """
        from analytics.workforce.run_records import records

        with services() as found:
            ledger = found.analytics().ledger
            listed = list(records(ledger, tenant_name(tenant), limit=limit))
        if wanted == "json":
            out = [{name: getattr(it, name) for name in it.__slots__} for it in listed]
            sys.stdout.buffer.write(orjson.dumps(out, option=orjson.OPT_UTC_Z) + b"\n")
        else:
            _show(listed)


def _show(listed: list[RunRecord]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("run", "when", "kind", "source", "file", "state", "records"):
        table.add_column(name)
    for item in listed:
        when = item.recorded_at or item.began
        counts = ", ".join(f"{n} {name}" for name, n in item.counts.items() if n)
        counts += f" ({item.waiting} still waiting)" if item.waiting else ""
        if item.by:
            corrected = f"corrected by {item.by}: {item.reason}"
            counts += f"; {corrected if item.reason else f'by {item.by}'}"
        for one in item.corrected:
            counts += f"; {one.records} as corrected by {one.by}: {one.reason}"
        table.add_row(
            *(
                item.run[:12],
                moment_text(when) if when else "",
                item.kind,
                f"{item.source} ({item.mode})",
            ),
            *(item.file, item.state, item.why or counts),
        )
    out = Console(markup=False, highlight=False, soft_wrap=not sys.stdout.isatty())
    if not sys.stdout.isatty():
        out.width = _WIDTH
    out.print(table)
