"""``lrs workforce anonymize``: people made anonymous, and the record of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analytics.workforce.telling import console
from lrs.access import DEFAULT_TENANT, tenant_name

if TYPE_CHECKING:
    from analytics.reports.retention.held import Held
    from analytics.workforce.anonymity.anonymizing import Removed

Open = Callable[[], AbstractContextManager[Any]]  # yields lrs.services.Services
Bar = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
_WAIT = 45  # seconds for a pass of the enrichment to end, or its lease
_SHOWN = 5  # of what holds people back
_WIDTH = 200  # characters, where the output is no terminal
UNTOUCHED = (
    "the Statements and Documents of the LRS (the record: their actors stay as sent)",
    "files that HR delivered, in the landing folders and taken/",
    "exports and reports that were handed out, and logs",
    "backups, and what MongoDB itself keeps of former states until it writes over them "
    "(oplog, journal)",
    "accounts for the manager's pages, and what singles out somebody by their history "
    "(a unit of one)",
)


def add_anonymize(group: click.Group, services: Open, bar: Bar) -> None:
    """Add ``anonymize`` to ``lrs workforce``."""

    @group.command(
        epilog="Example: lrs workforce anonymize E17 --by dpo@example.com --reason "
        "'Retention period is over'"
    )
    @click.argument("employee_id", nargs=-1)
    @click.option("--by", help="Who decides; it is kept.")
    @click.option("--reason", help="Why; it is kept, so name nobody in it.")
    @click.option(
        "--file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A file with one employee_id a line.",
    )
    @click.option("--employed", is_flag=True, help="Also where an employment is open.")
    @click.option(
        "--force", is_flag=True, help="Also where a requirement's retention holds them."
    )
    @click.option(
        "--dry-run", is_flag=True, help="Say what would change; change nothing."
    )
    @click.option("--list", "listed", is_flag=True, help="List who was made anonymous.")
    @click.option(
        "--format",
        "wanted",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="Of the list.",
    )
    @click.option(
        "--tenant", default=DEFAULT_TENANT, show_default=True, help="Whose data it is."
    )
    def anonymize(
        employee_id: tuple[str, ...],
        by: str | None,
        reason: str | None,
        file: Path | None,
        wanted: str,
        tenant: str,
        *,
        employed: bool,
        force: bool,
        dry_run: bool,
        listed: bool,
    ) -> None:
        """Make people anonymous, for good: counts stay, names and numbers go.

        The person becomes a random surrogate everywhere in the workforce data and the
        lake. It cannot be undone. Killed in the middle, the same command completes it.
        """
        from analytics.identity.decisions import Signed

        tenant = tenant_name(tenant)
        if listed:
            if employee_id or file:
                raise click.UsageError("--list is asked for without employee_ids.")
            with services() as found:
                _list(found.analytics().decisions.veils.record(tenant), wanted)
            return
        ids = [*employee_id, *(_read(file) if file else ())]
        if not ids:
            raise click.UsageError("Say whom: EMPLOYEE_ID, or --file.")
        if dry_run:
            with services() as found:
                act = found.analytics().anonymizing
                for one in _held(found, tenant, ids):
                    console.print(f"Warning: {one.told()}; --force would be needed.")
                _tell(act.preview(tenant, ids, employed=employed), dry_run=True)
            return
        if by is None or reason is None:
            raise click.UsageError("--by and --reason are needed: they are kept.")
        signed = Signed(by, reason)
        with services() as found:
            _hold_back(found, tenant, ids, force=force)
        with (
            services() as found,
            bar("Making anonymous", None),
            # No pass of the worker reads what is half changed.
            found.leases.hold(f"enrichment/{tenant}", wait=_WAIT) as lost,
        ):
            parts = found.analytics()
            act = parts.anonymizing
            removed = act.remove(tenant, ids, signed, employed=employed)
            if removed.people:
                parts.enrichment.forget(tenant, lost=lost)
                parts.decisions.veils.finish(tenant, removed.people)
        _tell(removed, dry_run=False)


def _hold_back(found: Any, tenant: str, ids: list[str], *, force: bool) -> None:
    """Raise Conflict for people whose training must still be kept; warn by force."""
    from lrs.errors import Conflict

    held = _held(found, tenant, ids)
    lines = [one.told() for one in held]
    if lines and not force:
        more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        raise Conflict(
            f"Retention is not over: {'; '.join(lines[:_SHOWN])}{more}. Nothing was "
            "changed. Where they are to be made anonymous all the same, say --force: "
            "then nobody can tell any more whose training it was."
        )
    for code in sorted({one.requirement for one in held}):  # and nobody's number
        console.print(f"Warning: the retention of {code} is not over.")


def _held(found: Any, tenant: str, ids: list[str]) -> list[Held]:
    from analytics.reports.retention.held import held

    return held(found.analytics().reports, tenant, ids)


def _read(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise click.BadParameter(f"{file.name} is not text in UTF-8.") from None
    return [line.strip() for line in lines if line.strip()]


def _tell(removed: Removed, *, dry_run: bool) -> None:
    if removed.already:
        console.print(f"{_people(removed.already)} made anonymous already.")
    if not removed.people:
        console.print("Nothing was changed.")
        return
    verb = "would be" if dry_run else "were" if len(removed.people) > 1 else "was"
    numbers = len(removed.people)
    console.print(
        f"{numbers} employee number{'s' if numbers > 1 else ''} {verb} made anonymous"
        + (f" ({removed.others} of them by merges)" if removed.others else "")
        + (f"; {removed.resumed} had been broken off" if removed.resumed else "")
        + "."
    )
    for what, number in removed.counts.items():
        console.print(f"  {number} {what}")
    for run, record, what in removed.told:
        place = f"record {record}" if record else "its own record"
        console.print(f"  run {run[:12]}, {place}: {what}", markup=False)
    for source in removed.unread:
        console.print(
            f"No mapping of the source {source or 'without a name'} is in LRS_HRIS_DIR:"
            " what it set aside was compared by whole cells and by their digits alone.",
            markup=False,
        )
    console.print("The lake " + ("would be" if dry_run else "was") + " made anew.")
    console.print("Not touched:")
    for what in UNTOUCHED:
        console.print(f"  - {what}")


def _people(number: int) -> str:
    return "1 person was" if number == 1 else f"{number} people were"


def _list(record: list[Any], wanted: str) -> None:
    if wanted == "json":
        rows = [{name: getattr(it, name) for name in it.__slots__} for it in record]
        sys.stdout.buffer.write(
            orjson.dumps(rows, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC) + b"\n"
        )
        return
    table = Table("surrogate", "when", "by", "reason", "state", header_style="bold")
    for it in record:
        state = "done" if it.ended else "broken off: give its command again"
        cells = (it.surrogate, f"{it.began:%Y-%m-%d %H:%M}", it.by, it.reason, state)
        table.add_row(*map(Text, cells))
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)
