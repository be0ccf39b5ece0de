"""``lrs workforce quarantine`` and ``replay``: what was set aside, and once more."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from analytics.options import Bar, Open, by_mapping, in_format, of_tenant
from analytics.workforce.telling import console, stepped, summary, tell
from lrs.access import tenant_name


def add_quarantine(group: click.Group, services: Open, bar: Bar) -> None:
    """Add the commands to ``lrs workforce``."""

    @group.command(epilog="Example: lrs workforce quarantine 3f2a --format json")
    @click.argument("run")
    @of_tenant
    @in_format("table", "json")
    def quarantine(run: str, tenant: str, wanted: str) -> None:
        """List what a run set aside: line, field and reason; never a value.

        RUN is an id, or its beginning, of lrs workforce runs.
        """
        from analytics.workforce.run_records import record

        with services() as found:
            ledger = found.analytics().ledger
            its = record(ledger, tenant_name(tenant), run)
            aside = ledger.quarantined(tenant, its.run)
            rows = [
                {name: item[name] for name in ("line", "field", "reason")}
                for item in aside
            ]
        if wanted == "json":
            sys.stdout.buffer.write(orjson.dumps(rows) + b"\n")
            return
        for row in rows:
            click.echo(f"{row['line']}: {row['field'] or 'it'} {row['reason']}")

    @group.command(epilog="Example: lrs workforce replay 3f2a")
    @click.argument("run")
    @of_tenant
    @by_mapping("The mended mapping.  [default: the one of the run's source]")
    def replay(run: str, tenant: str, mapping: Path | None) -> None:
        """Import again what a run set aside, after its mapping was mended.

        But for records that contradict each other, or whose cells stand in the wrong
        places: those have to be delivered again.
        """
        from analytics.workforce.engine.replaying import replay as again
        from analytics.workforce.mapping import canonical, load_mapping
        from analytics.workforce.model import table_of
        from analytics.workforce.run_records import record

        with services() as found, bar("Replaying", None) as advance:
            ledger = found.analytics().ledger
            its = record(ledger, tenant_name(tenant), run)
            own = found.settings.hris_dir / f"{Path(its.source).name}.toml"
            if mapping is not None or own.is_file():
                loaded = load_mapping(mapping or own)
            else:
                loaded = canonical(table_of(its.kind))
            result = again(ledger, tenant, its, loaded, stepped(advance))
        console.print(summary(result))
        tell(result)
