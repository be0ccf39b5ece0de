"""The charts of reports: every row is in, gaps stay gaps, markup is text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from analytics.charts.heat_map import heat_map
from analytics.charts.ranked_managers import ranked_managers
from analytics.charts.time_bands import ageing_bars, expiry_calendar
from analytics.charts.trend import trend

EVIL = "<b>Lab</b>"


def drawn(figure: Any) -> Any:
    return json.loads(figure.to_json())


def cell(unit: str, level: int, code: str, rate: float | None) -> dict[str, object]:
    return {
        "unit_id": unit,
        "unit_name": EVIL if unit == "LAB" else unit,
        "level": level,
        "requirement": code,
        "people": 4,
        "compliant_or_expiring": 2,
        "overdue_or_expired": 1,
        "strict_rate": rate,
    }


def test_the_heat_map_has_the_area_and_what_is_right_below_it() -> None:
    rows = [
        cell("ACME", 0, "FIRE", 0.5),
        cell("ACME", 0, "HAZ", 1.0),
        cell("LAB", 1, "FIRE", None),
        cell("DEEP", 2, "FIRE", 0.0),
    ]
    figure = drawn(heat_map(rows))
    (trace,) = figure["data"]
    assert trace["y"] == ["ACME", "LAB"]
    assert trace["x"] == ["FIRE", "HAZ"]
    assert trace["z"] == [[0.5, 1.0], [None, None]]
    assert trace["customdata"] == [["ACME", "ACME"], ["LAB", "LAB"]]
    assert figure["layout"]["yaxis"]["ticktext"] == ["ACME", "&lt;b&gt;Lab&lt;/b&gt;"]
    assert "&lt;b&gt;" in trace["hovertext"][1][0]


def test_ageing_stacks_overdue_and_expired_over_all_bands() -> None:
    rows = [
        {"age_band": "1-7", "overdue": 0, "expired": 2},
        {"age_band": ">90", "overdue": 3, "expired": 0},
    ]
    figure = drawn(ageing_bars(rows))
    assert [(t["name"], t["y"], t["text"]) for t in figure["data"]] == [
        ("Overdue", [0, 3], ["", "3"]),
        ("Expired", [2, 0], ["2", ""]),
    ]
    assert figure["layout"]["barmode"] == "stack"


def test_the_calendar_has_each_day_in_its_week() -> None:
    rows: list[dict[str, object]] = [
        {"expires_at": date(2026, 7, 3), "pairs": 2},  # a Friday
        {"expires_at": date(2026, 7, 13), "pairs": 1},  # a Monday, two weeks on
    ]
    (trace,) = drawn(expiry_calendar(rows))["data"]
    assert trace["x"] == ["2026-06-29", "2026-07-06", "2026-07-13"]
    assert trace["z"][4] == [2, None, None]
    assert trace["z"][0] == [None, None, 1]
    assert sum(value or 0 for line in trace["z"] for value in line) == 3


def test_the_trend_marks_each_reorganisation_and_keeps_gaps() -> None:
    rows: list[dict[str, object]] = [
        {"as_of": date(2026, 5, 31), "reorganised": None}
        | {"strict_rate": None, "rate_low": None, "rate_high": None, "due_rate": None}
        | {"on_time_rate": None},
        {"as_of": date(2026, 6, 30), "reorganised": f"{EVIL} moved"}
        | {"strict_rate": 0.5, "rate_low": 0.2, "rate_high": 0.8, "due_rate": 0.6}
        | {"on_time_rate": 0.7},
    ]
    figure = drawn(trend(rows))
    lines = {trace["name"]: trace for trace in figure["data"] if "name" in trace}
    assert lines["Strict rate"]["y"] == [None, 0.5]
    assert lines["Strict rate"]["connectgaps"] is False
    assert lines["On-time rate"]["y"] == [None, 0.7]
    (shape,) = figure["layout"]["shapes"]
    assert shape["x0"] == "2026-06-30"
    (mark,) = figure["layout"]["annotations"]
    assert mark["hovertext"] == "&lt;b&gt;Lab&lt;/b&gt; moved"


def manager(name: str | None, rate: float | None, below: int) -> dict[str, object]:
    return {
        "manager_id": name,
        "name": name and EVIL,
        "people": 2,
        "pairs": 4,
        "overdue": 1,
        "expired": 0,
        "strict_rate": rate,
        "rate_low": rate and rate - 0.1,
        "rate_high": rate and rate + 0.1,
        "people_below": below,
        "strict_rate_below": rate,
    }


def test_managers_stand_in_their_order_and_those_without_a_rate_not_at_all() -> None:
    rows = [manager("M1", 0.5, 2), manager(None, 0.75, 6), manager("M2", None, 2)]
    figure = drawn(ranked_managers(rows))
    direct, below = figure["data"]
    assert direct["y"] == ["M1", "nobody"]
    assert direct["x"] == [0.5, 0.75]
    assert below["x"] == [None, 0.75]  # the same people are not shown twice
    assert figure["layout"]["yaxis"]["ticktext"] == [
        "&lt;b&gt;Lab&lt;/b&gt;",
        "No manager",
    ]


def test_nothing_is_drawn_as_nothing() -> None:
    for chart in (heat_map, ageing_bars, expiry_calendar, trend, ranked_managers):
        assert drawn(chart([]))["data"]
