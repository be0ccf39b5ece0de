"""The commands ``lrs identity``: links and merges, made and undone, and their list."""

from __future__ import annotations

import datetime
import sys
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analytics.options import Open, by_whom, in_format, of_tenant
from lrs.access import tenant_name

_FORMATS = ("table", "csv", "json")
_WIDTH = 200  # characters, where the output is no terminal
_console = Console(stderr=True, highlight=False, soft_wrap=True)
_reason = click.option("--reason", required=True, help="Why: it is kept.")
_by = by_whom("Who decides, for example the e-mail address of an account.")


def add_identity_commands(cli: click.Group, services: Open) -> None:
    """Add the commands to the program; ``services`` opens what they work with."""

    @cli.group()
    def identity() -> None:
        """Say by hand who an actor is, and which employee_ids are one person.

        A decision acts with the next enrichment pass, from its own time on: reports
        with an earlier --known-at stay what they were. lrs report unresolved_actors
        lists whose Statements wait for one.
        """

    _add_deciding(identity, services)
    _add_undo(identity, services)
    _add_list(identity, services)


def _add_deciding(identity: click.Group, services: Open) -> None:
    @identity.command(
        epilog="Example: lrs identity link mailto:ann@home.example E17 --reason "
        "'Ann showed us the address'"
    )
    @click.argument("actor")
    @click.argument("employee_id")
    @_reason
    @_by
    @of_tenant
    def link(actor: str, employee_id: str, reason: str, by: str, tenant: str) -> None:
        """Say that ACTOR is the person EMPLOYEE_ID, for all its Statements.

        ACTOR as in the column identities: mailto:ADDRESS, sha1:HEX, openid:IRI or
        account:HOMEPAGE|NAME; or as the report unresolved_actors shows it.
        """
        from analytics.identity.decisions import Signed

        with services() as found:
            made = found.analytics().decisions.link(
                tenant_name(tenant), actor, employee_id, Signed(by, reason)
            )
        _tell(made)

    @identity.command(
        epilog="Example: lrs identity merge C204 E17 --reason 'Hired from the agency'"
    )
    @click.argument("employee_id")
    @click.argument("into_employee_id")
    @_reason
    @_by
    @of_tenant
    def merge(
        employee_id: str, into_employee_id: str, reason: str, by: str, tenant: str
    ) -> None:
        """Say that EMPLOYEE_ID is the same person as INTO_EMPLOYEE_ID.

        From then on the person is called by the second; the rows of both count.

        Where both stand somewhere on one day, one row holds: who is employed before
        who is not, then employee, contractor, partner, customer, then the later hire
        date, then the lower employee_id.
        """
        from analytics.identity.decisions import Signed

        with services() as found:
            made = found.analytics().decisions.merge(
                tenant_name(tenant), employee_id, into_employee_id, Signed(by, reason)
            )
        _tell(made)


def _add_undo(identity: click.Group, services: Open) -> None:
    @identity.command(epilog="Example: lrs identity undo 3 --reason 'Wrong Ann'")
    @click.argument("decision", type=click.IntRange(min=1))
    @_reason
    @_by
    @of_tenant
    def undo(decision: int, reason: str, by: str, tenant: str) -> None:
        """Take back a link or a merge, by its number (lrs identity list)."""
        from analytics.identity.decisions import Signed

        with services() as found:
            made = found.analytics().decisions.undo(
                tenant_name(tenant), decision, Signed(by, reason)
            )
        _tell(made)


def _add_list(identity: click.Group, services: Open) -> None:
    @identity.command("list", epilog="Example: lrs identity list --format json")
    @in_format(*_FORMATS)
    @of_tenant
    def list_decisions(wanted: str, tenant: str) -> None:
        """List every decision: what, who, when, why, and what undid it.

        Those of kind rules are what the identity file said from then on.
        """
        with services() as found:
            made = found.analytics().decisions.all(tenant_name(tenant))
        _write([_row(item) for item in made], wanted)


def _tell(made: Any) -> None:
    _console.print(
        f"Decision {made.n}: {_says(made)}. It acts with the next enrichment pass.",
        markup=False,
    )


def _says(decision: Any) -> str:
    """Return what a decision says, in one line."""
    from analytics.identity.keys import written

    match decision.kind:
        case "link":
            return f"{written(decision.actor)} is {decision.employee_id}"
        case "merge":
            return f"{decision.employee_id} is {decision.into}"
        case "undo":
            return f"decision {decision.undoes} no longer holds"
    accounts = len(decision.rules["accounts"])
    tags = "strip" if decision.rules["strip_plus_tags"] else "keep"
    return f"the file maps {accounts} homePages; plus_tags is {tags}"


def _row(decision: Any) -> dict[str, object]:
    when = datetime.datetime.fromtimestamp(decision.recorded / 1_000_000, datetime.UTC)
    return {
        "decision": decision.n,
        "kind": decision.kind,
        "says": _says(decision),
        "by": decision.by,
        "reason": decision.reason,
        "recorded": when.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "undone_by": decision.undone_by,
    }


def _write(rows: list[dict[str, object]], wanted: str) -> None:
    columns = ["decision", "kind", "says", "by", "reason", "recorded", "undone_by"]
    if wanted == "json":
        sys.stdout.buffer.write(orjson.dumps(rows) + b"\n")
    elif wanted == "csv":
        from analytics.spreadsheets import csv_text

        sys.stdout.write(csv_text(columns, rows))
    else:
        table = Table(*columns, header_style="bold")
        for row in rows:
            cells = ("" if row[name] is None else str(row[name]) for name in columns)
            table.add_row(*map(Text, cells))
        width = None if sys.stdout.isatty() else _WIDTH
        Console(soft_wrap=False, width=width).print(table)
