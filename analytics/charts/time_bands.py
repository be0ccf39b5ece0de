"""What is late by how many days, and what runs out when: bars over bands and weeks.

Rows of the reports ``overdue_ageing`` and ``expiry_calendar`` in, Figures out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from analytics.charts.layout import framed
from analytics.charts.palette import INK, PAPER, STATUSES

Row = Mapping[str, object]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEW_TO_MANY = [[0, "#e3f0ea"], [1, "#7cc7a6"]]


def ageing_bars(rows: Sequence[Row]) -> go.Figure:
    """Return bars of pairs by band of days, overdue and expired on each other."""
    bands = [str(row["age_band"]) for row in rows]
    figure = go.Figure()
    for status in STATUSES:
        if status.column not in ("overdue", "expired"):
            continue
        counts = [row[status.column] for row in rows]
        figure.add_trace(
            go.Bar(
                name=status.label,
                x=bands,
                y=counts,
                text=[str(count) if count else "" for count in counts],
                textangle=0,
                marker={"color": status.fill, "line": {"color": PAPER, "width": 1}},
                textfont={"color": status.ink},
                hovertemplate=f"{status.label}, %{{x}} days: %{{y}}<extra></extra>",
            )
        )
    framed(figure, 320, barmode="stack", bargap=0.3)
    figure.update_xaxes(type="category", title_text="Days overdue")
    figure.update_yaxes(title_text="Pairs", rangemode="tozero")
    return figure


def expiry_calendar(rows: Sequence[Row]) -> go.Figure:
    """Return a calendar: a column for each week, a cell for each day with a count."""
    counts = {row["expires_at"]: row["pairs"] for row in rows}
    days = sorted(day for day in counts if isinstance(day, date))
    weeks: list[date] = []
    if days:
        first = days[0] - timedelta(days=days[0].weekday())
        number = (days[-1] - first).days // 7 + 1
        weeks = [first + timedelta(weeks=at) for at in range(number)]
    grid = [[week + timedelta(days=at) for week in weeks] for at in range(7)]
    figure = go.Figure(
        go.Heatmap(
            x=[week.isoformat() for week in weeks],
            y=list(_DAYS),
            z=[[counts.get(day) for day in line] for line in grid],
            text=[[_said(day, counts) for day in line] for line in grid],
            texttemplate="%{z}",
            textfont={"color": INK},
            hovertemplate="%{text}<extra></extra>",
            hoverongaps=False,
            colorscale=_FEW_TO_MANY,
            zmin=0,
            xgap=3,
            ygap=3,
            showscale=False,
        )
    )
    framed(figure, 320)
    figure.update_xaxes(
        type="category",
        showgrid=False,
        title_text="Week that begins on",
        tickmode="array",
        tickvals=[week.isoformat() for week in weeks],
        ticktext=[f"{week.day} {week:%b}" for week in weeks],
    )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def _said(day: date, counts: Mapping[object, object]) -> str:
    return f"{day.isoformat()}: {counts[day]} run out" if day in counts else ""
