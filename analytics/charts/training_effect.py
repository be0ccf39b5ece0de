"""What happened around a roll-out: two groups over months, and the estimate.

Rows of the report ``training_effect`` in, a Figure out: above, the mean of each
group a month, the roll-out marked; below, the estimate with its 95 % interval
against zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Protocol

import plotly.graph_objects as go

from analytics.charts.palette import COMPARISON, FONT, GRID, INK, PAPER, TRAINED

ARMS = (
    ("trained", "Trained", TRAINED, "circle", "solid"),
    ("comparison", "Comparison", COMPARISON, "diamond", "dash"),
)


class Interval(Protocol):
    """An estimate with its 95 % interval, in the outcome's unit."""

    @property
    def estimate(self) -> float:
        """Return the point estimate."""

    @property
    def ci_low(self) -> float:
        """Return the interval's lower end."""

    @property
    def ci_high(self) -> float:
        """Return the interval's upper end."""


def training_effect(
    rows: Sequence[Mapping[str, object]],
    *,
    estimate: Interval | None = None,
    roll_out: date | None = None,
    outcome: str = "Mean value",
) -> go.Figure:
    """Return the figure.

    Each row has month (a date), arm (trained or comparison), people and mean_value
    (None: a gap in the line). Without an ``estimate`` the lower panel is left out.
    """
    figure = go.Figure([_line(rows, *arm) for arm in ARMS])
    figure.update_layout(
        template=None,
        height=460 if estimate else 360,
        margin={"l": 8, "r": 12, "t": 40, "b": 8},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"family": FONT, "size": 13, "color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hoverlabel={"bgcolor": PAPER, "font": {"color": INK}},
        dragmode=False,
        xaxis={
            "type": "date",
            "gridcolor": GRID,
            "fixedrange": True,
            "automargin": True,
        },
        yaxis={
            "title": {"text": escape(outcome), "font": {"size": 13}},
            "gridcolor": GRID,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
            "domain": [0.34, 1] if estimate else [0, 1],
        },
    )
    if roll_out is not None:
        _mark(figure, roll_out)
    if estimate is not None:
        _add_estimate(figure, estimate)
    return figure


def _line(
    rows: Sequence[Mapping[str, object]],
    arm: str,
    name: str,
    color: str,
    symbol: str,
    dash: str,
) -> go.Scatter:
    mine = sorted((row for row in rows if row["arm"] == arm), key=_month)
    return go.Scatter(
        name=name,
        mode="lines+markers",
        x=[_month(row) for row in mine],
        y=[row.get("mean_value") for row in mine],
        customdata=[row.get("people") for row in mine],
        line={"color": color, "width": 2.5, "dash": dash},
        marker={"color": color, "symbol": symbol, "size": 8},
        connectgaps=False,
        hovertemplate=(
            f"{name}<br>%{{x|%B %Y}}: %{{y:.2f}}"
            "<br>%{customdata} people<extra></extra>"
        ),
    )


def _month(row: Mapping[str, object]) -> str:
    """Return the row's month as plotly takes it: an ISO date."""
    month = row["month"]
    return month.isoformat()[:10] if isinstance(month, date) else str(month)


def _mark(figure: go.Figure, roll_out: date) -> None:
    at = roll_out.isoformat()
    line = {"color": INK, "width": 1.5, "dash": "dot"}
    figure.add_shape(
        type="line", xref="x", yref="y domain", x0=at, x1=at, y0=0, y1=1, line=line
    )
    figure.add_annotation(
        x=at,
        y=1,
        xref="x",
        yref="y domain",
        text="Roll-out",
        showarrow=False,
        xanchor="left",
        yanchor="top",
        xshift=5,
        bgcolor=PAPER,
    )


def _add_estimate(figure: go.Figure, estimate: Interval) -> None:
    point = estimate.estimate
    low, high = min(0.0, estimate.ci_low), max(0.0, estimate.ci_high)
    room = 0.06 * (high - low)
    figure.add_trace(
        go.Scatter(
            name="Estimate with 95 % interval",
            x=[point],
            y=["estimate"],
            xaxis="x2",
            yaxis="y2",
            mode="markers",
            marker={"color": INK, "size": 12, "symbol": "square"},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [estimate.ci_high - point],
                "arrayminus": [point - estimate.ci_low],
                "color": INK,
                "thickness": 2.5,
                "width": 8,
            },
            showlegend=False,
            hovertemplate=(
                f"{point:+.2f}<br>95 % interval {estimate.ci_low:+.2f} to "
                f"{estimate.ci_high:+.2f}<extra></extra>"
            ),
        )
    )
    figure.update_layout(
        xaxis2={
            "anchor": "y2",
            "title": {
                "text": "Effect under the assumptions named,<br>95 % interval",
                "font": {"size": 13},
            },
            "range": [low - room, high + room],
            "zeroline": True,
            "zerolinecolor": INK,
            "zerolinewidth": 1.5,
            "gridcolor": GRID,
            "fixedrange": True,
            "automargin": True,
        },
        yaxis2={
            "anchor": "x2",
            "domain": [0, 0.13],
            "type": "category",
            "showticklabels": False,
            "showgrid": False,
            "ticks": "",
            "fixedrange": True,
        },
    )
