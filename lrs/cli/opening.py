"""What every command shares: the services it opens, and whose data it works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click

from config import settings as configuration
from lrs import logs
from lrs.access import DEFAULT_TENANT
from lrs.services import Services, opened
from lrs.terminal import console

Open = Callable[[], AbstractContextManager[Services]]

tenant_option = click.option(
    "--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data it is."
)


@contextmanager
def services() -> Iterator[Services]:
    """Open the services for one command."""
    loaded = configuration.load()
    logs.configure(loaded.log_level)
    with opened(loaded, announce=say) as found:
        yield found


def requirements_dir() -> Path:
    """Return the folder of requirements; opens nothing."""
    return configuration.load().requirements_dir


def say(message: str) -> None:
    """Tell the one at the terminal what is going on."""
    console.print(message, style="dim")
