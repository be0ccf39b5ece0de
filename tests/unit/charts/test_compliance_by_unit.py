"""The stacked bars: what a click, a reader and a hostile name find in them."""

from __future__ import annotations

import json
import subprocess
import sys

from analytics.charts.compliance_by_unit import compliance_by_unit

ORDER = [
    "Compliant",
    "Expiring",
    "In grace",
    "In progress",
    "Not started",
    "Overdue",
    "Expired",
    "On leave",
    "Exempt",
]


def a_row(unit_id: str = "OPS", name: str = "Operations", **counts: int) -> dict:
    counts = counts or {"compliant": 30, "overdue": 10}
    return {
        "unit_id": unit_id,
        "unit_name": name,
        "pairs": sum(counts.values()),
        **counts,
    }


def drawn(*rows: dict) -> dict:
    return json.loads(compliance_by_unit(rows).to_json())


def test_statuses_stand_in_their_fixed_order_each_in_a_colour_of_its_own() -> None:
    traces = drawn(a_row())["data"]
    assert [trace["name"] for trace in traces] == ORDER
    assert len({trace["marker"]["color"] for trace in traces}) == len(ORDER)


def test_bars_are_horizontal_and_stacked_with_the_first_row_on_top() -> None:
    figure = drawn(a_row("B"), a_row("A"))
    assert {trace["orientation"] for trace in figure["data"]} == {"h"}
    assert figure["layout"]["barmode"] == "stack"
    assert figure["layout"]["yaxis"]["categoryarray"] == ["B", "A"]
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"


def test_counts_are_the_text_of_bars_drawn_to_the_units_whole() -> None:
    overdue = drawn(a_row(overdue=7), a_row("HR", compliant=2))["data"][5]
    assert drawn(a_row())["layout"]["barnorm"] == "percent"
    assert overdue["x"] == [7, 0]
    assert overdue["text"] == ["7", ""]


def test_customdata_is_the_unit_id_for_the_click() -> None:
    for trace in drawn(a_row("OPS"), a_row("HR"))["data"]:
        assert trace["customdata"] == ["OPS", "HR"]


def test_units_of_one_name_keep_a_bar_each() -> None:
    figure = drawn(a_row("A", "Sales"), a_row("B", "Sales"))
    assert figure["data"][0]["y"] == ["A", "B"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["Sales · 40", "Sales · 40"]


def test_a_long_name_is_cut_and_keeps_its_pairs() -> None:
    figure = drawn(a_row(name="Regional " * 9))
    (label,) = figure["layout"]["yaxis"]["ticktext"]
    assert label == "Regional Regional<br>Regional Regional… · 40"


def test_unit_ids_that_look_like_numbers_stay_categories() -> None:
    figure = drawn(a_row("0100"), a_row("2"))
    assert figure["layout"]["yaxis"]["type"] == "category"


def test_markup_in_a_name_is_made_harmless() -> None:
    figure = drawn(a_row(name='<a href="//x">y</a>'))
    assert "<a" not in json.dumps(figure)


def test_a_status_nobody_has_leaves_the_legend() -> None:
    shown = {trace["name"]: trace["showlegend"] for trace in drawn(a_row())["data"]}
    assert [name for name, seen in shown.items() if seen] == ["Compliant", "Overdue"]


def test_no_rows_make_an_empty_figure() -> None:
    assert drawn()["data"][0]["x"] == []


def test_charts_load_neither_numpy_nor_plotly_express() -> None:
    code = (
        "import sys; from analytics.charts import compliance_by_unit, training_effect;"
        "compliance_by_unit.compliance_by_unit([]).to_json();"
        "print([m for m in ('numpy', 'plotly.express') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
