"""The effect of a training: from the panel of the .sql file to an estimate.

What is compared is named beforehand, in config/effects.toml: the activity rolled out
and the performance figure looked at. The same rows give the monthly means for the
chart and the estimate with its assumptions.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.reports.result import ReportMeta, ReportResult
from lrs.errors import BadRequest

REPORTS = frozenset({"training_effect", "training_effect_by_month"})
SMALL_CELL = 10  # people: the mean of fewer would tell of single ones
_MONTH_COLUMNS = ["month", "arm", "people", "mean_value"]


@dataclass(frozen=True, slots=True)
class EffectPlan:
    """What an effect is asked of: the course rolled out and the figure."""

    title: str
    activity: str
    metric: str
    unit: str


def plan(path: Path, given: Mapping[str, str]) -> EffectPlan:
    """Return the plan that the parameters name, or the first of the file.

    Raises BadRequest where there is none, or where only one of activity and metric
    is given.
    """
    if ("activity" in given) != ("metric" in given):
        raise BadRequest("Give activity and metric together, or neither.")
    try:
        plans = [
            EffectPlan(
                title=item["title"],
                activity=item["activity"],
                metric=item["metric"],
                unit=item.get("unit", ""),
            )
            for item in tomllib.loads(path.read_text(encoding="utf-8"))["effect"]
        ]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError):
        if not given.get("activity"):
            raise BadRequest(
                f"{path.name} names no effect; it needs [[effect]] with title, "
                "activity and metric (LRS_EFFECTS_FILE)."
            ) from None
        plans = []
    if "activity" in given:
        return EffectPlan(given["metric"], given["activity"], given["metric"], "")
    if not plans:
        raise BadRequest(f"{path.name} names no effect.")
    return plans[0]


def finish(
    name: str, panel: pa.Table, asked: EffectPlan, meta: ReportMeta
) -> ReportResult:
    """Return the report: the estimate as one row, or the means by month.

    Raises EffectRefused (400) for ``training_effect`` where a group is too small.
    """
    # Imported at first use: statsmodels takes 190 MB.
    from analytics.effects.did import difference_in_differences
    from analytics.effects.estimate import EffectRefused
    from analytics.effects.panel import PanelRow

    rows: list[dict[str, Any]] = panel.to_pylist()
    roll_out: date | None = rows[0]["rollout"] if rows else None
    extra: dict[str, object] = {
        "roll_out": roll_out,
        "outcome": asked.title,
        "unit": asked.unit,
        "estimate": None,
    }
    try:
        estimate = difference_in_differences(
            [
                PanelRow(
                    person=row["person_id"],
                    outcome=row["value"],
                    treated=row["treated"],
                    post=row["post"],
                    cluster=row["unit_id"],
                    period=row["month"],
                )
                for row in rows
            ]
        )
    except EffectRefused as refused:
        if name == "training_effect":
            raise
        extra["refusal"] = refused.message
    else:
        extra["estimate"] = estimate
        if name == "training_effect":
            found = {
                "title": asked.title,
                "activity": asked.activity,
                "metric": asked.metric,
                "roll_out": roll_out,
                **estimate.as_json(),
            }
            return ReportResult(list(found), [found], meta, extra)
    return ReportResult(_MONTH_COLUMNS, _by_month(rows), meta, extra)


def _by_month(rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    """Return the means; those of small groups are left out, with their count."""
    values: dict[tuple[date, str], list[float]] = defaultdict(list)
    for row in rows:
        arm = "trained" if row["treated"] else "comparison"
        values[row["month"], arm].append(row["value"])
    return [
        {
            "month": month,
            "arm": arm,
            "people": len(found) if len(found) >= SMALL_CELL else None,
            "mean_value": sum(found) / len(found) if len(found) >= SMALL_CELL else None,
        }
        for (month, arm), found in sorted(values.items())
    ]
