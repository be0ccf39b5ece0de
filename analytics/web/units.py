"""Units: how one stands, its children, and who is overdue in it.

The bar of people directly in a unit is the unit less its children: a person is in
one unit, so the pairs add up. The rates are the report's and never recomputed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from analytics.charts.palette import STATUSES
from analytics.web.figures import figure_block, links_block
from analytics.web.services import ReportResult
from analytics.web.tables import download
from analytics.web.visit import current, link

_COUNTS = ("people", "pairs", *(status.column for status in STATUSES))
Row = dict[str, object]


def add_units(pages: Blueprint) -> None:
    """Add /, /units/<unit_id>, its overdue people, and both as CSV."""

    @pages.get("/")
    def home() -> AnyResponse:
        return redirect(link("unit", unit_id=current().account.unit), 303)

    @pages.get("/units/<unit_id>")
    def unit(unit_id: str) -> str:
        from analytics.charts.compliance_by_unit import compliance_by_unit  # plotly

        result = current().rows("compliance_by_unit", unit=unit_id)
        top, children = _levels(result)
        rest = _directly_in(top, children)
        bars = [*children, rest] if rest else (children or [top])
        return render_template(
            "pages/unit.html",
            unit=top,
            path=path_to(result),
            bars=bars,
            links=_links(bars, top),
            chart=figure_block(compliance_by_unit(bars)),
            chart_links=links_block(_links(bars, top)),
        )

    @pages.get("/units/<unit_id>.csv")
    def unit_csv(unit_id: str) -> Response:
        result = current().rows("compliance_by_unit", unit=unit_id)
        return download(result.columns, result.rows, "unit", unit_id, current().day)

    @pages.get("/units/<unit_id>/overdue")
    def overdue(unit_id: str) -> str:
        units = current().rows("compliance_by_unit", unit=unit_id)
        result = current().report("overdue_people", unit=unit_id)
        return render_template(
            "pages/overdue.html",
            unit=_levels(units)[0],
            path=path_to(units),
            rows=result.rows,
        )

    @pages.get("/units/<unit_id>/overdue.csv")
    def overdue_csv(unit_id: str) -> Response:
        result = current().report("overdue_people", unit=unit_id)
        return download(result.columns, result.rows, "overdue", unit_id, current().day)


def path_to(result: ReportResult) -> list[Mapping[str, object]]:
    """Return the units from the account's own down to the one asked for.

    Where the report brings no path it is the account's unit and this one.
    """
    path = result.extra.get("path")
    if isinstance(path, Sequence) and path:
        return list(path)
    top = _levels(result)[0]
    own = current().account.unit
    if top["unit_id"] == own:
        return [top]
    return [{"unit_id": own, "unit_name": "My area"}, top]


def _levels(result: ReportResult) -> tuple[Row, list[Row]]:
    """Return the row of the unit itself and those of its children."""
    top = next((row for row in result.rows if row["level"] == 0), result.rows[0])
    return top, [row for row in result.rows if row["level"] == 1]


def _directly_in(top: Row, children: Sequence[Row]) -> Row | None:
    """Return a row for the people of the unit who are in none of its children."""
    if not children:
        return None
    rest: Row = {
        name: _count(top, name) - sum(_count(child, name) for child in children)
        for name in _COUNTS
    }
    if _count(rest, "pairs") <= 0:
        return None
    name = top.get("unit_name") or top["unit_id"]
    return {
        **rest,
        "unit_id": top["unit_id"],
        "unit_name": f"Directly in {name}",
        "has_children": False,
    }


def _links(rows: Sequence[Row], top: Row) -> dict[str, str]:
    """Return where each bar leads: to the unit, or to the people of a last one."""
    return {
        str(row["unit_id"]): link(
            "unit"
            if row.get("has_children") and row["unit_id"] != top["unit_id"]
            else "people",
            unit_id=row["unit_id"],
        )
        for row in rows
    }


def _count(row: Mapping[str, object], name: str) -> int:
    value = row.get(name)
    return int(value) if isinstance(value, (int, float)) else 0
