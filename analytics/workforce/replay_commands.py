"""``lrs workforce replay``: what was set aside, once more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analytics.options import FILE, Bar, Open, accepting, by_mapping, of_tenant
from analytics.workforce.telling import console, stepped, summary, tell
from lrs.access import tenant_name

if TYPE_CHECKING:
    from analytics.workforce.mapping import Mapping
    from analytics.workforce.run_records import RunRecord


def mapping_of(run: RunRecord, given: Path | None, folder: Path) -> Mapping:
    """Return the mapping that was given, or that of the run's source."""
    from analytics.workforce.mapping import canonical, load_mapping
    from analytics.workforce.model import table_of

    own = folder / f"{Path(run.source).name}.toml"
    if given is not None or own.is_file():
        return load_mapping(given or own)
    return canonical(table_of(run.kind))


def add_replay(group: click.Group, services: Open, bar: Bar) -> None:
    """Add the command to ``lrs workforce``."""

    @group.command(
        epilog="Example: lrs workforce replay 3f2a --record 17 (of two records that "
        "contradict each other, line 17 is right); lrs workforce replay 3f2a "
        "--corrected wrong.csv --by ann@example.com --reason 'Typing errors'"
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
    @click.option(
        "--corrected",
        type=FILE,
        help="Take the records of this file as it says them: one of lrs workforce "
        "quarantine RUN --export, corrected.",
    )
    @click.option("--by", help="With --corrected: who corrected them; it is kept.")
    @click.option(
        *("--reason", "--why", "reason"), help="With --corrected: why; it is kept."
    )
    @accepting
    def replay(
        run: str,
        tenant: str,
        mapping: Path | None,
        chosen: tuple[str, ...],
        corrected: Path | None,
        by: str | None,
        reason: str | None,
        *,
        accept: bool,
    ) -> None:
        """Import again what a run set aside, after its cause was mended.

        That is its mapping, or another record: the parent of a unit that closed a
        circle. Of records that contradict each other say with --record which one is
        right; the others stay. What no mapping can read is corrected in a file of lrs
        workforce quarantine RUN --export and taken with --corrected: a row that is no
        record which waits refuses the whole file. What a replay took, or a later run
        has spoken of, is not taken again. Exit status 1 where nothing could be taken.
        """
        from analytics.identity.decisions import Signed
        from analytics.workforce.corrections.taking_back import take_back
        from analytics.workforce.engine.replaying import replay as again
        from analytics.workforce.run_records import record

        signed = Signed(by, reason) if by is not None and reason is not None else None
        if corrected is not None and signed is None:
            raise click.UsageError("--by and --reason are needed: they are kept.")
        if corrected is None and (by is not None or reason is not None):
            raise click.UsageError("--by and --reason are for --corrected.")
        if corrected is not None and chosen:
            raise click.UsageError("The file says which records: leave out --record.")
        with services() as found, bar("Replaying", None) as advance:
            ledger = found.analytics().ledger
            tenant = tenant_name(tenant)
            its = record(ledger, tenant, run)
            loaded = mapping_of(its, mapping, found.settings.hris_dir)
            corrections = None
            if corrected is not None:
                corrections = take_back(ledger, tenant, its, loaded, corrected)
            result = again(
                *(ledger, tenant, its, loaded, stepped(advance)),
                chosen=chosen,
                corrections=corrections,
                signed=signed,
                accepted=accept,
            )
        console.print(summary(result))
        tell(result)
        refused = result.set_aside + result.links_set_aside
        if refused:
            console.print(
                "What was refused waits where it did; how it can be taken is told by: "
                f"lrs workforce quarantine {its.run[:12]}"
            )
        as_before = min(result.links_set_aside, result.unchanged)
        if result.read and result.set_aside + as_before == result.read:
            console.print("Nothing could be taken.")
            sys.exit(1)
