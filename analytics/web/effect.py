"""The effect of training: two groups around a roll-out, and the estimate in words.

Never a bare claim of cause: the estimate is an effect under the assumptions listed,
with its interval and its people. Means of fewer than ten people are not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template

from analytics.effects.estimate import Estimate
from analytics.web.figures import figure_block
from analytics.web.services import ReportResult
from analytics.web.tables import download
from analytics.web.visit import current

SMALL_CELL = 10  # people
Row = dict[str, object]


def add_effect(pages: Blueprint) -> None:
    """Add /effect and its CSV."""

    @pages.get("/effect")
    def effect() -> str:
        from analytics.charts.training_effect import training_effect  # plotly

        result = current().report("training_effect_by_month")
        rows = hide_small_cells(result.rows)
        estimate = _estimate(result.extra.get("estimate"))
        roll_out = result.extra.get("roll_out")
        outcome = str(result.extra.get("outcome") or "Mean value")
        chart = training_effect(
            rows,
            estimate=estimate,
            roll_out=roll_out if isinstance(roll_out, date) else None,
            outcome=outcome,
        )
        return render_template(
            "pages/effect.html",
            months=_by_month(rows),
            estimate=estimate,
            refusal=result.extra.get("refusal"),
            roll_out=roll_out,
            outcome=outcome,
            measure=str(result.extra.get("unit") or ""),
            small=SMALL_CELL,
            chart=figure_block(chart),
        )

    @pages.get("/effect.csv")
    def effect_csv() -> Response:
        result: ReportResult = current().report("training_effect_by_month")
        rows = hide_small_cells(result.rows)
        return download(result.columns, rows, "training-effect", current().day)


def hide_small_cells(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, the mean and the count of under ten people left out."""
    return [
        {**row, "people": None, "mean_value": None}
        if not isinstance(count := row.get("people"), int) or count < SMALL_CELL
        else row
        for row in rows
    ]


def _by_month(rows: Sequence[Row]) -> dict[object, dict[str, Row]]:
    """Return the rows by month and arm, the months in order."""
    found: dict[object, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: str(row["month"])):
        found.setdefault(row["month"], {})[str(row["arm"])] = row
    return found


def _estimate(value: object) -> Estimate | None:
    """Return the estimate, given as one or as a mapping of its fields."""
    if isinstance(value, Estimate) or not isinstance(value, Mapping):
        return value if isinstance(value, Estimate) else None
    names = {item.name for item in fields(Estimate)} - {"group_means"}
    given: dict[str, Any] = {name: value[name] for name in names if name in value}
    return Estimate(**given)
