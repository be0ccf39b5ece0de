"""The program ``lrs``: every command, its exit status and its error in one sentence.

A composition package. Each module adds the commands of one noun; those of analytics
stand in analytics.cli. What they need is made when a command runs, never at import.
"""

from __future__ import annotations

import importlib.metadata
import sys

import click
from pymongo.errors import PyMongoError

from analytics.cli import add_commands
from lrs.cli.access import add_access_commands
from lrs.cli.activities import add_activity_commands
from lrs.cli.ending import end_interrupted, mind_sigterm
from lrs.cli.opening import requirements_dir, services
from lrs.cli.serving import SERVICES, add_serving_commands
from lrs.cli.statements import add_statement_commands
from lrs.cli.tenants import add_tenant_commands
from lrs.cli.validate import add_validate
from lrs.errors import LrsError, SetupError
from lrs.store.mongo import as_problem
from lrs.terminal import bar


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(importlib.metadata.version("workforce-lrs"), prog_name="lrs")
@click.pass_context
def cli(context: click.Context) -> None:
    """Workforce LRS: an xAPI Learning Record Store with workforce analytics.

    Settings come from the environment (LRS_...); README.md lists them. Without
    LRS_MONGODB_URI a MongoDB of its own is used, under LRS_DATA_DIR.
    """
    # Services end in their own way; until they can, the signal just ends them.
    if context.invoked_subcommand not in SERVICES:
        mind_sigterm()


@cli.group()
def statements() -> None:
    """Bring Statements in and out as files, and validate such files."""


add_serving_commands(cli)
add_statement_commands(statements, services)
add_validate(statements)
add_access_commands(cli, services)
add_tenant_commands(cli, statements, services)
add_activity_commands(cli, services)
add_commands(cli, services, bar, requirements_dir)


def main() -> None:
    """Run the program: 0 done, 1 failed, 2 wrong use; errors on standard error.

    130 and 143 where SIGINT and SIGTERM ended it.
    """
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort as error:
        end_interrupted(error.__cause__)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LrsError as error:
        _fail(error)
    except PyMongoError as error:
        _fail(as_problem(error))
    except KeyboardInterrupt as error:
        end_interrupted(error)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _fail(SetupError(f"{error.strerror or type(error).__name__}{where}."))


def _fail(error: LrsError) -> None:
    click.echo(f"Error: {error.message}", err=True)
    for violation in error.violations[:20]:
        click.echo(f"  {violation.path}: {violation.message}", err=True)
    sys.exit(1)
