"""The commands of access: credentials of programs, accounts of people."""

from __future__ import annotations

import sys

import click

from lrs.access import Scope, bearer_token, tenant_name
from lrs.cli.opening import Open, tenant_option
from lrs.errors import BadRequest
from lrs.store import rates
from lrs.terminal import console


def add_access_commands(cli: click.Group, services: Open) -> None:
    """Add the commands to the program; ``services`` opens what they work with."""
    _add_credentials(cli, services)
    _add_accounts(cli, services)


def _add_credentials(cli: click.Group, services: Open) -> None:
    @cli.group()
    def credentials() -> None:
        """Manage the keys and secrets of xAPI clients and reporting tools."""

    @credentials.command(
        "add",
        epilog="Example: lrs credentials add --scope statements/write --scope state",
    )
    @tenant_option
    @click.option(
        "--scope",
        "scopes",
        multiple=True,
        required=True,
        type=click.Choice([item.value for item in Scope]),
        help="Repeatable.",
    )
    @click.option("--key", help="[default: a random one]")
    @click.option("--secret", help="[default: a random one]")
    @click.option("--unit", help="Reports show this unit and what is below it.")
    @click.option(
        "--rate-limit",
        callback=_rates,
        metavar="RATES",
        help="Of its own, such as 50/second;1000/minute.  [default: LRS_RATE_LIMIT]",
    )
    @click.option(
        "--max-request-bytes",
        type=click.IntRange(1),
        help="Of a whole request, with its attachments.  [default: the settings]",
    )
    def add_credential(
        tenant: str,
        scopes: tuple[str, ...],
        key: str | None,
        secret: str | None,
        unit: str | None,
        rate_limit: str | None,
        max_request_bytes: int | None,
    ) -> None:
        """Create a credential; its secret is shown this once."""
        wanted = [Scope(item) for item in scopes]
        with services() as found:
            made = found.credentials.add(
                tenant_name(tenant),
                wanted,
                key=key,
                secret=secret,
                unit=unit,
                rate_limit=rate_limit,
                max_request_bytes=max_request_bytes,
            )
        click.echo(f"key={made[0]}\nsecret={made[1]}")
        if Scope.SCIM in wanted:
            click.echo(f"token={bearer_token(*made)}")

    @credentials.command("list", epilog="Example: lrs credentials list --tenant acme")
    @tenant_option
    def list_credentials(tenant: str) -> None:
        """List the credentials of a tenant, without their secrets."""
        with services() as found:
            for item in found.credentials.list(tenant_name(tenant)):
                state = "revoked" if item.revoked else "active"
                scopes = ",".join(item.scopes)
                created = item.created.isoformat(timespec="seconds")
                limits = (item.rate_limit or "-", str(item.max_request_bytes or "-"))
                click.echo(
                    "\t".join(
                        (item.key, state, scopes, item.unit or "-", created, *limits)
                    )
                )

    @credentials.command("revoke", epilog="Example: lrs credentials revoke KEY")
    @tenant_option
    @click.argument("key")
    def revoke_credential(tenant: str, key: str) -> None:
        """End a credential; seen by every process within some seconds."""
        with services() as found:
            found.credentials.revoke(tenant_name(tenant), key)
        console.print("Revoked.")


def _rates(_context: object, _option: object, value: str | None) -> str | None:
    """Check rates where they are given, before anything is opened."""
    try:
        return value if value is None or rates.parse(value) else None
    except BadRequest as error:
        raise click.BadParameter(error.message) from None


def _add_accounts(cli: click.Group, services: Open) -> None:
    @cli.group()
    def accounts() -> None:
        """Manage who signs in to the manager's pages."""

    @accounts.command(
        "put", epilog="Example: lrs accounts put --email m@acme.example --unit OPS"
    )
    @tenant_option
    @click.option("--email", required=True)
    @click.option("--name", help="[default: the e-mail address]")
    @click.option("--unit", required=True, help="The top of what they may see.")
    @click.option("--password-stdin", is_flag=True, help="Read it from stdin.")
    def put_account(
        tenant: str, email: str, name: str | None, unit: str, *, password_stdin: bool
    ) -> None:
        """Create or change an account; unless it is read, the password is made."""
        password = sys.stdin.readline().strip() if password_stdin else None
        if password_stdin and not password:
            raise click.UsageError("There is no password on standard input.")
        with services() as found:
            made = found.accounts.put(
                tenant_name(tenant), email, name or email, unit, password
            )
        if password is None:
            click.echo(f"password={made}")
