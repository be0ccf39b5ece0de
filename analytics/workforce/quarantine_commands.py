"""``lrs workforce quarantine`` and ``replay``: what was set aside, and once more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from analytics.options import Bar, Open, accepting, by_mapping, in_format, of_tenant
from analytics.workforce.telling import console, stepped, summary, tell
from lrs.access import tenant_name

if TYPE_CHECKING:
    from analytics.workforce.quarantine import Aside

_TOLD = (
    *("record", "file", "line", "field", "reason", "state", "by", "at"),
    *("replay", "next"),
)
_STATES = {
    "waiting": "waiting",
    "refused": "refused again by{by}{on}",
    "taken": "taken by{by}{on}",
    "overtaken": "overtaken by a later delivery, as{by} found{on}",
    "skipped": "not asked for by the mapping of{by}{on}",
    "closed": "closed: nothing of it is kept",
}


def add_quarantine(group: click.Group, services: Open, bar: Bar) -> None:
    """Add the commands to ``lrs workforce``."""

    @group.command(epilog="Example: lrs workforce quarantine 3f2a --format json")
    @click.argument("run")
    @of_tenant
    @in_format("table", "json")
    def quarantine(run: str, tenant: str, wanted: str) -> None:
        """List what a run set aside: line, field and reason; never a value.

        Of each record also what became of it, or how a replay can take it. RUN is an
        id, or its beginning, of lrs workforce runs.
        """
        from analytics.workforce.quarantine import asides
        from analytics.workforce.run_records import record

        with services() as found:
            ledger = found.analytics().ledger
            tenant = tenant_name(tenant)
            its = record(ledger, tenant, run)
            if its.replays:
                console.print(f"A replay: what it refused waits in {its.replays}.")
            rows = list(asides(ledger, tenant, its.run))
        if wanted == "json":
            told = [{name: getattr(row, name) for name in _TOLD} for row in rows]
            out = orjson.dumps(told, option=orjson.OPT_UTC_Z)
            sys.stdout.buffer.write(out + b"\n")
            return
        for row in rows:
            click.echo(f"{row.record}: {row.field or 'it'} {row.reason} [{_now(row)}]")

    @group.command(
        epilog="Example: lrs workforce replay 3f2a --record 17 (of two records that "
        "contradict each other, line 17 is right)"
    )
    @click.argument("run")
    @of_tenant
    @by_mapping("The mended mapping.  [default: the one of the run's source]")
    @click.option(
        *("--record", "chosen"),
        metavar="N",
        multiple=True,
        help="Take exactly this record of the run, as lrs workforce quarantine calls "
        "it; may be repeated.  [default: all that can stand now]",
    )
    @accepting
    def replay(
        run: str,
        tenant: str,
        mapping: Path | None,
        chosen: tuple[str, ...],
        *,
        accept: bool,
    ) -> None:
        """Import again what a run set aside, after its cause was mended.

        That is its mapping, or another record: the parent of a unit that closed a
        circle. Of records that contradict each other say with --record which one is
        right; the others stay. Records whose cells stand in the wrong places have to be
        delivered again. What a replay took, or a later run has spoken of, is not taken
        again.
        """
        from analytics.workforce.engine.replaying import replay as again
        from analytics.workforce.mapping import canonical, load_mapping
        from analytics.workforce.model import table_of
        from analytics.workforce.run_records import record

        with services() as found, bar("Replaying", None) as advance:
            ledger = found.analytics().ledger
            tenant = tenant_name(tenant)
            its = record(ledger, tenant, run)
            own = found.settings.hris_dir / f"{Path(its.source).name}.toml"
            if mapping is not None or own.is_file():
                loaded = load_mapping(mapping or own)
            else:
                loaded = canonical(table_of(its.kind))
            result = again(
                *(ledger, tenant, its, loaded, stepped(advance)),
                chosen=chosen,
                accepted=accept,
            )
        console.print(summary(result))
        tell(result)
        if result.set_aside:
            console.print(
                "What was refused waits where it did; how it can be taken is told by: "
                f"lrs workforce quarantine {its.run[:12]}"
            )


def _now(row: Aside) -> str:
    """Return what has become of a record, and what can be done."""
    by = f" run {row.by[:12]}" if row.by else ""
    on = f" on {row.at:%Y-%m-%d}" if row.at else ""
    state = _STATES[row.state].format(by=by, on=on)
    return f"{state}: {row.next}" if row.next else state
