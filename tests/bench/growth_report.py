"""What a growth run found, as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.growth import (
    LARGE,
    LEAST_FEED,
    MOST_GROWTH,
    SMALL,
    Cost,
    Found,
    Plan,
)
from tests.bench.report import machine


def growth(costs: Mapping[str, Cost]) -> float:
    """Return how many times as much a query costs in the large store."""
    return costs[LARGE].median / costs[SMALL].median


def all_met(found: Found) -> bool:
    """Tell whether every promise is kept."""
    kept = all(growth(found.costs[kind]) <= MOST_GROWTH for kind in found.promised)
    return kept and found.feed >= LEAST_FEED


def show(found: Found, out: Console) -> None:
    """Print the tables."""
    out.print(_queries(found))
    out.print(_over_http(found))
    out.print(_bytes(found))
    for name, rate in found.filled.items():
        out.print(f"Filled the {name} store: {rate:,.0f} Statements/s")
    met = "yes" if found.feed >= LEAST_FEED else "NO"
    out.print(
        f"Enrichment feed, all of the large store: {found.feed:,.0f} Statements/s "
        f"(target >= {LEAST_FEED:,}: {met})"
    )


def as_json(found: Found, plan: Plan) -> dict[str, Any]:
    """Return everything: the plan, the machine, each cost, the sizes."""
    return {
        "plan": asdict(plan),
        "machine": machine(),
        "queries": {
            kind: {
                "growth": growth(costs),
                "promised": kind in found.promised,
                **{name: asdict(cost) for name, cost in costs.items()},
            }
            for kind, costs in found.costs.items()
        },
        "over_http_seconds": found.over_http,
        "bytes_per_statement": found.sizes,
        "filled_per_second": found.filled,
        "feed_per_second": found.feed,
        "met": all_met(found),
    }


def _queries(found: Found) -> Table:
    sizes = {name: f"{found.sizes[name]['statements']:,}" for name in (SMALL, LARGE)}
    table = Table(
        title=f"Cost of a query, {sizes[SMALL]} and {sizes[LARGE]} Statements (median)",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("", no_wrap=True)
    for column in (
        "found",
        "small ms",
        "large ms",
        "ratio",
        "target",
        "met",
        "keys: small",
        "large",
        "docs: small",
        "large",
    ):
        table.add_column(column, justify="right")
    for kind, costs in found.costs.items():
        small, large = costs[SMALL], costs[LARGE]
        ratio, promised = growth(costs), kind in found.promised
        given = f"{sum(large.found) / len(large.found):.0f}"
        table.add_row(
            kind,
            given,
            f"{small.median * 1e3:.2f}",
            f"{large.median * 1e3:.2f}",
            f"{ratio:.2f}",
            f"<= {MOST_GROWTH}" if promised else "",
            ("yes" if ratio <= MOST_GROWTH else "NO") if promised else "",
            f"{small.keys:,.0f}",
            f"{large.keys:,.0f}",
            f"{small.documents:,.0f}",
            f"{large.documents:,.0f}",
        )
    return table


def _over_http(found: Found) -> Table:
    table = Table(
        title="Through HTTP, one connection (median)",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("", no_wrap=True)
    for column in ("small ms", "large ms", "large/small"):
        table.add_column(column, justify="right")
    for kind, seconds in found.over_http.items():
        small, large = seconds[SMALL] * 1e3, seconds[LARGE] * 1e3
        table.add_row(kind, f"{small:.2f}", f"{large:.2f}", f"{large / small:.2f}")
    return table


def _bytes(found: Found) -> Table:
    table = Table(
        title="Bytes per Statement", title_justify="left", box=box.SIMPLE_HEAD
    )
    table.add_column("", no_wrap=True)
    for name in (SMALL, LARGE):
        table.add_column(name, justify="right")
    rows = {
        "document, as it is read": "document",
        "document, on disk": "document_on_disk",
        "documents and indexes, on disk": "all_on_disk",
    }
    for title, key in rows.items():
        table.add_row(title, *(f"{found.sizes[at][key]:.0f}" for at in (SMALL, LARGE)))
    for index in found.sizes[LARGE]["indexes"]:
        figures = (found.sizes[at]["indexes"].get(index, 0) for at in (SMALL, LARGE))
        table.add_row(f"index {index}", *(f"{size:.1f}" for size in figures))
    totals = (sum(found.sizes[at]["indexes"].values()) for at in (SMALL, LARGE))
    table.add_row("all indexes", *(f"{size:.1f}" for size in totals))
    return table
