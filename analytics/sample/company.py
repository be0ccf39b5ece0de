"""The sample company as a whole: one call writes all its files.

The order of the parts is fixed and each draws from its own seeded generator, so that
a change in one leaves the others as they were.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics.sample import history, performance, writing
from analytics.sample.actors import account_of
from analytics.sample.behaviour import CUSTOMER_CONVERSATIONS
from analytics.sample.exemptions import exemptions
from analytics.sample.history import Workforce
from analytics.sample.learning import learn
from analytics.sample.managers import head_on
from analytics.sample.moments import Window, window
from analytics.sample.organisation import build_units
from analytics.sample.sending import send, shares

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SampleFiles:
    """Where the files are, and how much is in them (as in answers.json)."""

    folder: Path
    workforce: Path
    kpi: Path
    exemptions: Path
    statements: Path
    answers: Path
    counts: dict[str, Any]


def generate(
    folder: Path,
    *,
    seed: int = 2026,
    end: date,
    people: int = 2000,
    months: int = 24,
    statements: int = 60_000,
    progress: Progress | None = None,
) -> SampleFiles:
    """Write the sample company into a folder and return its files.

    ``end`` is the last day: every Statement lies before its 00:00Z, every row of the
    workforce file and every figure on an earlier day. ``statements`` counts the lines,
    repeated ones included. ``progress`` is called with (done, of); making and writing
    a line are a step each. The same arguments give the same bytes.
    Raises ValueError where the sizes do not hold the company's 18 to 40 units.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda done, total: None)
    span = window(end, months)
    units = build_units(people, random.Random(f"{seed}:units"))
    force = history.build(units, people, span, seed)
    first, _, _ = shares(statements)
    learnt = learn(force, span, first, seed, lambda done: tell(done, 2 * statements))
    clerk = next(
        p for p in force.people if p.id == head_on(force.heads, "COR-PEOPLE", end)
    )
    clerk_account = account_of(clerk)
    rng = random.Random(f"{seed}:sending")
    sent = send(learnt.bundles, clerk_account, statements, span.limit, rng)
    files = {
        "workforce": folder / "workforce.csv",
        "kpi": folder / "kpi.csv",
        "exemptions": folder / "exemptions.csv",
        "statements": folder / "statements.ndjson.gz",
        "answers": folder / "answers.json",
    }
    kpi = performance.figures(force, span, set(learnt.trained), seed)
    counts: dict[str, Any] = {
        "people": len(force.people),
        "units": len(units),
        "workforce_rows": writing.write_workforce(files["workforce"], force),
        "kpi_rows": writing.write_figures(files["kpi"], kpi),
        "exemptions": writing.write_exemptions(
            files["exemptions"], exemptions(force, span, seed)
        ),
        **sent.counts,
    }
    writing.write_statements(
        files["statements"],
        sent.lines,
        lambda done: tell(statements + done, 2 * statements),
    )
    answers = {
        "seed": seed,
        "end": end.isoformat(),
        "months": months,
        "counts": counts,
        "true_effect": _true_effect(force, span, learnt.trained),
    }
    writing.write_answers(files["answers"], answers)
    return SampleFiles(folder=folder, counts=counts, **files)


def _true_effect(force: Workforce, span: Window, trained: list[str]) -> dict[str, Any]:
    arms: dict[str, list[str]] = {"treated": [], "comparison": []}
    for unit in force.units.values():
        if unit.arm:
            arms[unit.arm].append(unit.id)
    return {
        "metric": performance.METRIC,
        "activity": CUSTOMER_CONVERSATIONS,
        "rollout": span.rollout.isoformat(),
        "effect_from": span.effect_from.isoformat(),
        "effect": performance.EFFECT,
        "unit": "tickets/day",
        "metric_without_effect": performance.PLACEBO,
        "treated_units": arms["treated"],
        "comparison_units": arms["comparison"],
        "treated_people": trained,
    }
