"""The months of a trend are the same read together as each of them alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from analytics.reports import monthly
from analytics.reports.reports import Reports

TREND = "compliance_trend"
DAYS = {"company": date(2026, 6, 30), "scope": date(2026, 6, 30)}
ASKED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("company", {}, {}),
    ("company", {"unit": "SOUTH"}, {}),
    ("company", {"unit": "NORTH"}, {"requirement": "HAZ-01"}),
    ("company", {}, {"requirement": "HAZ-01"}),
    ("company", {}, {"location": "LNZ", "job": "WK"}),
    ("company", {}, {"manager": "M1", "worker_type": "employee"}),
    ("company", {"person": "E2"}, {}),
    ("company", {"person": "E2"}, {"requirement": "HAZ-01"}),
    ("scope", {"scope_unit": "OPS"}, {}),
    ("scope", {"scope_unit": "OPS", "unit": "SOUTH"}, {}),
]


@pytest.mark.parametrize(("of", "given", "parameters"), ASKED)
def test_months_together_are_the_months_alone(
    world: Callable[[str], Reports],
    monkeypatch: pytest.MonkeyPatch,
    of: str,
    given: dict[str, Any],
    parameters: dict[str, str],
) -> None:
    alone: list[bool] = []
    ask = monthly.ask

    def noting(at_hand: Any, query: Any, asked: Any, page: Any) -> Any:
        alone.append(len(asked.points) == 2)
        return ask(at_hand, query, asked, page)

    monkeypatch.setattr(monthly, "ask", noting)
    kept = world(of)
    results = [
        reports.run(
            TREND,
            "default",
            as_of=DAYS[of],
            parameters={"months": "7", **parameters},
            **given,
        )
        for reports in (kept, replace(kept, standings=None))
    ]
    together, apart = (result.rows for result in results)
    assert alone == [False] + [True] * 7
    assert together
    assert together == apart
    assert results[0].columns == results[1].columns
    assert [row["as_of"] for row in together] == sorted(
        row["as_of"] for row in together
    )
