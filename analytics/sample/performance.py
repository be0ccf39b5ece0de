"""Monthly performance figures in which a training has a known true effect.

figure = level of the team + ability of the person + season + trend
         + shock of the team in the month + noise + effect of the training

The shocks follow each other (AR(1)), so errors have to be clustered by team. Treated
teams were the keen ones: they start TREATED_LEAD higher, so that comparing arms after
the roll-out alone is biased; their trend is the same, so that difference in
differences is not. The effect is the same for everybody and every month.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from analytics.sample.history import Workforce
from analytics.sample.moments import Window, last_of_month
from analytics.sample.people import Person

EFFECT = 1.8
TREATED_LEAD = 1.5
METRIC = "tickets_per_day"
PLACEBO = "first_time_right"
PLACEBO_UNITS = ("OPS-CARE", "OPS-TECH")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one person and month."""

    employee_id: str
    metric: str
    start: date
    end: date
    value: float
    unit: str


def figures(
    force: Workforce, span: Window, trained: set[str], seed: int
) -> Iterator[Figure]:
    """Yield the figures of everyone in an operational team, person by person.

    Only months worked from the first day to the last in one team have a figure.
    ``first_time_right`` is a second figure, on which the training has no effect.
    """
    rng = random.Random(f"{seed}:performance")
    level, shocks = _teams(force, span, rng)
    for person in force.people:
        for index, month in enumerate(span.months):
            last = last_of_month(month)
            team = _team(person, month, last)
            if team not in level:
                continue
            value = level[team] + person.ability + shocks[team][index]
            value += 0.9 * math.sin(2 * math.pi * (month.month - 2) / 12) + 0.05 * index
            value += rng.gauss(0, 2.0)
            if month >= span.effect_from and person.id in trained:
                value += EFFECT
            yield Figure(
                person.id, METRIC, month, last, round(max(value, 0), 2), "tickets/day"
            )
            if force.units[team].parent in PLACEBO_UNITS:
                right = 78 + person.ability - 3 * shocks[team][index]
                right = min(100, right + rng.gauss(0, 5))
                yield Figure(
                    person.id, PLACEBO, month, last, round(right, 1), "percent"
                )


def _teams(
    force: Workforce, span: Window, rng: random.Random
) -> tuple[dict[str, float], dict[str, list[float]]]:
    level: dict[str, float] = {}
    shocks: dict[str, list[float]] = {}
    for unit in force.units.values():
        if not unit.arm:
            continue
        lead = TREATED_LEAD if unit.arm == "treated" else 0.0
        level[unit.id] = 19 + lead + rng.gauss(0, 0.8)
        shock = rng.gauss(0, 0.3)
        shocks[unit.id] = []
        for _ in span.months:
            shock = 0.3 * shock + rng.gauss(0, 0.3)
            shocks[unit.id].append(shock)
    return level, shocks


def _team(person: Person, first: date, last: date) -> str:
    """Return the unit somebody worked in from the first to the last day, or none."""
    stint = person.at(first)
    if stint is None or stint.status != "active":
        return ""
    if stint.worker_type not in ("employee", "contractor"):
        return ""
    now = person.at(last)
    if (
        now is None
        or now.unit != stint.unit
        or now.status not in ("active", "terminated")
    ):
        return ""
    inside = [s for s in person.stints if first < s.start <= last]
    return "" if any(s.status == "leave" for s in inside) else stint.unit
