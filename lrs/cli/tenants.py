"""The commands of tenants: their settings, and what the rules of cmi5 found."""

from __future__ import annotations

from dataclasses import replace

import click
import orjson

from lrs.access import Principal, Scope, tenant_name
from lrs.cli.opening import Open, tenant_option
from lrs.cmi5_violations import Flagged
from lrs.retrieval import Place
from lrs.tenants import Cmi5Mode, Tenant
from lrs.terminal import console
from lrs.xapi.values import isoformat

_DEFAULT = "default"
_PAGE = 500


def add_tenant_commands(
    cli: click.Group, statements: click.Group, services: Open
) -> None:
    """Add the commands; ``services`` opens what they work with."""
    _add_tenants(cli, services)
    _add_violations(statements, services)


def _add_tenants(cli: click.Group, services: Open) -> None:
    @cli.group()
    def tenants() -> None:
        """Manage the settings of tenants."""

    @tenants.command("put", epilog="Example: lrs tenants put acme --cmi5-mode enforce")
    @click.argument("name")
    @click.option(
        "--cmi5-mode",
        "mode",
        type=click.Choice([*(item.value for item in Cmi5Mode), _DEFAULT]),
        help="What becomes of Statements that break rules of cmi5; default: "
        "LRS_CMI5_MODE.",
    )
    def put_tenant(name: str, mode: str | None) -> None:
        """Set what is given for a tenant; servers see it within some seconds.

        A tenant comes into being by its first credential: any name will do.
        """
        name = tenant_name(name)
        with services() as found:
            known = {item.name: item for item in found.tenants.list()}
            tenant = known.get(name, Tenant(name))
            if mode is not None:
                own = None if mode == _DEFAULT else Cmi5Mode(mode)
                tenant = replace(tenant, cmi5_mode=own)
            found.tenants.put(tenant)
            in_force = found.tenants.in_force(tenant)
        console.print(f"The cmi5 mode of {name} is {in_force}.")

    @tenants.command("list", epilog="Example: lrs tenants list")
    def list_tenants() -> None:
        """List the tenants: name, cmi5 mode, and whether that is set or the default."""
        with services() as found:
            for item in found.tenants.list():
                origin = "set" if item.cmi5_mode else _DEFAULT
                mode = found.tenants.in_force(item).value
                click.echo("\t".join((item.name, mode, origin)))


def _add_violations(statements: click.Group, services: Open) -> None:
    @statements.command(
        "cmi5-violations",
        epilog="Example: lrs statements cmi5-violations --tenant acme",
    )
    @tenant_option
    def list_violations(tenant: str) -> None:
        """List stored Statements that break rules of cmi5, the newest first.

        A line is a JSON object: statement_id, stored, violations. Voided ones are
        left out.
        """
        with services() as found:
            who = Principal(
                tenant_name(tenant), "list", frozenset({Scope.ALL_READ}), {}
            )
            after: Place | None = None
            while True:
                page = found.cmi5_violations.page(who, _PAGE, after)
                for item in page.statements:
                    click.echo(_line(item))
                if page.after is None:
                    return
                after = page.after


def _line(item: Flagged) -> str:
    return orjson.dumps(
        {
            "statement_id": item.statement_id,
            "stored": isoformat(item.stored),
            "violations": [violation.as_dict() for violation in item.violations],
        }
    ).decode()
