"""Managers in the order of their people's strict rate, each with its interval.

Rows of the report ``compliance_by_manager`` in, a Figure out: a point for the direct
reports with its 95 % interval, another for everybody below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from analytics.charts.layout import framed
from analytics.charts.palette import COMPARISON, TRAINED

Row = Mapping[str, object]
_MOST = 30
_ROW_HEIGHT = 28  # pixels


def ranked_managers(rows: Sequence[Row]) -> go.Figure:
    """Return the figure of the first rows that have a rate, in their order."""
    shown = [row for row in rows if row.get("strict_rate") is not None][:_MOST]
    ids = [str(row["manager_id"] or "nobody") for row in shown]
    figure = go.Figure(
        [
            go.Scatter(
                name="Direct reports, 95 % interval",
                mode="markers",
                x=[row["strict_rate"] for row in shown],
                y=ids,
                marker={"color": TRAINED, "size": 10},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [_less(row, "rate_high", "strict_rate") for row in shown],
                    "arrayminus": [
                        _less(row, "strict_rate", "rate_low") for row in shown
                    ],
                    "color": TRAINED,
                    "thickness": 1.5,
                },
                hovertext=[_hover(row) for row in shown],
                hovertemplate="%{hovertext}<extra></extra>",
            ),
            go.Scatter(
                name="Everybody below",
                mode="markers",
                x=[_of_more(row) for row in shown],
                y=ids,
                marker={"color": COMPARISON, "size": 9, "symbol": "diamond-open"},
                hovertemplate="Everybody below: %{x:.1%}<extra></extra>",
            ),
        ]
    )
    framed(figure, 130 + _ROW_HEIGHT * max(1, len(shown)))
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        tickmode="array",
        tickvals=ids,
        ticktext=[escape(_name(row)) for row in shown],
    )
    return figure


def _of_more(row: Row) -> object:
    """Return the rate of everybody below, where these are more than the reports."""
    more = row.get("people_below") != row.get("people")
    return row.get("strict_rate_below") if more else None


def _less(row: Row, high: str, low: str) -> float:
    above, below = row.get(high), row.get(low)
    if not isinstance(above, (int, float)) or not isinstance(below, (int, float)):
        return 0.0
    return above - below


def _name(row: Row) -> str:
    if row["manager_id"] is None:
        return "No manager"
    return str(row.get("name") or row["manager_id"])


def _hover(row: Row) -> str:
    return (
        f"{escape(_name(row))}<br>{row['people']} people, {row['pairs']} pairs; "
        f"{row['overdue']} overdue, {row['expired']} expired"
    )
