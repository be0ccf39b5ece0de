"""The chart of a roll-out: both groups, the mark, the estimate against zero."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from analytics.charts.training_effect import training_effect


@dataclass
class AnEstimate:
    """An interval that leaves out zero."""

    estimate: float = 4.0
    ci_low: float = 1.0
    ci_high: float = 7.5


ROWS = [
    {"month": date(2026, month, 1), "arm": arm, "people": 40, "mean_value": value}
    for arm, value in (("comparison", 70.0), ("trained", 71.0))
    for month in (3, 1, 2)
]


def drawn(rows: list[dict] = ROWS, **more: object) -> dict:
    return json.loads(training_effect(rows, **more).to_json())  # type: ignore[arg-type]


def test_each_group_is_a_line_over_the_months_in_order() -> None:
    trained, comparison = drawn()["data"]
    assert (trained["name"], comparison["name"]) == ("Trained", "Comparison")
    assert trained["x"] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert trained["y"] == [71.0] * 3


def test_groups_differ_in_colour_shape_and_dash() -> None:
    trained, comparison = drawn()["data"]
    for part, name in (("line", "color"), ("line", "dash"), ("marker", "symbol")):
        assert trained[part][name] != comparison[part][name]


def test_a_hidden_month_is_a_gap() -> None:
    rows = [{**ROWS[0], "mean_value": None}, *ROWS[1:]]
    comparison = drawn(rows)["data"][1]
    assert comparison["y"] == [70.0, 70.0, None]
    assert comparison["connectgaps"] is False


def test_the_roll_out_is_marked_at_its_day() -> None:
    layout = drawn(roll_out=date(2026, 2, 1))["layout"]
    assert layout["shapes"][0]["x0"] == layout["shapes"][0]["x1"] == "2026-02-01"
    assert layout["annotations"][0]["text"] == "Roll-out"


def test_the_estimate_stands_with_its_whole_interval() -> None:
    point = drawn(estimate=AnEstimate())["data"][2]
    assert point["x"] == [4.0]
    assert point["error_x"]["array"] == [3.5]
    assert point["error_x"]["arrayminus"] == [3.0]


def test_zero_and_the_whole_interval_are_in_sight() -> None:
    low, high = drawn(estimate=AnEstimate())["layout"]["xaxis2"]["range"]
    assert low < 0
    assert high > 7.5


def test_the_effect_is_named_with_its_assumptions_never_as_a_bare_cause() -> None:
    title = drawn(estimate=AnEstimate())["layout"]["xaxis2"]["title"]["text"]
    assert "under the assumptions" in title


def test_without_an_estimate_no_second_panel_is_drawn() -> None:
    figure = drawn()
    assert len(figure["data"]) == 2
    assert "xaxis2" not in figure["layout"]
