"""How units stand: one stacked bar a unit, one colour a status.

Rows of the report ``compliance_by_unit`` in, a Figure out. ``customdata`` of every
segment is its unit_id, so that a click can go down to that unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap

import plotly.graph_objects as go

from analytics.charts.palette import FONT, GRID, INK, PAPER, STATUSES, Status

_ROW_HEIGHT = 44  # pixels
_AROUND = 130  # pixels: legend above, axis below
_LABEL_WIDTH = 20  # characters a line


def compliance_by_unit(rows: Sequence[Mapping[str, object]]) -> go.Figure:
    """Return the figure; a bar for each row, from the top in the order given.

    Each row has unit_id, unit_name, pairs and a count for each status in lower
    case, in pairs of person and requirement; a missing count is 0. Bars are drawn to
    the unit's whole, the counts are their text. A status that nobody has keeps its
    trace and leaves the legend.
    """
    units = [str(row["unit_id"]) for row in rows]
    figure = go.Figure([_trace(status, rows, units) for status in STATUSES])
    figure.update_layout(
        template=None,
        barmode="stack",
        barnorm="percent",  # so that a small unit can be read, and hit, like a large
        bargap=0.32,
        height=_AROUND + _ROW_HEIGHT * max(1, len(rows)),
        margin={"l": 8, "r": 12, "t": 8, "b": 44},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"family": FONT, "size": 13, "color": INK},
        legend={
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
        },
        uniformtext={"minsize": 10, "mode": "hide"},
        hoverlabel={"bgcolor": PAPER, "font": {"color": INK}},
        dragmode=False,
    )
    figure.update_xaxes(
        title={"text": "Share of pairs", "font": {"size": 13}},
        ticksuffix="\N{NO-BREAK SPACE}%",
        gridcolor=GRID,
        zeroline=False,
        fixedrange=True,
        range=[0, 100],
    )
    figure.update_yaxes(
        type="category",  # by id: two units may share a name, ids may look like numbers
        categoryorder="array",
        categoryarray=units,
        autorange="reversed",
        tickmode="array",
        tickvals=units,
        ticktext=[_label(row) for row in rows],
        ticks="",
        ticklabelstandoff=6,  # pixels
        automargin=True,
        fixedrange=True,
    )
    return figure


def _trace(
    status: Status, rows: Sequence[Mapping[str, object]], units: list[str]
) -> go.Bar:
    counts = [_count(row, status.column) for row in rows]
    return go.Bar(
        name=status.label,
        orientation="h",
        x=counts,
        y=units,
        customdata=units,
        marker={"color": status.fill, "line": {"color": PAPER, "width": 1}},
        text=[str(count) if count else "" for count in counts],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": status.ink},
        hovertext=[
            _hover(row, status, count) for row, count in zip(rows, counts, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=any(counts),
    )


def _count(row: Mapping[str, object], column: str) -> int:
    value = row.get(column)
    return int(value) if isinstance(value, (int, float)) else 0


def _hover(row: Mapping[str, object], status: Status, count: int) -> str:
    pairs = _pairs(row)
    share = f" ({count / pairs:.1%})" if pairs else ""
    name = escape(str(row.get("unit_name") or row["unit_id"]))
    return f"{name}<br>{status.label}: {count} of {pairs}{share}"


def _label(row: Mapping[str, object]) -> str:
    """Return the unit's name on two short lines and its pairs, markup made harmless."""
    lines = wrap(str(row.get("unit_name") or row["unit_id"]), _LABEL_WIDTH)
    if len(lines) > 2:
        lines = [lines[0], lines[1][: _LABEL_WIDTH - 1] + "…"]
    lines[-1] += f" · {_pairs(row)}"
    return "<br>".join(escape(line) for line in lines)


def _pairs(row: Mapping[str, object]) -> int:
    return _count(row, "pairs") or sum(_count(row, s.column) for s in STATUSES)
