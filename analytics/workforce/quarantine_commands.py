"""``lrs workforce quarantine``: what was set aside, listed or given out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from analytics.options import Open, by_mapping, in_format, of_tenant
from analytics.workforce.replay_commands import mapping_of
from analytics.workforce.telling import console, counted
from lrs.access import tenant_name

if TYPE_CHECKING:
    from analytics.workforce.quarantine import Aside

_TOLD = (
    *("record", "file", "line", "field", "reason", "state", "by", "at"),
    *("replay", "next", "corrected_by", "why"),
)
_STATES = {
    "waiting": "waiting",
    "refused": "refused again by{by}{on}",
    "taken": "taken by{by}{on}",
    "overtaken": "overtaken by a later delivery, as{by} found{on}",
    "skipped": "not asked for by the mapping of{by}{on}",
    "closed": "closed: nothing of it is kept",
}


def add_quarantine(group: click.Group, services: Open) -> None:
    """Add the command to ``lrs workforce``."""

    @group.command(epilog="Example: lrs workforce quarantine 3f2a --export wrong.csv")
    @click.argument("run")
    @of_tenant
    @in_format("table", "json")
    @click.option(
        "--export",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write what still waits to this new CSV file instead, with the cells that "
        "are kept, to be corrected there.",
    )
    @by_mapping("With --export: its mapping.  [default: the one of the run's source]")
    def quarantine(
        run: str, tenant: str, wanted: str, export: Path | None, mapping: Path | None
    ) -> None:
        """List what a run set aside: line, field and reason; never a value.

        Of each record also what became of it, or how it comes in. RUN is an id, or its
        beginning, of lrs workforce runs. The file of --export has people's data: only
        its owner may read it. Sensitive fields are not in it. Correct its cells, leave
        out the rows that are to wait, and take it with lrs workforce replay RUN
        --corrected.
        """
        from analytics.workforce.corrections.giving_out import give_out
        from analytics.workforce.quarantine import asides
        from analytics.workforce.run_records import record

        if mapping is not None and export is None:
            raise click.UsageError("--mapping is for --export.")
        with services() as found:
            ledger = found.analytics().ledger
            tenant = tenant_name(tenant)
            its = record(ledger, tenant, run)
            if export is not None:
                loaded = mapping_of(its, mapping, found.settings.hris_dir)
                number = give_out(ledger, tenant, its, loaded, export)
                console.print(
                    f"{counted(number, 'record')} to correct in {export.name}. Then: "
                    f"lrs workforce replay {its.run[:12]} --corrected {export.name} "
                    "--by WHO --reason TEXT"
                )
                return
            if its.replays:
                console.print(f"A replay: what it refused waits in {its.replays}.")
            if its.by:
                console.print(f"Its records were corrected by {its.by}: {its.reason}")
            for one in its.corrected:
                console.print(
                    f"It took {counted(one.records, 'record')} as corrected by "
                    f"{one.by}: {one.reason}"
                )
            rows = list(asides(ledger, tenant, its.run))
        if wanted == "json":
            told = [{name: getattr(row, name) for name in _TOLD} for row in rows]
            out = orjson.dumps(told, option=orjson.OPT_UTC_Z)
            sys.stdout.buffer.write(out + b"\n")
            return
        for row in rows:
            click.echo(f"{row.record}: {row.field or 'it'} {row.reason} [{_now(row)}]")
        if any(row.open for row in rows):
            console.print(
                "To correct records: lrs workforce quarantine "
                f"{its.run[:12]} --export FILE.csv"
            )


def _now(row: Aside) -> str:
    """Return what has become of a record, and what can be done."""
    by = f" run {row.by[:12]}" if row.by else ""
    on = f" on {row.at:%Y-%m-%d}" if row.at else ""
    state = _STATES[row.state].format(by=by, on=on)
    if row.corrected_by:
        state += f", as corrected by {row.corrected_by} ({row.why})"
    return f"{state}: {row.next}" if row.next else state
