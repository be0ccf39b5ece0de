"""Units by requirements: a cell's colour and text are the strict rate.

Rows of the report ``unit_requirement_matrix`` in, a Figure out: the unit asked for and
those right below it. ``customdata`` of a cell is its unit_id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from analytics.charts.layout import framed
from analytics.charts.palette import INK

Row = Mapping[str, object]
_ROW_HEIGHT = 34  # pixels
# From much to do to all done: apart for people who see no red or no green, and all so
# light that our ink reads on each.
_COLOURS = [[0, "#f0a080"], [0.5, "#faf0dc"], [1, "#7cc7a6"]]
_LONGEST = 24  # characters of a unit's name


def heat_map(rows: Sequence[Row]) -> go.Figure:
    """Return the figure; a cell where nothing applies, or all is exempt, is empty."""
    shown = [row for row in rows if row["level"] in (0, 1)]
    units = list(dict.fromkeys(str(row["unit_id"]) for row in shown))
    codes = sorted({str(row["requirement"]) for row in shown})
    cells = {(str(row["unit_id"]), str(row["requirement"])): row for row in shown}
    names = {str(row["unit_id"]): str(row["unit_name"]) for row in shown}
    found = [[cells.get((unit, code)) for code in codes] for unit in units]
    rates = [[row["strict_rate"] if row else None for row in line] for line in found]
    figure = go.Figure(
        go.Heatmap(
            x=codes,
            y=units,
            z=rates,
            zmin=0,
            zmax=1,
            colorscale=_COLOURS,
            xgap=2,
            ygap=2,
            customdata=[[unit for _ in codes] for unit in units],
            text=[[_percent(rate) for rate in line] for line in rates],
            texttemplate="%{text}",
            textfont={"color": INK},
            hovertext=[[_hover(row) for row in line] for line in found],
            hovertemplate="%{hovertext}<extra></extra>",
            hoverongaps=False,
            colorbar={
                "title": {"text": "Strict rate"},
                "tickformat": ".0%",
                "thickness": 12,
            },
        )
    )
    framed(figure, 130 + _ROW_HEIGHT * max(1, len(units)))
    figure.update_xaxes(type="category", side="top", showgrid=False)
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=units,
        ticktext=[_short(names[unit]) for unit in units],
    )
    return figure


def _percent(rate: object) -> str:
    return f"{100 * rate:.0f}\N{NO-BREAK SPACE}%" if isinstance(rate, float) else ""


def _short(name: str) -> str:
    return escape(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")


def _hover(row: Row | None) -> str:
    if row is None:
        return ""
    return (
        f"{escape(str(row['unit_name']))}, {escape(str(row['requirement']))}"
        f"<br>{row['compliant_or_expiring']} of {row['people']} people compliant; "
        f"{row['overdue_or_expired']} overdue or expired"
    )
