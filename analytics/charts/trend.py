"""Rates from month to month, and where a reorganisation changed who is counted.

Rows of the report ``compliance_trend`` in, a Figure out: the strict rate with its 95 %
interval as a band, the due-based and the on-time rate, and a dotted line at each
reorganisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

import plotly.graph_objects as go

from analytics.charts.layout import framed
from analytics.charts.palette import COMPARISON, INK, PAPER, TRAINED

Row = Mapping[str, object]
_BAND = "rgba(10, 92, 158, 0.14)"


def trend(rows: Sequence[Row]) -> go.Figure:
    """Return the figure; a month without a rate is a gap."""
    days = [_day(row) for row in rows]
    lows, highs = ([row[name] for row in rows] for name in ("rate_low", "rate_high"))
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure = go.Figure(
        [
            go.Scatter(x=days, y=highs, showlegend=False, **edge),
            go.Scatter(
                name="95 % interval",
                x=days,
                y=lows,
                fill="tonexty",
                fillcolor=_BAND,
                **edge,
            ),
            _line("Strict rate", TRAINED, "circle", "solid", "strict_rate", rows),
            _line("Due-based rate", COMPARISON, "diamond", "dash", "due_rate", rows),
            _line("On-time rate", INK, "square", "dot", "on_time_rate", rows),
        ]
    )
    framed(figure, 420, hovermode="x unified")
    figure.update_xaxes(type="date")
    figure.update_yaxes(range=[0, 1.04], tickformat=".0%")
    for row in rows:
        if row.get("reorganised"):
            _mark(figure, row)
    return figure


def _line(
    name: str, color: str, symbol: str, dash: str, column: str, rows: Sequence[Row]
) -> go.Scatter:
    return go.Scatter(
        name=name,
        mode="lines+markers",
        x=[_day(row) for row in rows],
        y=[row[column] for row in rows],
        line={"color": color, "width": 2.5, "dash": dash},
        marker={"color": color, "symbol": symbol, "size": 8},
        connectgaps=False,
        hovertemplate="%{y:.1%}",
    )


def _day(row: Row) -> str:
    day = row["as_of"]
    return day.isoformat() if isinstance(day, date) else str(day)


def _mark(figure: go.Figure, row: Row) -> None:
    at = _day(row)
    line = {"color": INK, "width": 1.5, "dash": "dot"}
    figure.add_shape(
        type="line", xref="x", yref="y domain", x0=at, x1=at, y0=0, y1=1, line=line
    )
    figure.add_annotation(
        x=at,
        y=0,
        xref="x",
        yref="y domain",
        text="Reorganised",
        hovertext=escape(str(row["reorganised"])),
        showarrow=False,
        textangle=-90,
        xanchor="right",
        yanchor="bottom",
        bgcolor=PAPER,
    )
