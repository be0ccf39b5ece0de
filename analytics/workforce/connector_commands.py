"""``lrs workforce check``, and what ``lrs workforce sync --dry-run`` says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from analytics.options import Open, of_tenant
from analytics.workforce.telling import console, counted, summary, tell
from lrs.errors import BadRequest

if TYPE_CHECKING:
    from analytics.workforce.engine.dry_run import DryRun
    from analytics.workforce.engine.previewing import Column

_MARKS = {True: "ok   ", False: "WRONG", None: "look "}


def add_check(group: click.Group, services: Open) -> None:
    """Add ``check`` to ``lrs workforce``."""

    @group.command(epilog="Example: lrs workforce check bamboohr")
    @click.argument("name")
    @of_tenant
    def check(name: str, tenant: str) -> None:
        """Ask a configured system whether all is set up well; nothing is taken.

        Address, TLS, log-in, rights and mapping are tried against the live system.
        Exit status 1 where something must be mended.
        """
        from analytics.workforce.connectors.checking import check as look
        from analytics.workforce.connectors.source import ConnectorSource
        from analytics.workforce.engine.syncing import configured

        wrong = False
        with services() as found:
            parts = found.analytics()
            mapping, source, _ = configured(
                found.settings.hris_dir, name, parts.hris_secrets, asked_tenant(tenant)
            )
            if not isinstance(source, ConnectorSource):
                raise BadRequest(
                    f"{name} is a landing folder, not a system that can be asked: try "
                    f"lrs workforce sync {name} --dry-run."
                )
            for finding in look(source, mapping):
                console.print(f"{_MARKS[finding.well]}  {finding.text}")
                wrong = wrong or finding.well is False
        if wrong:
            sys.exit(1)


def asked_tenant(tenant: str) -> str | None:
    """Return the tenant of ``--tenant``; None where nobody says: the mapping may."""
    from click.core import ParameterSource

    from lrs.access import tenant_name

    given = click.get_current_context().get_parameter_source("tenant")
    return None if given is ParameterSource.DEFAULT else tenant_name(tenant)


def tell_dry_run(looked: DryRun) -> bool:
    """Say what a sync would do; return whether it would be taken."""
    for notice in looked.notices:
        console.print(f"{notice.file}: {notice.reason}")
    if looked.file is None:
        console.print("Nothing new has been delivered.")
        return not any(notice.kind == "refused" for notice in looked.notices)
    console.print(f"{looked.file} ({looked.mode}), looked at and not taken:")
    if looked.result is not None:
        console.print(summary(looked.result))
        ends = counted(looked.result.terminated, "employment")
        console.print(f"{ends} would end.")
    preview = looked.preview
    _tell_column("new rows", preview.new)
    _tell_column("new rows that end an employment", preview.ends)
    _tell_column("rows that hold no more", preview.retracted)
    for name, column in sorted(preview.columns.items()):
        _tell_column(f"{name} changes", column)
    if looked.result is not None:
        tell(looked.result)
    if looked.refused is not None:
        console.print(f"It would be refused: {looked.refused}")
    return looked.refused is None


def _tell_column(what: str, column: Column) -> None:
    if column.rows:
        people = ", ".join(column.people)
        console.print(f"  {what}: {counted(column.rows, 'row')} (such as of {people})")
