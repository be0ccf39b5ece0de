"""What the benchmark of reports found, as a table for people and JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.report import machine
from tests.bench.reports import Found, lines


def show(found: Found, out: Console) -> None:
    """Print the table."""
    size = found.size
    table = Table(
        title=f"{size.people:,} people, {size.requirements} requirements, "
        f"{size.facts:,} facts; floor: {found.floor.cpu * 1000:,.0f} ms of CPU",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("", no_wrap=True)
    for column in ("rows", "wall ms", "CPU ms", "floors", "grows MB"):
        table.add_column(column, justify="right")
    for what, cost, floors in lines(found):
        table.add_row(
            what,
            f"{cost.rows:,}",
            f"{cost.wall * 1000:,.0f}",
            f"{cost.cpu * 1000:,.0f}",
            f"{floors:,.1f}",
            f"{cost.growth / 1e6:,.0f}",
        )
    out.print(table)


def as_json(found: Found) -> dict[str, Any]:
    """Return everything, and the machine."""
    return {"machine": machine(), **asdict(found)}
