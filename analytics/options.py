"""Options: what the commands of analytics share on the command line.

Each is named, meant and explained alike wherever it stands.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from lrs.access import DEFAULT_TENANT

Open = Callable[[], AbstractContextManager[Any]]  # yields lrs.services.Services
Bar = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
Command = TypeVar("Command", bound=Callable[..., object])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
a_file = click.argument("file", type=FILE)
of_tenant = click.option(
    "--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data it is."
)
accepting = click.option(
    "--accept",
    is_flag=True,
    help="Let this one through although a valve would stop it (many leavers, empty "
    "columns).",
)


def day(_context: object, _option: object, text: str | None) -> date | None:
    """Read a day; raises BadParameter."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("a day looks like 2026-03-31.") from None


def time(_context: object, _option: object, text: str | None) -> datetime | None:
    """Read a time, UTC where it names no zone; raises BadParameter."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("a time looks like 2026-03-31T12:00:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


known_at = click.option(
    "--known-at",
    metavar="TIME",
    callback=time,
    help="Only what was recorded by then; a day alone means its beginning in UTC.",
)


def a_day(name: str, meaning: str) -> Callable[[Command], Command]:
    """Return an option that is a day."""
    return click.option(name, metavar="DATE", callback=day, help=meaning)


def by_whom(meaning: str) -> Callable[[Command], Command]:
    """Return the option that says who does it; usually who runs the command."""
    return click.option(
        "--by", default=_user, show_default="who runs the command", help=meaning
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def by_mapping(meaning: str) -> Callable[[Command], Command]:
    """Return the option that names a mapping's file."""
    return click.option("--mapping", type=FILE, help=meaning)


def in_format(*formats: str) -> Callable[[Command], Command]:
    """Return the option for one of these formats (``wanted``); table is usual."""
    choice: Sequence[str] = formats
    return click.option(
        "--format",
        "wanted",
        type=click.Choice(choice),
        default="table",
        show_default=True,
    )
