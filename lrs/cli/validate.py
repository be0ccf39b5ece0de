"""``lrs statements validate``: what is wrong in a file of Statements; no database.

A composition module. Findings go to standard output as they are found, so that a file
of any size can be looked at; the sums and the bar go to standard error.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
import orjson

from lrs.errors import BadRequest
from lrs.records import Record, split
from lrs.statement_files import STANDARD_INPUT, opened
from lrs.terminal import bar, console
from lrs.validation import Totals, Verdict, judge
from lrs.xapi.versions import Version

FORMATS = ("table", "json", "csv")
_STEP = 500  # records from one movement of the bar to the next


def add_validate(statements: click.Group) -> None:
    """Add the command to the group."""

    @statements.command(
        "validate", epilog="Example: lrs statements validate content.ndjson --cmi5"
    )
    @click.argument(
        "file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    )
    @click.option(
        "--xapi-version",
        type=click.Choice([item.value for item in Version]),
        help="By whose rules.  [default: each Statement's own version, or 1.0.3]",
    )
    @click.option("--cmi5", is_flag=True, help="By the rules of cmi5 too.")
    @click.option(
        "--format",
        "wanted",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
    )
    def validate(file: Path, xapi_version: str | None, cmi5: bool, wanted: str) -> None:
        """Say what is wrong with the Statements of a file; nothing is stored.

        FILE is NDJSON, a JSON array or one Statement, plain or gzip; - is standard
        input. The exit status is 1 when a Statement is invalid.
        """
        version = Version(xapi_version) if xapi_version else None
        totals = Totals()
        with _read(file) as records:
            verdicts = _counted(judge(records, version=version, cmi5=cmi5), totals)
            _WRITERS[wanted](verdicts, totals, sys.stdout)
        _tell(totals)
        if not totals.statements:
            raise BadRequest(f"{file} holds no Statement.")
        if totals.invalid:
            raise click.ClickException(
                f"{totals.invalid} of {totals.statements} Statements are invalid."
            )


@contextmanager
def _read(file: Path) -> Iterator[Iterator[Record]]:
    """Open a file and yield its records, a bar showing how far they are."""
    piped = str(file) == STANDARD_INPUT
    size = None if piped else file.stat().st_size
    with (
        opened(file) as (stream, tell),
        bar("Validating Statements", size, sizes=not piped) as advance,
    ):

        def watched() -> Iterator[Record]:
            reached = at = 0
            try:
                for at, record in enumerate(split(stream), 1):
                    yield record
                    if at % _STEP == 0:
                        before, reached = reached, at if piped else tell()
                        advance(reached - before)
            finally:
                advance((at if size is None else size) - reached)

        yield watched()


def _counted(verdicts: Iterable[Verdict], totals: Totals) -> Iterator[Verdict]:
    for verdict in verdicts:
        totals.add(verdict)
        yield verdict


def _write_table(verdicts: Iterable[Verdict], _totals: Totals, out: TextIO) -> None:
    row = "{:>9}  {:<44}  {:<24}  {}\n"
    header = row.format("line", "path", "rule", "message")
    for verdict in verdicts:
        for item in verdict.violations:
            path = item.path or "(the Statement)"
            out.write(header + row.format(verdict.line, path, item.rule, item.message))
            header = ""


def _write_csv(verdicts: Iterable[Verdict], _totals: Totals, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["position", "line", "id", "version", "path", "rule", "message"])
    for verdict in verdicts:
        of = (verdict.position, verdict.line, verdict.statement_id, verdict.version)
        for item in verdict.violations:
            writer.writerow([*of, item.path, item.rule, item.message])


def _write_json(verdicts: Iterable[Verdict], totals: Totals, out: TextIO) -> None:
    """Write what the API answers; piece by piece, the sums at the end."""
    out.write('{"statements":[')
    comma = "\n"
    for verdict in verdicts:
        out.write(comma + orjson.dumps(verdict.as_dict()).decode())
        comma = ",\n"
    sums = {"totals": totals.as_dict(), "rules": totals.by_rule()}
    out.write(f"\n],{orjson.dumps(sums).decode()[1:]}\n")


_WRITERS = {"table": _write_table, "csv": _write_csv, "json": _write_json}


def _tell(totals: Totals) -> None:
    sums = totals.as_dict()
    console.print(
        f"{sums['statements']} Statements: {sums['valid']} valid, "
        f"{sums['invalid']} invalid."
    )
    for item in totals.by_rule():
        console.print(
            f"  {item['violations']} x {item['rule']} "
            f"in {item['statements']} Statements"
        )
