"""The command of Activities: make their definitions anew."""

from __future__ import annotations

import click

from lrs.access import tenant_name
from lrs.cli.opening import Open, tenant_option
from lrs.terminal import bar, console


def add_activity_commands(cli: click.Group, services: Open) -> None:
    """Add the command to the program; ``services`` opens what it works with."""

    @cli.group()
    def activities() -> None:
        """Manage what the LRS knows of Activities."""

    @activities.command(
        "rebuild", epilog="Example: lrs activities rebuild --tenant acme"
    )
    @tenant_option
    @click.option(
        "--everyone",
        is_flag=True,
        help="Let Statements define whose senders had not the scope define, too.",
    )
    def rebuild(tenant: str, everyone: bool) -> None:
        """Make the definitions of all Activities anew from the stored Statements.

        Needed where they were lost. The server may run; definitions are incomplete
        until the command has ended. Statements that were stored before the LRS noted
        who may define count with --everyone only.
        """
        count = 0
        with services() as found, bar("Rebuilding definitions", None) as advance:
            for read in found.definitions.rebuild(
                tenant_name(tenant), everyone=everyone
            ):
                advance(read)
                count += read
        console.print(f"{count} Statements read.")
