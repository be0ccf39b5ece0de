"""What the charts of reports share: their frame, without a template of plotly's."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from analytics.charts.palette import FONT, GRID, INK, PAPER


def framed(figure: go.Figure, height: int, **more: Any) -> go.Figure:
    """Return the figure with our colours and nothing to drag; ``height`` in pixels."""
    figure.update_layout(
        template=None,
        height=height,
        margin={"l": 8, "r": 12, "t": 30, "b": 40},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"family": FONT, "size": 13, "color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hoverlabel={"bgcolor": PAPER, "font": {"color": INK}},
        dragmode=False,
        **more,
    )
    titles = {"font": {"size": 13}}
    axis = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "title": titles}
    figure.update_xaxes(**axis, automargin=True)
    figure.update_yaxes(**axis, automargin=True)
    return figure
